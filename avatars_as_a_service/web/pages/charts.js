/** Hourly charts, drawn by uPlot in the colours of the style sheet. */

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const HEIGHT = 132;
const HALF_HOUR = 1800;
const day = new Intl.DateTimeFormat("en", { day: "numeric", month: "short", timeZone: "UTC" });
const time = new Intl.DateTimeFormat("en-GB", { timeStyle: "short", timeZone: "UTC" });

/** The label of an hour: at midnight the day, otherwise the time. */
function hourLabel(seconds) {
  const hour = new Date(seconds * 1000);
  return hour.getUTCHours() ? time.format(hour) : day.format(hour);
}

/** Draw a chart in `place`. `show` formats a value; the scale ends at `top` or above. Returns a function that removes the chart. */
export function chart(place, { hours, values, kind, tint, show, top }) {
  const uPlot = globalThis.uPlot;
  const axis = { stroke: colour("muted"), grid: { stroke: colour("line"), width: 1 }, ticks: { show: false }, font: "12px Figtree, sans-serif" };
  const style = kind === "bars" ? { paths: uPlot.paths.bars({ size: [0.7, 24], radius: 0.15 }), fill: colour(tint), width: 0 } : { width: 2, spanGaps: false };
  const plot = new uPlot({
    width: place.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "UTC"),
    scales: { x: { range: (_, first, last) => [first - HALF_HOUR, last + HALF_HOUR] }, y: { range: (_, __, most) => [0, Math.max(top, 2 * Math.ceil((most ?? 0) / 2))] } },
    axes: [{ ...axis, size: 28, values: (_, marks) => marks.map(hourLabel) }, { ...axis, size: 56, splits: (_, __, least, most) => [least, (least + most) / 2, most], values: (_, marks) => marks.map(show) }],
    series: [{}, { stroke: colour(tint), points: { show: kind === "line" && hours.length < 30 }, ...style }],
  }, [hours, values], place);
  const watch = new ResizeObserver(() => plot.setSize({ width: place.clientWidth, height: HEIGHT }));
  watch.observe(place);
  return () => { watch.disconnect(); plot.destroy(); };
}
