/** The studio: a form for the face, the picture beside it, and a URL that shares the choice. */
import { FEATURES, OPTIONAL, PLAIN, another, body, features, query, read, surprise } from "./choice.js";
import { byId, copy, element } from "./elements.js";
import { storedSecret } from "./secret.js";
import { ask, relative } from "./service.js";
import { LANGUAGES, snippet } from "./snippets.js";
import { clear, setDrawing, setStatus, show } from "./preview.js";
import { tabs } from "./tabs.js";
import { dollars, duration, errorText, label } from "./texts.js";

const { price, paid, model, descriptions } = document.body.dataset;
const KEY_CODES = new Set(["api_key_needed", "api_key_wrong", "api_key_revoked", "origin_not_allowed"]);
const PREVIEW_PIXELS = 512;
const SEED_PAUSE_MS = 250;
const form = byId("features");
const key = storedSecret("key", { title: "API key needed", label: "API key" });

const radios = (name) => [...form.elements[name]];
const values = (name) => radios(name).map((radio) => radio.value).filter(Boolean);
const allowed = (name, value) => values(name).includes(value);
/** The features that a picture with this hair style does not show. */
const hidden = (style) => radios("hair_style").find((radio) => radio.value === style)?.dataset.hides?.split(" ") ?? [];
const shown = (face) => ({ ...face, ...Object.fromEntries(hidden(face.hair_style).map((name) => [name, ""])) });

const opened = shown(read(location.search, allowed));
let choice = { ...opened, seed: "" };
let drawn = null;
let needsKey = false;
let drawing = false;
let drawings = 0;
let pause = 0;
let picking = Promise.resolve();
let language = "HTML";

/** Make this the choice: update the form, the page's URL, the picture and the code. */
async function choose(next) {
  if (drawing) return fill();
  choice = shown(next);
  drawn = null;
  byId("prompt").hidden = true;
  fill();
  history.replaceState(null, "", `?${query(choice)}`);
  updateCode();
  await preview();
}

/** Show the choice's sketch or kept face. Once a drawing begins, the status line is the drawing's. */
async function preview() {
  if (choice.description !== null) {
    clear();
    const text = descriptions === "yes" ? "Describe the picture, then draw it." : errorText("description_needs_a_model");
    setStatus(text, descriptions === "yes" ? "" : "failed");
    return;
  }
  const before = drawings;
  try {
    const status = await show(`avatar?${query(choice)}&size=${PREVIEW_PIXELS}`, altText(choice), { secret: key.get() });
    if (drawings !== before) return;
    if (status === "kept") setStatus("This face is kept. It is free for everyone.", "kept");
    else if (status) setStatus(paid === "yes" ? "A sketch by the local artist. Draw it to get the real face." : "A sketch by the local artist. Draw it to keep it.");
  } catch (error) {
    if (drawings === before) await failed(error, preview);
  }
}

async function draw() {
  await picking;
  if (typedSeed() !== choice.seed) await chooseSeed(typedSeed());
  if (drawing || typedSeed() !== choice.seed) return;
  if (choice.description !== null && !choice.description.trim()) {
    byId("words").focus();
    return setStatus("Write a description first.", "failed");
  }
  const began = performance.now();
  start(began);
  try {
    const answer = await ask("query", { method: "POST", secret: key.get(), headers: { "Content-Type": "application/json" }, body: JSON.stringify(body(choice)) });
    await showAnswer(await answer.json(), answer.headers.get("X-Avatar-Reason"), performance.now() - began);
  } catch (error) {
    stop();
    await failed(error, draw);
  } finally {
    stop();
  }
}

