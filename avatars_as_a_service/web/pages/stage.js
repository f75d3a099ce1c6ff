/** The stage: the large picture, and one line about it. */
import { ask } from "./service.js";
import { byId, element } from "./elements.js";

const FADE_MS = 650;
let asked = new AbortController();

/** Say something about the picture. `mood`: kept, provisional, failed or nothing. */
export function say(text, mood = "") {
  byId("status").className = `status ${mood}`;
  byId("said").textContent = text;
}

/** Fetch the picture at that address and show it; a picture asked for later is never covered by an earlier one.
 *  Returns what `X-Avatar-Status` said, or `undefined` where another was asked for meanwhile. */
export async function show(address, alt, { fade = false, secret = null } = {}) {
  asked.abort();
  asked = new AbortController();
  const { signal } = asked;
  try {
    const answer = await ask(address, { signal, secret });
    const picture = element("img", { alt, src: URL.createObjectURL(await answer.blob()), class: fade ? "coming" : "" });
    await picture.decode().catch(() => undefined);
    if (signal.aborted) return undefined;
    replace(picture, fade);
    return answer.headers.get("X-Avatar-Status") ?? "kept";
  } catch (failure) {
    if (failure.name === "AbortError") return undefined;
    throw failure;
  }
}

/** Nothing to see yet. */
export function clear() {
  asked.abort();
  for (const old of byId("frame").querySelectorAll("img")) drop(old);
  byId("blank").hidden = false;
}

/** Show that work goes on. */
export const working = (on) => byId("frame").classList.toggle("drawing", on);

function replace(picture, fade) {
  const frame = byId("frame");
  const before = [...frame.querySelectorAll("img")];
  byId("blank").hidden = true;
  frame.append(picture);
  byId("bar-picture").src = picture.src;
  const tidy = () => before.forEach(drop);
  if (fade) setTimeout(tidy, FADE_MS);
  else tidy();
}

function drop(picture) {
  picture.remove();
  setTimeout(() => URL.revokeObjectURL(picture.src), FADE_MS);
}
