// The last step: what will be sent, in words, and what is promised for it.

import { _, formatDate, formatDeadline, ngettext } from "../design/texts.js";
import { byId, fill, h } from "../design/elements.js";
import { instantOf } from "./times.js";

/** @typedef {import("./draft.js").Draft} Draft */

/**
 * @param {Draft} draft
 * @param {number} photos how many
 */
export function showSummary(draft, photos) {
  showLines("summary-place", [draft.place ?? "", draft.unit ? _("%(unit)s answers there", { unit: draft.unit }) : ""]);
  showLines("summary-category", [draft.category ? labelOf(`category-${draft.category}`) : ""]);
  const details = [
    draft.description.trim(),
    draft.day ? when(draft.day, draft.time) : "",
    draft.timeOfDay ? labelOf(`words-time-of-day-${draft.timeOfDay}`) : "",
    draft.weekdays.map((day) => labelOf(`words-weekday-${day}`)).join(", "),
    photos ? ngettext("%(num)s photo", "%(num)s photos", photos) : "",
    draft.email,
  ];
  showLines("summary-details", details, _("none"));
}

/**
 * @param {string} day
 * @param {string | undefined} time
 */
function when(day, time) {
  const words = formatDate(instantOf(day, time, Date.now()));
  return time ? `${words}, ${time}` : words;
}

/** @param {string} id */
function labelOf(id) {
  return document.getElementById(id)?.textContent?.trim() ?? "";
}

/**
 * @param {string} id
 * @param {string[]} lines
 * @param {string} [otherwise]
 */
function showLines(id, lines, otherwise = "") {
  const said = lines.filter(Boolean);
  const shown = said.length ? said : [otherwise];
  fill(byId(id), ...shown.map((line) => h("span", { class: "summary-line" }, line)));
}

/**
 * Until when the report is taken up and decided if it is sent now; where that can't be asked, where it stands later.
 * @param {string} category
 * @param {string | undefined} unit
 */
export async function showPromises(category, unit) {
  const place = byId("promises");
  try {
    const response = await fetch(`/v1/promises?category=${encodeURIComponent(category)}`);
    if (!response.ok) throw new Error(`promises: ${response.status}`);
    const { take_up_by, verify_by } = await response.json();
    const who = unit ?? _("The Police");
    place.textContent = _("%(unit)s will take up the report %(take_up)s, and decide %(verify)s at the latest.", {
      unit: who,
      take_up: formatDeadline(take_up_by),
      verify: formatDeadline(verify_by),
    });
  } catch {
    place.textContent = _("Until when it is taken up stands on the page of your report, once it is sent.");
  }
}