async function showAnswer(answer, reason, ms) {
  drawn = answer.provisional ? null : relative(answer.data.image_url);
  byId("prompt-text").textContent = answer.prompt;
  byId("prompt").hidden = false;
  const url = drawn ?? `avatar?${query(choice)}&size=${PREVIEW_PIXELS}`;
  await show(drawn ? sized(drawn, PREVIEW_PIXELS) : url, altText(choice), { fade: true, secret: key.get() });
  if (answer.provisional) setStatus(`A stand-in. ${errorText(reason)}`, "provisional");
  else if (answer.cache_hit) setStatus(`A hit: this face was already kept. $0, ${duration(ms)}.`, "kept");
  else setStatus(`Drawn by ${paid === "yes" ? model : "the local artist"}${choice.description === null ? " and kept" : ""}. ${dollars(answer.cost_usd)}, ${duration(ms)}.`, "kept");
  updateCode();
}

/** Show the error. If the request needs an API key, ask for one and `retry`. */
async function failed(error, retry) {
  setStatus(errorText(error.code, error.message), "failed");
  if (!KEY_CODES.has(error.code)) return;
  needsKey = true;
  updateCode();
  if (await key.ask(errorText(error.code))) await retry();
}

let ticking = 0;

function start(began) {
  drawing = true;
  drawings += 1;
  setDrawing(true);
  setStatus(choice.description === null ? "Drawing. The face appears here when it is ready." : "Drawing your description.");
  for (const button of [byId("draw"), byId("bar-draw")]) button.setAttribute("aria-disabled", "true");
  const tick = () => { byId("draw-word").textContent = byId("bar-draw").textContent = `Drawing … ${((performance.now() - began) / 1000).toFixed(1)} s`; };
  byId("draw-price").textContent = "";
  tick();
  ticking = setInterval(tick, 100);
}

function stop() {
  clearInterval(ticking);
  drawing = false;
  setDrawing(false);
  for (const button of [byId("draw"), byId("bar-draw")]) button.removeAttribute("aria-disabled");
  showPrice();
}

function showPrice() {
  byId("draw-word").textContent = choice.description === null ? "Draw this face" : "Draw this";
  byId("bar-draw").textContent = choice.description === null ? "Draw this face" : "Draw this";
  byId("draw-price").textContent = paid !== "yes" ? "free" : `about ${dollars(Number(price))}${choice.description === null ? ", once" : ""}`;
}

/** Set the form to the choice. */
function fill() {
  for (const name of FEATURES) for (const radio of radios(name)) radio.checked = radio.value === choice[name];
  for (const name of OPTIONAL) form.querySelector(`[data-feature=${name}]`).disabled = hidden(choice.hair_style).includes(name);
  form.elements.glasses.checked = choice.glasses;
  if (document.activeElement !== form.elements.seed) form.elements.seed.value = choice.seed;
  const tone = choice.skin_tone || "medium";
  for (const picture of form.querySelectorAll(".thumbs img")) {
    const url = `${picture.dataset.sketch}&skin_tone=${tone}`;
    if (picture.getAttribute("src") !== url) picture.setAttribute("src", url);
  }
  const byDescription = choice.description !== null;
  byId("panel-features").hidden = byDescription;
  byId("panel-description").hidden = !byDescription;
  byId("another").disabled = byDescription;
  if (byDescription && byId("words").value !== choice.description) byId("words").value = choice.description;
  showPrice();
}

/** Update the code and the download link. */
function updateCode() {
  const size = byId("size").value;
  const [code, help] = snippet(language, { choice, size, drawn, needsKey });
  byId("snippet").textContent = code;
  byId("snippet-help").textContent = help;
  const format = byId("format").value;
  const digest = drawn && /images\/([0-9a-f]{64})/.exec(drawn);
  const download = byId("download");
  if (digest && format !== "svg") download.href = `images/${digest[1]}.${format}?size=${size}`;
  else if (choice.description === null) download.href = `avatar?${query(choice)}&size=${size}&format=${format}`;
  else download.removeAttribute("href");
  download.download = `avatar-${size}.${format}`;
}

