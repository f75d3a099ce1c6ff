/** The dashboard: figures of `GET /dashboard/data`, asked for anew while the page is looked at. */
import { chart } from "./charts.js";
import { byId, element } from "./elements.js";
import { secretKeeper } from "./secret.js";
import { ask } from "./service.js";
import { dollars, number, percent, why } from "./words.js";

const EVERY_MS = 15_000;
const ASK_FOR = new Set(["admin_token_needed", "admin_token_wrong"]);
const STATES = { ok: "drawing", paused: "paused after failures", out_of_quota: "out of quota", trial: "trying again" };
const SVG = "http://www.w3.org/2000/svg";
const token = secretKeeper("admin", { title: "The admin token, please", label: "Admin token" });
let data = null;
let span = 72;
let drawnCharts = [];

async function refresh() {
  try {
    data = await (await ask("dashboard/data", { secret: token.get() })).json();
    byId("trouble").hidden = true;
    show();
  } catch (refusal) {
    await fail(refusal);
  }
}

async function fail(refusal) {
  byId("as-of").textContent = data ? "These figures are not new." : "There are no figures to show.";
  byId("trouble").textContent = why(refusal.code, refusal.message);
  byId("trouble").hidden = false;
  if (!ASK_FOR.has(refusal.code)) return;
  token.forget();
  if (await token.ask(refusal.message)) await refresh();
}

function show() {
  const { stats } = data;
  const all = { ...stats, begins_at: null };
  const [daily, monthly] = stats.budgets;
  money("today", { ...data.today, spent_usd: daily.spent_usd });
  money("month", { ...data.month, spent_usd: monthly.spent_usd });
  money("all", all);
  for (const budget of stats.budgets) cap(budget);
  catalogue(data.catalogue);
  charts();
  table();
  provider(stats.provider, data.troubles);
  byId("figures").removeAttribute("aria-busy");
  byId("as-of").textContent = `As of ${clock(data.as_of)} UTC`;
}

const figure = (name, value, text, classes = "") => element("data", { value: String(value), "data-figure": name, class: classes }, text);
const fact = (name, ...value) => [element("dt", {}, name), element("dd", {}, ...value)];

function put(card, ...parts) {
  card.replaceChildren(card.querySelector("h2"), ...parts);
}

function money(period, sums) {
  const answered = sums.hits + sums.misses;
  put(document.querySelector(`[data-period=${period}]`),
    element("p", { class: "big" }, figure("spent_usd", sums.spent_usd, dollars(sums.spent_usd)), element("span", { class: "unit" }, " spent")),
    element("p", { class: "saved" }, figure("saved_usd", sums.saved_usd, dollars(sums.saved_usd)), " saved"),
    element("dl", { class: "facts" },
      ...fact("Hit rate", answered ? percent(sums.hits / answered) : "–"),
      ...fact("Hits, misses", figure("hits", sums.hits, number(sums.hits)), ", ", figure("misses", sums.misses, number(sums.misses))),
      ...fact("Paid calls", figure("paid_calls", sums.paid_calls, number(sums.paid_calls))),
      ...fact("Stand-ins", figure("stand_ins", sums.stand_ins, number(sums.stand_ins)))));
}

function cap({ window, limit_usd: limit, spent_usd: spent, reserved_usd: reserved, resets_at: resetsAt }) {
  const card = document.querySelector(`[data-budget=${window}]`);
  if (limit === null) return put(card, element("p", { class: "medium" }, "No cap"), element("p", { class: "note" }, `${dollars(spent)} spent since it began. Set AVATARS_${window.toUpperCase()}_BUDGET_USD to have one.`));
  const share = (amount) => (limit ? Math.min(1, amount / limit) : 1);
  const full = spent + reserved >= limit;
  put(card,
    element("p", { class: "medium" }, figure("cap_spent", spent, dollars(spent)), element("span", { class: "unit" }, ` of ${dollars(limit)}`)),
    gauge([["spent", share(spent)], ["reserved", limit ? share(reserved) : 0]], `${window} cap: ${dollars(spent)} of ${dollars(limit)} spent`, full),
    element("p", { class: "note" }, `${reserved ? `${dollars(reserved)} set aside. ` : ""}${full ? "Used up: no new face is paid for until then. " : ""}Begins anew ${day(resetsAt)}, 00:00 UTC.`));
}

