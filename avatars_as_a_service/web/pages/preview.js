/** The preview: the large picture, and a status line about it. */
import { ask } from "./service.js";
import { byId, element } from "./elements.js";

const FADE_MS = 650;
let request = new AbortController();

/** Set the status line. `state`: `kept`, `provisional`, `failed` or nothing. */
export function setStatus(text, state = "") {
  byId("status").className = `status ${state}`;
  byId("status-text").textContent = text;
}

/** Fetch the picture at this URL and show it, unless a later call was made meanwhile.
 *  Returns the value of `X-Avatar-Status`, or `undefined` after a later call. */
export async function show(url, alt, { fade = false, secret = null } = {}) {
  request.abort();
  request = new AbortController();
  const { signal } = request;
  try {
    const answer = await ask(url, { signal, secret });
    const picture = element("img", { alt, src: URL.createObjectURL(await answer.blob()), class: fade ? "coming" : "" });
    await picture.decode().catch(() => undefined);
    if (signal.aborted) return undefined;
    replace(picture, fade);
    return answer.headers.get("X-Avatar-Status") ?? "kept";
  } catch (failure) {
    if (signal.aborted) return undefined;
    throw failure;
  }
}

/** Remove the picture, and show the blank frame. */
export function clear() {
  request.abort();
  for (const old of byId("frame").querySelectorAll("img")) drop(old);
  byId("blank").hidden = false;
}

/** Show or hide that a drawing is under way. */
export const setDrawing = (on) => byId("frame").classList.toggle("drawing", on);

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
