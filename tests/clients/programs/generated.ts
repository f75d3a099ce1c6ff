// What openapi-typescript has generated, with openapi-fetch.
import createClient from "openapi-fetch";
import type { paths } from "./schema.js";

declare const process: { argv: string[] };
const [service, key] = process.argv.slice(2) as [string, string];
const client = createClient<paths>({ baseUrl: service });

const body = { seed: "user-17", properties: { variant: 1 } };
const miss = await client.POST("/query", { body, headers: { "X-API-Key": key } });
const hit = await client.POST("/query", { body, params: { header: { prefer: "wait=5" } } });
const refused = await client.POST("/query", { body: { properties: { mood: "sad" as "fun" } } });
const hash: string = hit.data!.data.image_hash;
const state = await client.GET("/faces/{image_hash}", { params: { path: { image_hash: hash }, query: { wait: 1 } } });
const listed = await client.GET("/faces", { params: { query: { artist: "model", variant: 1 } } });
const name = new URL(hit.data!.data.image_url).pathname.split("/").pop()!;
const picture = await client.GET("/images/{name}", { params: { path: { name } }, parseAs: "arrayBuffer" });
const found: "kept" | "drawing" | "cooldown" | "absent" = state.data!.state;
const mood: "fun" | "official" = listed.data!.faces[0]!.features.mood;
console.log(
  JSON.stringify({
    miss: miss.data,
    hit: hit.data,
    error: refused.response.status,
    problem: refused.error!.detail,
    picture: (picture.data as ArrayBuffer).byteLength,
    state: found,
    mood,
  }),
);
