/** The studio: choices on one side, the picture on the other, and the address bar between two people. */
import { FEATURES, PLAIN, another, body, features, query, read, surprise } from "./choice.js";
import { byId, copy, element } from "./elements.js";
import { secretKeeper } from "./secret.js";
import { ask, own } from "./service.js";
import { LANGUAGES, snippet } from "./snippets.js";
import { clear, say, show, working } from "./stage.js";
import { tabs } from "./tabs.js";
import { dollars, duration, spoken, why } from "./words.js";

const { price, paid, model, descriptions } = document.body.dataset;
const KEY_CODES = new Set(["api_key_needed", "api_key_wrong", "api_key_revoked", "origin_not_allowed"]);
const PREVIEW_PIXELS = 512;
const SEED_PAUSE_MS = 250;
const form = byId("features");
const key = secretKeeper("key", { title: "An API key, please", label: "API key" });

const radios = (name) => [...form.elements[name]];
const values = (name) => radios(name).map((radio) => radio.value).filter(Boolean);
const allowed = (name, value) => values(name).includes(value);

let choice = read(location.search, allowed);
let drawn = null;
let needsKey = false;
let drawing = false;
let language = "HTML";

/** Take a choice over: form, address bar, picture and code follow. */
async function choose(next) {
  if (drawing) return fill();
  choice = next;
  drawn = null;
  byId("prompt").hidden = true;
  fill();
  history.replaceState(null, "", `?${query(choice)}`);
  offer();
  await preview();
}

async function preview() {
  if (choice.description !== null) {
    clear();
    const words = descriptions === "yes" ? "Say what you would like to see, then have it drawn." : why("description_needs_a_model");
    say(words, descriptions === "yes" ? "" : "failed");
    return;
  }
  const shown = choice;
  try {
    const status = await show(`avatar?${query(shown)}&size=${PREVIEW_PIXELS}`, portrait(shown), { secret: key.get() });
    if (status === "kept") say("This face is kept: it is free, for you and everybody.", "kept");
    else if (status) say(paid === "yes" ? "A sketch by the local artist. Draw it to have the real face." : "A sketch by the local artist. Draw it to keep it.");
  } catch (refusal) {
    await failed(refusal, preview);
  }
}

async function draw() {
  if (drawing) return;
  if (choice.description !== null && !choice.description.trim()) {
    byId("words").focus();
    return say("Write a description first.", "failed");
  }
  const began = performance.now();
  start(began);
  try {
    const answer = await ask("query", { method: "POST", secret: key.get(), headers: { "Content-Type": "application/json" }, body: JSON.stringify(body(choice)) });
    await tell(await answer.json(), answer.headers.get("X-Avatar-Reason"), performance.now() - began);
  } catch (refusal) {
    stop();
    await failed(refusal, draw);
  } finally {
    stop();
  }
}

async function tell(answer, reason, ms) {
  drawn = answer.provisional ? null : own(answer.data.image_url);
  byId("prompt-text").textContent = answer.prompt;
  byId("prompt").hidden = false;
  const address = drawn ?? `avatar?${query(choice)}&size=${PREVIEW_PIXELS}`;
  await show(drawn ? sized(drawn, PREVIEW_PIXELS) : address, portrait(choice), { fade: true, secret: key.get() });
  if (answer.provisional) say(`A stand-in. ${why(reason)}`, "provisional");
  else if (answer.cache_hit) say(`A hit: this face was kept already. $0, ${duration(ms)}.`, "kept");
  else say(`Drawn by ${paid === "yes" ? model : "the local artist"}${choice.description === null ? " and kept" : ""}. ${dollars(answer.cost_usd)}, ${duration(ms)}.`, "kept");
  offer();
}

/** Say why; where a key is all that lacks, ask for it and do it `again`. */
async function failed(refusal, again) {
  say(why(refusal.code, refusal.message), "failed");
  if (!KEY_CODES.has(refusal.code)) return;
  needsKey = true;
  offer();
  if (await key.ask(why(refusal.code))) await again();
}

let ticking = 0;

function start(began) {
  drawing = true;
  working(true);
  say(choice.description === null ? "Drawing. The face appears here as soon as it is there." : "Drawing your description.");
  for (const button of [byId("draw"), byId("bar-draw")]) button.setAttribute("aria-disabled", "true");
  const tick = () => { byId("draw-word").textContent = byId("bar-draw").textContent = `Drawing … ${((performance.now() - began) / 1000).toFixed(1)} s`; };
  byId("draw-price").textContent = "";
  tick();
  ticking = setInterval(tick, 100);
}

