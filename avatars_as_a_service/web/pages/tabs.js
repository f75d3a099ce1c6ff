/** Tabs with the keys that screen readers expect. */

/** Make a tab list work. `selected(tab)` is called at each change. Returns a function that selects a tab. */
export function tabs(list, selected) {
  const all = () => [...list.querySelectorAll("[role=tab]")];
  const select = (tab) => {
    for (const each of all()) {
      each.setAttribute("aria-selected", String(each === tab));
      each.tabIndex = each === tab ? 0 : -1;
    }
    selected(tab);
  };
  list.addEventListener("click", (event) => {
    const tab = event.target.closest("[role=tab]");
    if (tab) select(tab);
  });
  list.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const last = all().length - 1;
    const place = all().indexOf(document.activeElement);
    const next = step ? (place + step + last + 1) % (last + 1) : { Home: 0, End: last }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    all()[next].focus();
    select(all()[next]);
  });
  return select;
}
