/** The gallery: kept faces by page, and by feature. The address bar carries the filters. */
import { byId, element } from "./elements.js";
import { secretKeeper } from "./secret.js";
import { ask, own } from "./service.js";
import { number, why } from "./words.js";

const PAGE = 48;
const key = secretKeeper("key", { title: "An API key, please", label: "API key" });
const list = byId("faces");
const filters = new URLSearchParams(location.search);
let next = null;
let turn = 0;

/** Ask for the faces after `cursor`, or the first ones; what an older turn brings is thrown away. */
async function load(cursor) {
  const mine = ++turn;
  list.setAttribute("aria-busy", "true");
  byId("more").disabled = true;
  if (!cursor) list.replaceChildren(...Array.from({ length: PAGE }, () => element("li", { "aria-hidden": "true" }, element("span", { class: "ghost" }))));
  byId("empty").hidden = true;
  try {
    const asked = new URLSearchParams([...filters, ["limit", PAGE]]);
    if (cursor) asked.set("cursor", cursor);
    const page = await (await ask(`faces?${asked}`, { secret: key.get() })).json();
    if (mine === turn) show(page, cursor);
  } catch (refusal) {
    if (mine === turn) await fail(refusal, cursor);
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
  byId("empty-text").textContent = filtered ? "Nobody has had a face with these features drawn. Be the first." : "The first one that is drawn shows up here.";
  byId("empty-link").textContent = filtered ? "Make this face" : "Make a face";
  byId("empty-link").href = `./?${filters}`;
  byId("empty").hidden = false;
}

async function fail(refusal, cursor) {
  if (!cursor) list.replaceChildren();
  next = cursor;
  settle();
  byId("note").textContent = why(refusal.code, refusal.message);
  byId("more").hidden = false;
  byId("more").textContent = "Try again";
  if (refusal.code?.startsWith("api_key") && (await key.ask(why(refusal.code)))) await load(cursor);
}

function cell(face) {
  const said = Object.entries(face.features).filter(([, value]) => value !== null && value !== false && value !== 0);
  const words = said.map(([name, value]) => (value === true ? name : `${name.replace(/_.*/, "")} ${value}`)).join(", ");
  const address = own(face.image_url);
  const picture = element("img", { src: key.get() ? null : address, alt: words, width: "256", height: "256", loading: "lazy", decoding: "async" });
  if (key.get()) unlock(picture, address);
  return element("li", {}, element("a", { href: `./?${new URLSearchParams(said)}` }, picture));
}

/** Where nothing is public, a picture comes with the key alone, which an address cannot carry. */
async function unlock(picture, address) {
  const answer = await ask(address, { secret: key.get() });
  picture.src = URL.createObjectURL(await answer.blob());
  picture.onload = () => URL.revokeObjectURL(picture.src);
}

/** The filters show what the address bar says; what is unknown there is dropped. */
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
