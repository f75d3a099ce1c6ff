/** A secret that the user types: kept for this tab alone, and gone with it. */
import { element } from "./elements.js";

/** Keeps one under `name`; `title`, `label` are what the dialog says. */
export function secretKeeper(name, { title, label }) {
  const place = `avatars.${name}`;
  return {
    get: () => sessionStorage.getItem(place),
    forget: () => sessionStorage.removeItem(place),
    /** Ask for it, and say why. Whether one was given. */
    ask: (reason) => new Promise((done) => {
      const input = element("input", { type: "password", id: `secret-${name}`, autocomplete: "off", required: true });
      const dialog = element("dialog", { "aria-labelledby": `title-${name}` },
        element("form", { method: "dialog" },
          element("h2", { id: `title-${name}` }, title),
          element("p", {}, reason),
          element("div", {}, element("label", { for: input.id, class: "title" }, label), input),
          element("p", { class: "help" }, "It stays in this tab and is forgotten when the tab closes."),
          element("div", { class: "row" },
            element("button", { type: "button", onclick: () => dialog.close("") }, "Cancel"),
            element("button", { class: "primary", value: "given" }, "Use it"))));
      dialog.addEventListener("close", () => {
        const given = dialog.returnValue === "given" && input.value.trim() !== "";
        if (given) sessionStorage.setItem(place, input.value.trim());
        dialog.remove();
        done(given);
      });
      document.body.append(dialog);
      dialog.showModal();
    }),
  };
}
