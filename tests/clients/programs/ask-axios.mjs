import axios from "axios";
import sharp from "sharp";

const [service, key] = process.argv.slice(2);
const client = axios.create({ baseURL: service, validateStatus: null });
const face = { properties: { variant: 1 } };
const miss = (await client.post("/query", face, { headers: { "X-API-Key": key } })).data;
const hit = (await client.post("/query", face)).data;
const error = (await client.post("/query", { properties: { mood: "sad" } })).status;
const picture = await client.get(hit.data.image_url, { responseType: "arraybuffer" });
const { width } = await sharp(picture.data).metadata();
console.log(JSON.stringify({ miss, hit, error, width }));
