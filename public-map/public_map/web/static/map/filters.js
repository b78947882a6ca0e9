// Filters as chips with their counts. What is chosen is the state's; nothing chosen means everything.

import { byId } from "../design/elements.js";
import { formatNumber } from "../design/texts.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {{status: Record<string, number>, category: Record<string, number>}} Counts */

/**
 * @param {(change: Partial<State>) => void} onChange
 */
export function watchFilters(onChange) {
  byId("statuses").addEventListener("change", () => onChange({ statuses: checked("statuses") }));
  byId("categories").addEventListener("change", () => onChange({ categories: checked("categories") }));
  byId("periods").addEventListener("change", () => onChange({ days: Number(checked("periods")[0] ?? 0) }));
  byId("clear-filters").addEventListener("click", () => onChange({ statuses: [], categories: [], days: 0 }));
}

/** @param {State} state */
export function isFiltered({ statuses, categories, days }) {
  return statuses.length > 0 || categories.length > 0 || days > 0;
}

/** @param {State} state */
export function showFilters(state) {
  for (const input of inputs("statuses")) input.checked = state.statuses.includes(input.value);
  for (const input of inputs("categories")) input.checked = state.categories.includes(input.value);
  for (const input of inputs("periods")) input.checked = input.value === String(state.days);
  const hidden = state.categories.length + (state.days ? 1 : 0);
  const active = byId("filters-active");
  active.textContent = formatNumber(hidden);
  active.hidden = hidden === 0;
  byId("clear-filters").hidden = !isFiltered(state);
}

/** @param {Counts | null} counts null: not known, so none is shown */
export function showCounts(counts) {
  for (const [group, known] of /** @type {[string, Record<string, number> | undefined][]} */ ([["statuses", counts?.status], ["categories", counts?.category]])) {
    for (const input of inputs(group)) {
      const place = input.closest("label")?.querySelector("[data-count]");
      if (!(place instanceof HTMLElement)) continue;
      const number = known ? (known[input.value] ?? 0) : null;
      place.textContent = number === null ? "" : formatNumber(number);
      place.toggleAttribute("data-empty", number === 0);
    }
  }
}

/** @param {string} id @returns {HTMLInputElement[]} */
function inputs(id) {
  return [...byId(id).querySelectorAll("input")];
}

/** @param {string} id */
function checked(id) {
  return inputs(id).filter((input) => input.checked).map((input) => input.value);
}
