// The top of the desk: who is signed in, views with their counts, filters, search.

import { _ } from "./design/texts.js";
import { byId, fill, h } from "./design/elements.js";
import { categoryName, page, statusName } from "./page.js";

/** @typedef {import("./model.js").Desk} Desk */

/**
 * The views, each with how many cases wait there.
 * @param {Desk} desk
 */
export function showViews(desk) {
  const total = (/** @type {(unit: import("./types.js").Workload) => number} */ of) =>
    desk.workload.reduce((sum, unit) => sum + of(unit), 0);
  const todo = total((unit) => unit.new + unit.verification + unit.confirmed + unit.referred + unit.contested);
  /** @type {[string, string, number | null][]} */
  const views = [
    ["todo", _("To do"), todo],
    ["overdue", _("Overdue"), total((unit) => unit.overdue)],
    ["all", _("All"), null],
  ];
  if (desk.me.beat) views.splice(2, 0, ["mine", _("Mine"), null]);
  const chips = views.map(([view, words, count]) => {
    const late = view === "overdue" && count;
    const number = count === null ? null : h("span", { class: late ? "badge badge-error" : "badge" }, String(count));
    const current = desk.filters.view === view && !desk.filters.q;
    return h(
      "button",
      {
        type: "button",
        class: "chip",
        "aria-pressed": String(current),
        "data-view": view,
        onclick: () => desk.filter({ view, q: "" }),
      },
      words,
      number,
    );
  });
  const focused = document.activeElement?.getAttribute("data-view");
  fill(byId("views"), ...chips);
  if (focused) /** @type {HTMLElement | null} */ (byId("views").querySelector(`[data-view="${focused}"]`))?.focus();
}

/**
 * Let filters and search show what the address says, and change it.
 * @param {Desk} desk
 */
export function bindFilters(desk) {
  const status = /** @type {HTMLSelectElement} */ (byId("filter-status"));
  const category = /** @type {HTMLSelectElement} */ (byId("filter-category"));
  const search = /** @type {HTMLInputElement} */ (byId("search-field"));
  status.append(...Object.keys(page.statuses).map((code) => h("option", { value: code }, statusName(code))));
  category.append(...Object.keys(page.categories).map((code) => h("option", { value: code }, categoryName(code))));
  byId("search").hidden = false;
  showFilters(desk);
  status.addEventListener("change", () => desk.filter({ status: status.value }));
  category.addEventListener("change", () => desk.filter({ category: category.value }));
  byId("search").addEventListener("submit", (event) => {
    event.preventDefault();
    desk.filter({ q: search.value.trim().toUpperCase() });
  });
  search.addEventListener("input", () => search.value === "" && desk.filters.q && desk.filter({ q: "" }));
}

/** @param {Desk} desk */
export function showFilters(desk) {
  const { status, category, q } = desk.filters;
  /** @type {HTMLSelectElement} */ (byId("filter-status")).value = status;
  /** @type {HTMLSelectElement} */ (byId("filter-category")).value = category;
  /** @type {HTMLInputElement} */ (byId("search-field")).value = q;
}
