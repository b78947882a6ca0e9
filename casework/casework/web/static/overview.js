// For garrison and headquarters: which units are late, by how much, since when; each leads to its part of the queue.

import { _, formatInstant } from "./design/texts.js";
import { Failed, get } from "./api.js";
import { byId, fill, h, icon } from "./design/elements.js";
import { duration } from "./times.js";
import { enter, repeat, showFailed } from "./session.js";

/** @typedef {import("./types.js").Workload} Workload */

const AGAIN_MS = 15_000;
/** @type {Workload[]} */
let units = [];

/** @param {Workload} unit */
function work(unit) {
  return unit.new + unit.verification + unit.confirmed + unit.referred;
}

/** @param {(unit: Workload) => number} of */
function total(of) {
  return units.reduce((sum, unit) => sum + of(unit), 0);
}

function show() {
  const lateOnly = byId("late-only").getAttribute("aria-pressed") === "true";
  const shown = lateOnly ? units.filter((unit) => unit.overdue) : units;
  showFigures();
  const focused = document.activeElement?.getAttribute("href");
  if (shown.length) fill(byId("units"), table(shown));
  else fill(byId("units"), h("div", { class: "empty" }, icon("ui-check"), h("strong", {}, _("Nobody is late."))));
  /** @type {HTMLElement | null} */ (focused ? document.querySelector(`#units a[href="${CSS.escape(focused)}"]`) : null)?.focus();
}

function showFigures() {
  const late = units.filter((unit) => unit.overdue);
  const oldest = late.map((unit) => unit.overdue_since ?? "").sort()[0];
  const figures = [
    [_("Units that are late"), _("%(late)s of %(all)s", { late: late.length, all: units.length })],
    [_("Cases overdue"), String(total((unit) => unit.overdue))],
    [_("The longest"), oldest ? howLate(oldest) : "–"],
    [_("Cases to do"), String(total(work))],
  ];
  fill(byId("figures"), ...figures.map(([name, value]) => h("div", { class: "figure" }, h("dt", {}, name), h("dd", {}, value))));
}

/** @param {string} since */
function howLate(since) {
  return duration(Math.max(0, Date.now() - new Date(since).getTime()));
}

/** @param {Workload[]} shown */
function table(shown) {
  const names = [_("Unit"), _("Overdue"), _("The longest"), _("New"), _("Being verified"), _("Confirmed"), _("Referred"), _("Contested")];
  const heads = names.map((name, index) => h("th", { scope: "col", class: index > 2 ? "number" : null }, name));
  const most = Math.max(1, ...shown.map((unit) => unit.overdue));
  const longest = Math.max(1, ...shown.map((unit) => (unit.overdue_since ? Date.now() - new Date(unit.overdue_since).getTime() : 0)));
  const rows = shown.map((unit) => row(unit, most, longest));
  const made = h("table", { class: "table overview-table" }, h("thead", {}, h("tr", {}, ...heads)), h("tbody", {}, ...rows));
  return h("section", { class: "table-scroll", tabindex: 0, "aria-label": _("Units") }, made);
}

/**
 * @param {Workload} unit
 * @param {number} most the most overdue cases a unit has
 * @param {number} longest milliseconds
 */
function row(unit, most, longest) {
  const counts = [unit.new, unit.verification, unit.confirmed, unit.referred, unit.contested];
  const since = unit.overdue_since;
  const late = since ? Date.now() - new Date(since).getTime() : 0;
  return h(
    "tr",
    {},
    h("th", { scope: "row" }, h("a", { href: queueOf(unit, unit.overdue ? "overdue" : "todo") }, unit.unit_name)),
    h("td", {}, length(unit.overdue, most, String(unit.overdue))),
    h("td", {}, since ? length(late, longest, howLate(since), _("since %(when)s", { when: formatInstant(since) })) : "–"),
    ...counts.map((count) => h("td", { class: "number" }, String(count))),
  );
}

/**
 * A number with its length beside it.
 * @param {number} value
 * @param {number} most
 * @param {string} words
 * @param {string} [more]
 */
function length(value, most, words, more = "") {
  const bar = h("progress", { class: value ? "bar bar-late" : "bar", max: most, value, "aria-hidden": "true" });
  return h("span", { class: "overview-length" }, h("strong", {}, words), bar, more ? h("small", { class: "muted" }, more) : null);
}

/** @param {Workload} unit @param {string} view */
function queueOf(unit, view) {
  return `/desk?${new URLSearchParams({ view, unit: `${unit.garrison}/${unit.unit}` })}`;
}

async function read() {
  try {
    ({ units } = /** @type {{units: Workload[]}} */ (await get("/v1/workload")));
    showFailed(null);
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    showFailed(error);
    return;
  }
  show();
}

async function start() {
  if (!(await enter())) return;
  const chip = byId("late-only");
  chip.addEventListener("click", () => {
    chip.setAttribute("aria-pressed", String(chip.getAttribute("aria-pressed") !== "true"));
    show();
  });
  repeat(AGAIN_MS, read);
}

start();
