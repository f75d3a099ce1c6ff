// Node's own fetch; sharp reads the picture.
import sharp from "sharp";

const [service, key] = process.argv.slice(2);
const headers = { "Content-Type": "application/json" };
const post = (body, more = {}) =>
  fetch(`${service}/query`, { method: "POST", headers: { ...headers, ...more }, body: JSON.stringify(body) });

const face = { properties: { variant: 1 } };
const miss = await (await post(face, { Authorization: `Bearer ${key}` })).json();
const hit = await (await post(face)).json();
const error = (await post({ properties: { mood: "sad" } })).status;
const picture = await fetch(hit.data.image_url);
const { width } = await sharp(await picture.arrayBuffer()).metadata();
console.log(JSON.stringify({ miss, hit, error, width }));
