// For garrison and headquarters: which units are late, by how much, since when.

import { _, formatInstant } from "./design/texts.js";
import { ago } from "./describe.js";
import { fill, h } from "./design/elements.js";

/** @typedef {import("./types.js").Workload} Workload */

/**
 * @param {HTMLElement} place
 * @param {import("./model.js").Desk} desk
 */
export function showUnits(place, desk) {
  place.hidden = false;
  const open = place.querySelector("details")?.open ?? false;
  const late = desk.workload.filter((unit) => unit.overdue);
  const names = [_("Unit"), _("Overdue"), _("The longest"), _("New"), _("Being verified"), _("Confirmed"), _("Referred")];
  const heads = names.map((name, index) => h("th", { scope: "col", class: index ? "number" : null }, name));
  const rows = desk.workload.map((unit) => row(unit, desk));
  const table = h(
    "table",
    { class: "table" },
    h("thead", {}, h("tr", {}, ...heads)),
    h("tbody", {}, ...rows),
  );
  const words = _("Units: %(late)s of %(all)s are late", { late: late.length, all: desk.workload.length });
  const scroll = h("section", { class: "table-scroll", tabindex: 0, "aria-label": _("Units") }, table);
  fill(place, h("details", { class: "card", open }, h("summary", {}, words), scroll));
}

/**
 * @param {Workload} unit
 * @param {import("./model.js").Desk} desk
 */
function row(unit, desk) {
  const since = unit.overdue_since;
  const counts = [unit.new, unit.verification, unit.confirmed, unit.referred];
  const show = () => desk.filter({ unit: `${unit.garrison}/${unit.unit}`, view: unit.overdue ? "overdue" : "todo", q: "" });
  return h(
    "tr",
    {},
    h("th", { scope: "row" }, h("button", { type: "button", class: "button button-quiet button-small", onclick: show }, unit.unit_name)),
    h("td", { class: "number" }, unit.overdue ? h("span", { class: "badge badge-error" }, String(unit.overdue)) : "0"),
    h("td", { class: "number" }, since ? h("time", { datetime: since, title: formatInstant(since) }, ago(since, Date.now())) : "–"),
    ...counts.map((count) => h("td", { class: "number" }, String(count))),
  );
}