function stop() {
  clearInterval(ticking);
  drawing = false;
  working(false);
  for (const button of [byId("draw"), byId("bar-draw")]) button.removeAttribute("aria-disabled");
  label();
}

function label() {
  byId("draw-word").textContent = choice.description === null ? "Draw this face" : "Draw this";
  byId("bar-draw").textContent = choice.description === null ? "Draw this face" : "Draw this";
  byId("draw-price").textContent = paid !== "yes" ? "free" : `about ${dollars(Number(price))}${choice.description === null ? ", once" : ""}`;
}

/** The form shows the choice. */
function fill() {
  for (const name of FEATURES) for (const radio of radios(name)) radio.checked = radio.value === choice[name];
  form.elements.glasses.checked = choice.glasses;
  if (document.activeElement !== form.elements.seed) form.elements.seed.value = choice.seed;
  const tone = choice.skin_tone || "medium";
  for (const picture of form.querySelectorAll(".thumbs img")) {
    const address = `${picture.dataset.sketch}&skin_tone=${tone}`;
    if (picture.getAttribute("src") !== address) picture.setAttribute("src", address);
  }
  const inWords = choice.description !== null;
  byId("panel-features").hidden = inWords;
  byId("panel-description").hidden = !inWords;
  byId("another").disabled = inWords;
  if (inWords && byId("words").value !== choice.description) byId("words").value = choice.description;
  label();
}

/** Code and download follow the choice. */
function offer() {
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

const sized = (address, pixels) => (address.includes(".svg") ? address.replace(/\?.*/, "") : address.replace(/\?.*|$/, `?size=${pixels}`));

function portrait(face) {
  if (face.description !== null) return `A picture of: ${face.description}`;
  const said = FEATURES.filter((name) => face[name]).map((name) => `${name.replace(/_.*/, "").replace("eye", "eyes")} ${spoken(face[name]).toLowerCase()}`);
  return `Avatar: ${[...said, face.glasses ? "glasses" : "no glasses"].join(", ")}`;
}

/** The features that a seed stands for, as the service says. */
async function sow(seed) {
  if (!seed) return choose({ ...choice, seed: "" });
  try {
    const picked = await (await ask(`seeded?${new URLSearchParams({ seed })}`)).json();
    await choose({ ...PLAIN, ...picked, mood: choice.mood, variant: choice.variant, seed });
  } catch (refusal) {
    say(why(refusal.code, refusal.message), "failed");
  }
}

form.addEventListener("submit", (event) => event.preventDefault());
byId("description").addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("change", ({ target }) => {
  if (target.name === "seed") return;
  const value = target.name === "glasses" ? target.checked : target.value;
  const keepsSeed = target.name === "mood";
  choose({ ...choice, [target.name]: value, seed: keepsSeed ? choice.seed : "" });
});
let pause = 0;
form.elements.seed.addEventListener("input", ({ target }) => {
  clearTimeout(pause);
  pause = setTimeout(() => sow(target.value.trim()), SEED_PAUSE_MS);
});
byId("words").addEventListener("input", ({ target }) => choose({ ...choice, description: target.value }));
const selectWay = tabs(byId("ways"), (tab) => {
  const inWords = tab.id === "tab-description";
  if (inWords === (choice.description !== null)) return;
  choose({ ...choice, description: inWords ? byId("words").value : null });
});
byId("draw").addEventListener("click", draw);
byId("bar-draw").addEventListener("click", draw);
byId("another").addEventListener("click", () => choose(another(choice)));
byId("surprise").addEventListener("click", () => { selectWay(byId("tab-features")); choose(surprise(values)); });
byId("share").addEventListener("click", ({ currentTarget }) => copy(location.href, currentTarget));
byId("copy").addEventListener("click", ({ currentTarget }) => copy(byId("snippet").textContent, currentTarget));
byId("size").addEventListener("change", offer);
byId("format").addEventListener("change", offer);

for (const name of Object.keys(LANGUAGES)) {
  const first = name === language;
  byId("languages").append(element("button", { role: "tab", type: "button", id: `language-${name.toLowerCase()}`, "aria-controls": "code", "aria-selected": String(first), tabindex: first ? "0" : "-1" }, name));
}
tabs(byId("languages"), (tab) => { language = tab.textContent; byId("code").setAttribute("aria-labelledby", tab.id); offer(); });
new IntersectionObserver(([frame]) => { byId("bar").hidden = frame.isIntersecting; }).observe(byId("draw"));

if (choice.description !== null) selectWay(byId("tab-description"));
fill();
document.body.classList.add("ready");
offer();
if (choice.seed) sow(choice.seed);
else preview();
