/** A secret that the user types, stored for this tab only. */
import { element } from "./elements.js";

/** The secret stored under `name`. `title` and `label` are the texts of the dialog that asks for it. */
export function storedSecret(name, { title, label }) {
  const storageKey = `avatars.${name}`;
  return {
    get: () => sessionStorage.getItem(storageKey),
    forget: () => sessionStorage.removeItem(storageKey),
    /** Ask for the secret and show the reason. Resolves to whether the user gave one. */
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
        if (given) sessionStorage.setItem(storageKey, input.value.trim());
        dialog.remove();
        done(given);
      });
      document.body.append(dialog);
      dialog.showModal();
    }),
  };
}
