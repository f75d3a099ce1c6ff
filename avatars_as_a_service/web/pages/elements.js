/** Makes, finds and changes elements without parsing HTML. */

/** The element with this id. */
export const byId = (id) => document.getElementById(id);

/** A new element with these attributes (an `on…` is a listener) and children. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value !== null && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

/** Copy text to the clipboard, and show on the button for a moment that it was copied. */
export async function copy(text, button) {
  const word = button.dataset.word ?? button.textContent;
  button.dataset.word = word;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Press Ctrl+C";
    window.prompt("Copy this:", text);
  }
  setTimeout(() => { button.textContent = word; }, 1600);
}