const sized = (url, pixels) => (url.includes(".svg") ? url.replace(/\?.*/, "") : url.replace(/\?.*|$/, `?size=${pixels}`));

function altText(face) {
  if (face.description !== null) return `A picture of: ${face.description}`;
  const parts = FEATURES.filter((name) => face[name]).map((name) => `${name.replace(/_.*/, "").replace("eye", "eyes")} ${label(face[name]).toLowerCase()}`);
  return `Avatar: ${[...parts, face.glasses ? "glasses" : "no glasses"].join(", ")}`;
}

const typedSeed = () => form.elements.seed.value.trim();

/** Choose the features that the service picks for a seed, and its variant unless one is given.
 *  The choice stays as it is if the service fails, or if the form shows another seed by then. */
function chooseSeed(seed, variant = null) {
  clearTimeout(pause);
  picking = pick(seed, variant);
  return picking;
}

async function pick(seed, variant) {
  if (!seed) return void choose({ ...choice, seed: "" });
  try {
    const picked = await (await ask(`seeded?${new URLSearchParams({ seed })}`)).json();
    if (typedSeed() !== seed) return;
    const given = Object.fromEntries(["mood", ...OPTIONAL].map((name) => [name, choice[name]]));
    void choose({ ...PLAIN, ...picked, ...given, variant: variant ?? picked.variant, picked: picked.variant, seed });
  } catch (error) {
    if (typedSeed() === seed) setStatus(errorText(error.code, error.message), "failed");
  }
}

form.addEventListener("submit", (event) => event.preventDefault());
byId("description").addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("change", ({ target }) => {
  if (target.name === "seed") return;
  const value = target.name === "glasses" ? target.checked : target.value;
  const keepsSeed = target.name === "mood" || OPTIONAL.includes(target.name);
  choose({ ...choice, [target.name]: value, seed: keepsSeed ? choice.seed : "" });
});
form.elements.seed.addEventListener("input", () => {
  clearTimeout(pause);
  pause = setTimeout(() => chooseSeed(typedSeed()), SEED_PAUSE_MS);
});
byId("words").addEventListener("input", ({ target }) => choose({ ...choice, description: target.value }));
const selectTab = tabs(byId("input-tabs"), (tab) => {
  const byDescription = tab.id === "tab-description";
  if (byDescription === (choice.description !== null)) return;
  choose({ ...choice, description: byDescription ? byId("words").value : null });
});
byId("draw").addEventListener("click", draw);
byId("bar-draw").addEventListener("click", draw);
byId("another").addEventListener("click", () => choose(another(choice)));
byId("surprise").addEventListener("click", () => { selectTab(byId("tab-features")); choose(surprise(values)); });
byId("share").addEventListener("click", ({ currentTarget }) => copy(location.href, currentTarget));
byId("copy").addEventListener("click", ({ currentTarget }) => copy(byId("snippet").textContent, currentTarget));
byId("size").addEventListener("change", updateCode);
byId("format").addEventListener("change", updateCode);

for (const name of Object.keys(LANGUAGES)) {
  const first = name === language;
  byId("languages").append(element("button", { role: "tab", type: "button", id: `language-${name.toLowerCase()}`, "aria-controls": "code", "aria-selected": String(first), tabindex: first ? "0" : "-1" }, name));
}
tabs(byId("languages"), (tab) => { language = tab.textContent; byId("code").setAttribute("aria-labelledby", tab.id); updateCode(); });
new IntersectionObserver(([frame]) => { byId("bar").hidden = frame.isIntersecting; }).observe(byId("draw"));

if (choice.description !== null) selectTab(byId("tab-description"));
form.querySelector("details").open = OPTIONAL.some((name) => choice[name]);
fill();
document.body.classList.add("ready");
updateCode();
if (opened.seed) {
  form.elements.seed.value = opened.seed;
  chooseSeed(typedSeed(), new URLSearchParams(location.search).has("variant") ? opened.variant : null);
} else preview();