function catalogue({ faces, kept, missing, price_usd: price, missing_usd: rest }) {
  put(byId("catalogue"),
    element("p", { class: "medium" }, figure("kept", kept, number(kept)), element("span", { class: "unit" }, ` of ${number(faces)} kept`)),
    gauge([["spent", kept / faces]], `Catalogue: ${percent(kept / faces)} kept`, false),
    element("p", { class: "note" }, missing ? `The other ${number(missing)} would cost ` : "Complete.", missing ? figure("missing_usd", rest, dollars(rest)) : null, missing ? ` at ${dollars(price)} each.` : null));
}

function gauge(parts, label, full) {
  const drawing = document.createElementNS(SVG, "svg");
  for (const [name, value] of Object.entries({ class: `gauge${full ? " full" : ""}`, role: "img", "aria-label": label, viewBox: "0 0 100 1", preserveAspectRatio: "none" })) drawing.setAttribute(name, value);
  let from = 0;
  for (const [name, share] of parts) {
    const bar = document.createElementNS(SVG, "rect");
    const width = Math.min(100 - from, 100 * share);
    for (const [key, value] of Object.entries({ class: name, x: from, y: 0, width, height: 1 })) bar.setAttribute(key, value);
    drawing.append(bar);
    from += width;
  }
  return drawing;
}

function charts() {
  for (const remove of drawnCharts) remove();
  const shown = data.hours.slice(-span);
  const hours = shown.map((hour) => Date.parse(hour.begins_at) / 1000);
  const place = (name) => document.querySelector(`[data-chart=${name}] .plot`);
  const rate = shown.map(({ hits, misses }) => (hits + misses ? (100 * hits) / (hits + misses) : null));
  const counts = (name) => shown.map((hour) => hour[name]);
  drawnCharts = [
    chart(place("rate"), { hours, values: rate, kind: "line", tint: "good", show: (mark) => `${mark} %`, top: 100 }),
    chart(place("calls"), { hours, values: counts("paid_calls"), kind: "bars", tint: "accent", show: number, top: 4 }),
    chart(place("stand-ins"), { hours, values: counts("stand_ins"), kind: "bars", tint: "warn", show: number, top: 4 }),
  ];
}

function table() {
  const busy = data.hours.slice(-span).reverse().filter((hour) => hour.hits + hour.misses + hour.paid_calls + hour.stand_ins);
  const cells = (hour) => [`${day(hour.begins_at)}, ${clock(hour.begins_at).slice(0, 5)}`, number(hour.hits), number(hour.misses), number(hour.paid_calls), dollars(hour.spent_usd), number(hour.stand_ins)];
  rows("hours", busy.map(cells), "Nothing was asked for in this time.");
}

function provider({ name, model, state }, troubles) {
  byId("provider-state").className = `state ${state}`;
  byId("provider-state").textContent = `${name === "local" ? "The local artist" : model}: ${STATES[state] ?? state}`;
  rows("troubles", troubles.map((trouble) => [`${day(trouble.at)}, ${clock(trouble.at)}`, trouble.outcome.replaceAll("_", " "), trouble.model, dollars(trouble.cost_usd)]), "No call has failed.");
}

function rows(id, lines, nothing) {
  const table = byId(id);
  const wide = table.querySelectorAll("thead th").length;
  const made = lines.map((cells) => element("tr", {}, ...cells.map((cell) => element("td", {}, cell))));
  table.querySelector("tbody").replaceChildren(...(made.length ? made : [element("tr", {}, element("td", { class: "nothing", colspan: String(wide) }, nothing))]));
}

const day = (moment) => new Intl.DateTimeFormat("en", { day: "numeric", month: "short", timeZone: "UTC" }).format(new Date(moment));
const clock = (moment) => new Intl.DateTimeFormat("en-GB", { timeStyle: "medium", timeZone: "UTC" }).format(new Date(moment));

byId("span").addEventListener("click", ({ target }) => {
  if (!target.dataset.hours || !data) return;
  span = Number(target.dataset.hours);
  for (const button of byId("span").children) button.setAttribute("aria-pressed", String(button === target));
  charts();
  table();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => data && charts());
document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
setInterval(() => { if (!document.hidden && !document.querySelector("dialog")) refresh(); }, EVERY_MS);
refresh();
