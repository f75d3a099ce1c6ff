/** The dashboard: shows `GET /dashboard/data`, and refreshes it while the page is visible. */
import { chart } from "./charts.js";
import { byId, element } from "./elements.js";
import { storedSecret } from "./secret.js";
import { ask } from "./service.js";
import { dollars, errorText, number, percent } from "./texts.js";

const REFRESH_MS = 15_000;
const TOKEN_CODES = new Set(["admin_token_needed", "admin_token_wrong"]);
const STATES = { ok: "drawing", paused: "paused after failures", out_of_quota: "out of quota", trial: "making a trial call" };
const SVG = "http://www.w3.org/2000/svg";
const token = storedSecret("admin", { title: "Admin token needed", label: "Admin token" });
let data = null;
let span = 72;
let drawnCharts = [];

async function refresh() {
  try {
    data = await (await ask("dashboard/data", { secret: token.get() })).json();
    byId("problem").hidden = true;
    show();
  } catch (error) {
    await fail(error);
  }
}

async function fail(error) {
  byId("figures").hidden = !data;
  byId("as-of").textContent = data ? "These figures are out of date." : "There are no figures to show.";
  byId("problem").textContent = errorText(error.code, error.message);
  byId("problem").hidden = false;
  if (!TOKEN_CODES.has(error.code)) return;
  token.forget();
  if (await token.ask(error.message)) await refresh();
}

function show() {
  byId("figures").hidden = false;
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
      ...(sums.calls ? openCalls(sums.calls) : []),
      ...fact("Stand-ins", figure("stand_ins", sums.stand_ins, number(sums.stand_ins)))));
}

function openCalls({ waiting, under_way: underWay, possibly_paid: possiblyPaid }) {
  return [
    ...fact("Under way, waiting", figure("under_way", underWay, number(underWay)), ", ", figure("waiting", waiting, number(waiting))),
    ...fact("Possibly paid", figure("possibly_paid", possiblyPaid, number(possiblyPaid)))];
}

function cap({ window, limit_usd: limit, spent_usd: spent, reserved_usd: reserved, resets_at: resetsAt }) {
  const card = document.querySelector(`[data-budget=${window}]`);
  if (limit === null) return put(card, element("p", { class: "medium" }, "No cap"), element("p", { class: "note" }, `${dollars(spent)} spent in this window. Set AVATARS_${window.toUpperCase()}_BUDGET_USD to set a cap.`));
  const share = (amount) => (limit ? Math.min(1, amount / limit) : 1);
  const full = spent + reserved >= limit;
  put(card,
    element("p", { class: "medium" }, figure("cap_spent", spent, dollars(spent)), element("span", { class: "unit" }, ` of ${dollars(limit)}`)),
    gauge([["spent", share(spent)], ["reserved", limit ? share(reserved) : 0]], `${window} cap: ${dollars(spent)} of ${dollars(limit)} spent`, full),
    element("p", { class: "note" }, `${reserved ? `${dollars(reserved)} reserved. ` : ""}${full ? "Used up: no new face is paid for until the reset. " : ""}Resets ${day(resetsAt)}, 00:00 UTC.`));
}

function catalogue({ faces, kept, missing, price_usd: price, missing_usd: missingPrice }) {
  put(byId("catalogue"),
    element("p", { class: "medium" }, figure("kept", kept, number(kept)), element("span", { class: "unit" }, ` of ${number(faces)} kept`)),
    gauge([["spent", kept / faces]], `Catalogue: ${percent(kept / faces)} kept`, false),
    element("p", { class: "note" }, missing ? `The other ${number(missing)} would cost ` : "Complete.", missing ? figure("missing_usd", missingPrice, dollars(missingPrice)) : null, missing ? ` at ${dollars(price)} each.` : null));
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
  rows("hours", busy.map(cells), "No requests in this period.");
}

function provider({ name, model, state }, failedCalls) {
  byId("provider-state").className = `state ${state}`;
  byId("provider-state").textContent = `${name === "local" ? "The local artist" : model}: ${STATES[state] ?? state}`;
  rows("failed-calls", failedCalls.map((call) => [`${day(call.at)}, ${clock(call.at)}`, call.outcome.replaceAll("_", " "), call.model, dollars(call.cost_usd)]), "No call has failed.");
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
setInterval(() => { if (!document.hidden && !document.querySelector("dialog")) refresh(); }, REFRESH_MS);
refresh();
