// A view or a unit in numbers: how many of what, how long it takes, what is done in time.

import { fill, h, icon } from "../design/elements.js";
import { _, formatNumber } from "../design/texts.js";

const CATEGORIES_SHOWN = 6;

/** @param {any} numbers @returns {import("./filters.js").Counts} */
export function countsOf(numbers) {
  return { status: numbers.by_status, category: numbers.by_category };
}

/**
 * @param {HTMLElement} section
 * @param {HTMLElement} body
 * @param {any} numbers null: not known
 * @param {{statuses: Record<string, string>, categories: Record<string, string>}} names
 */
export function showStatistics(section, body, numbers, names) {
  section.hidden = !numbers || numbers.reports === 0;
  if (section.hidden) return;
  section.classList.add("statistics");
  const { status, category } = countsOf(numbers);
  const byStatus = Object.keys(names.statuses).map((code) => ({ code, name: names.statuses[code], count: status[code] ?? 0, symbol: `status-${code}`, mark: `status-${code}` }));
  const byCategory = Object.entries(category)
    .map(([code, count]) => ({ code, name: names.categories[code] ?? code, count, symbol: `category-${code}`, mark: "" }))
    .sort((one, other) => other.count - one.count)
    .slice(0, CATEGORIES_SHOWN);
  fill(body, figures(numbers), table(_("By status"), byStatus), table(_("Most frequent categories"), byCategory));
}

/** @typedef {{name: string, count: number, symbol: string, mark: string}} Row */

/** @param {string} caption @param {Row[]} rows */
function table(caption, rows) {
  const most = Math.max(1, ...rows.map(({ count }) => count));
  const lines = rows.filter(({ count }) => count > 0).map(({ name, count, symbol, mark }) =>
    h("tr", { class: mark || false },
      h("th", { scope: "row" }, h("span", { class: mark ? `status ${mark}` : "row-name" }, icon(symbol), h("span", {}, name))),
      h("td", {}, h("progress", { class: "bar", max: most, value: count, "aria-label": name })),
      h("td", { class: "number" }, formatNumber(count)),
    ));
  return h("table", { class: "table" }, h("caption", {}, caption), h("tbody", {}, ...lines));
}

/** @param {any} numbers */
function figures(numbers) {
  return h("dl", { class: "figures" },
    figure(_("Half are taken up within"), numbers.take_up),
    figure(_("Half are decided within"), numbers.decision),
  );
}

/** @param {string} words @param {{median_hours: number | null, n: number, share_in_time: number | null} | undefined} time */
function figure(words, time) {
  const hours = time?.median_hours;
  const value = hours === null || hours === undefined ? "–" : inWords(hours);
  const number = formatNumber(time?.n ?? 0);
  const share = time?.share_in_time ?? null;
  const known = share === null ? _("of %(number)s", { number }) : _("of %(number)s, %(share)s in time", { number, share: formatNumber(share, { style: "percent" }) });
  const more = value === "–" ? _("too few to say") : known;
  return h("div", { class: "figure" }, h("dt", {}, words), h("dd", {}, value, h("small", {}, more)));
}

/** @param {number} hours */
function inWords(hours) {
  return hours < 48
    ? formatNumber(Math.max(1, Math.round(hours)), { style: "unit", unit: "hour", unitDisplay: "short" })
    : formatNumber(Math.round((hours / 24) * 10) / 10, { style: "unit", unit: "day", unitDisplay: "short" });
}
