/** Code to copy for the chosen face. */
import { body, features, query, seeded } from "./choice.js";
import { base } from "./service.js";

const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;
const inHtml = (text) => text.replaceAll("&", "&amp;").replaceAll('"', "&quot;");

/** By the name of its tab: the code and a note about it. */
export const LANGUAGES = {
  HTML: (face) => [`<img src="${inHtml(face.url)}"\n     alt="Avatar" width="${face.size}" height="${face.size}">`, face.note],
  Markdown: (face) => [`![Avatar](${face.url})`, face.note],
  React: (face) => [`export function Avatar() {\n  return (\n    <img\n      src=${JSON.stringify(face.url)}\n      alt="Avatar" width={${face.size}} height={${face.size}} />\n  );\n}`, face.note],
  curl: (face) => [`curl -s ${base}/query${face.secret} \\\n  -H 'Content-Type: application/json' \\\n  -d ${quoted(JSON.stringify(body(face.choice)))}`, "Draws the face if it is not kept yet, and answers with its URL. Asking again is free."],
  Python: (face) => [`import httpx\n\nanswer = httpx.post(\n    "${base}/query",\n    json=${python(body(face.choice))},${face.secret ? '\n    headers={"Authorization": "Bearer YOUR_KEY"},' : ""}\n    timeout=180,\n)\nprint(answer.json()["data"]["image_url"])`, "Draws the face if it is not kept yet, and answers with its URL. Asking again is free."],
  Signed: (face) => [face.choice.description === null ? `avatars sign${options(face.choice)} --size ${face.size} \\\n  --base-url ${base}` : "# A description has no URL that can be signed.", "Run this where the service runs, with AVATARS_SIGNING_KEY set. It prints a signed URL. When that URL is first opened, the face is drawn, once."],
};

/** The code in this language and the note about it. `drawn` is the picture's URL once it is drawn. */
export function snippet(language, { choice, size, drawn, needsKey }) {
  const isFace = choice.description === null;
  const url = isFace ? `${base}/avatar?${query(choice)}&size=${size}` : drawn ? `${base}/${drawn}` : `${base}/images/…`;
  const note = isFace
    ? "Shows the kept face, or a stand-in by the local artist. This URL never pays; for one that has the face drawn, see “Signed”."
    : drawn ? "The picture's URL. It never changes." : "Draw the picture first. Then its URL is shown here.";
  const secret = needsKey ? " \\\n  -H 'Authorization: Bearer YOUR_KEY'" : "";
  return LANGUAGES[language]({ choice, size, url, note, secret });
}

function options(choice) {
  const chosen = choice.seed ? seeded(choice) : features(choice);
  return Object.entries(chosen)
    .map(([name, value]) => (value === true ? ` --${name}` : ` --${name.replace("_", "-")} ${/^[\w-]+$/.test(value) ? value : quoted(String(value))}`))
    .join("");
}

function python(value) {
  return JSON.stringify(value, null, 4).replaceAll(/: true/g, ": True").replaceAll("\n", "\n    ");
}
