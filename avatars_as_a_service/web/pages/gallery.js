/** The gallery: kept faces page by page, filtered by features. The page's URL holds the filters. */
import { byId, element } from "./elements.js";
import { storedSecret } from "./secret.js";
import { ask, relative } from "./service.js";
import { errorText, number } from "./texts.js";

const PAGE = 48;
const key = storedSecret("key", { title: "API key needed", label: "API key" });
const list = byId("faces");
const filters = new URLSearchParams(location.search);
let next = null;
let loads = 0;

/** Load the faces after `cursor`, or the first ones. The answer is dropped if another load has begun meanwhile. */
async function load(cursor) {
  const mine = ++loads;
  list.setAttribute("aria-busy", "true");
  byId("more").disabled = true;
  if (!cursor) list.replaceChildren(...Array.from({ length: PAGE }, () => element("li", { "aria-hidden": "true" }, element("span", { class: "ghost" }))));
  byId("empty").hidden = true;
  try {
    const parameters = new URLSearchParams([...filters, ["limit", PAGE]]);
    if (cursor) parameters.set("cursor", cursor);
    const page = await (await ask(`faces?${parameters}`, { secret: key.get() })).json();
    if (mine === loads) show(page, cursor);
  } catch (error) {
    if (mine === loads) await fail(error, cursor);
  }
}

function show(page, cursor) {
  const cells = page.faces.map(cell);
  if (cursor) list.append(...cells);
  else list.replaceChildren(...cells);
  next = page.next;
  settle();
  const count = list.children.length;
  byId("note").textContent = count ? `${number(count)} ${count === 1 ? "face" : "faces"} shown${next ? ", there are more" : ""}.` : "";
  if (cursor) cells[0]?.querySelector("a").focus({ preventScroll: true });
  if (!count) empty();
}

function settle() {
  list.removeAttribute("aria-busy");
  byId("more").hidden = !next;
  byId("more").disabled = false;
}

function empty() {
  const filtered = [...filters].length > 0;
  byId("empty-title").textContent = filtered ? "No such face yet" : "No face is kept yet";
  byId("empty-text").textContent = filtered ? "No face with these features has been drawn yet. Draw the first one." : "Faces appear here once they are drawn.";
  byId("empty-link").textContent = filtered ? "Make this face" : "Make a face";
  byId("empty-link").href = `./?${filters}`;
  byId("empty").hidden = false;
}

async function fail(error, cursor) {
  if (!cursor) list.replaceChildren();
  next = cursor;
  settle();
  byId("note").textContent = errorText(error.code, error.message);
  byId("more").hidden = false;
  byId("more").textContent = "Try again";
  if (error.code?.startsWith("api_key") && (await key.ask(errorText(error.code)))) await load(cursor);
}

function cell(face) {
  const given = Object.entries(face.features).filter(([, value]) => value !== null && value !== false && value !== 0);
  const description = given.map(([name, value]) => (value === true ? name : `${name.replace(/_.*/, "")} ${value}`)).join(", ");
  const url = relative(face.image_url);
  const picture = element("img", { src: key.get() ? null : url, alt: description, width: "256", height: "256", loading: "lazy", decoding: "async" });
  if (key.get()) loadWithKey(picture, url);
  return element("li", {}, element("a", { href: `./?${new URLSearchParams(given)}` }, picture));
}

/** Load a picture in private mode: it needs the API key, which an image's URL cannot carry. */
async function loadWithKey(picture, url) {
  const answer = await ask(url, { secret: key.get() });
  picture.src = URL.createObjectURL(await answer.blob());
  picture.onload = () => URL.revokeObjectURL(picture.src);
}

/** Set the form to the filters in the page's URL. Unknown filters are dropped. */
function fill() {
  for (const name of [...filters.keys()]) {
    const select = byId("filters").elements[name];
    if (select) select.value = filters.get(name);
    if (!select?.value) filters.delete(name);
  }
}

byId("filters").addEventListener("change", ({ target }) => {
  if (target.value) filters.set(target.name, target.value);
  else filters.delete(target.name);
  history.replaceState(null, "", [...filters].length ? `?${filters}` : "gallery");
  load(null);
});
byId("more").addEventListener("click", () => { byId("more").textContent = "Show more"; load(next); });

fill();
load(null);
