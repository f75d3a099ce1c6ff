/** Snippets: code to copy for the face that is chosen. */
import { body, features, query } from "./choice.js";
import { base } from "./service.js";

const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;
const inHtml = (text) => text.replaceAll("&", "&amp;").replaceAll('"', "&quot;");

/** In this order: the tab's name, the code, and what to know about it. `drawn` is the picture of a description. */
export const LANGUAGES = {
  HTML: (face) => [`<img src="${inHtml(face.address)}"\n     alt="Avatar" width="${face.size}" height="${face.size}">`, face.note],
  Markdown: (face) => [`![Avatar](${face.address})`, face.note],
  React: (face) => [`export function Avatar() {\n  return (\n    <img\n      src=${JSON.stringify(face.address)}\n      alt="Avatar" width={${face.size}} height={${face.size}} />\n  );\n}`, face.note],
  curl: (face) => [`curl -s ${base}/query${face.secret} \\\n  -H 'Content-Type: application/json' \\\n  -d ${quoted(JSON.stringify(body(face.choice)))}`, "Draws the face if it is not kept yet, and answers with its address. Asking again is free."],
  Python: (face) => [`import httpx\n\nanswer = httpx.post(\n    "${base}/query",\n    json=${python(body(face.choice))},${face.secret ? '\n    headers={"Authorization": "Bearer YOUR_KEY"},' : ""}\n    timeout=180,\n)\nprint(answer.json()["data"]["image_url"])`, "Draws the face if it is not kept yet, and answers with its address. Asking again is free."],
  Signed: (face) => [face.choice.description === null ? `avatars sign${options(face.choice)} --size ${face.size} \\\n  --base-url ${base}` : "# A description has no address that could be signed.", "Run it where the service runs, with AVATARS_SIGNING_KEY set: it prints an address that has the face drawn, once, when it is first opened. This page signs nothing."],
};

/** The code in that language. */
export function snippet(language, { choice, size, drawn, needsKey }) {
  const isFace = choice.description === null;
  const address = isFace ? `${base}/avatar?${query(choice)}&size=${size}` : drawn ? `${base}/${drawn}` : `${base}/images/…`;
  const note = isFace
    ? "Shows the kept face, else a stand-in by the local artist. It never pays; for an address that has the face drawn see “Signed”."
    : drawn ? "The picture's own address; it never changes." : "Draw it first: then its address stands here.";
  const secret = needsKey ? " \\\n  -H 'Authorization: Bearer YOUR_KEY'" : "";
  return LANGUAGES[language]({ choice, size, address, note, secret });
}

function options(choice) {
  const said = choice.seed ? { mood: choice.mood, seed: choice.seed, ...(choice.variant ? { variant: choice.variant } : {}) } : features(choice);
  return Object.entries(said)
    .map(([name, value]) => (value === true ? ` --${name}` : ` --${name.replace("_", "-")} ${/^[\w-]+$/.test(value) ? value : quoted(String(value))}`))
    .join("");
}

function python(value) {
  return JSON.stringify(value, null, 4).replaceAll(/: true/g, ": True").replaceAll("\n", "\n    ");
}
