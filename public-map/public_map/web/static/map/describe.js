// A report in words and marks, the same in the list, in its details and on units' pages.

import { h, icon } from "../design/elements.js";
import { _, formatNumber, ngettext } from "../design/texts.js";

/** @typedef {import("./questions.js").Report} Report */

export const OPEN = ["new", "verification", "confirmed", "referred"];

/** @param {Pick<Report, "category" | "status">} report */
export function categoryMark({ category, status }) {
  return h("span", { class: `category-mark status-${status}` }, icon(`category-${category}`));
}

/** @param {Pick<Report, "status" | "status_name">} report @param {boolean} [chip] */
export function statusMark({ status, status_name: words }, chip = false) {
  return h("span", { class: `status status-${status}${chip ? " status-chip" : ""}` }, icon(`status-${status}`), words);
}

/** @param {number} metres */
export function distanceInWords(metres) {
  if (metres < 1000) return _("%(metres)s m", { metres: formatNumber(Math.max(10, Math.round(metres / 10) * 10)) });
  const km = metres < 10_000 ? Math.round(metres / 100) / 10 : Math.round(metres / 1000);
  return _("%(km)s km", { km: formatNumber(km) });
}

/** @param {number} supporters */
export function supportersInWords(supporters) {
  return ngettext("%(num)s other person saw it, too", "%(num)s other people saw it, too", supporters);
}

/**
 * What a status means for whoever reads it, and what comes next.
 * @param {string} status
 */
export function meaning(status) {
  switch (status) {
    case "new": return _("The report has reached the police. An officer reads it next and has somebody check the place.");
    case "verification": return _("The police are checking the place, several times where that is needed, and then decide.");
    case "confirmed": return _("The police found it and are working on its removal.");
    case "referred": return _("The police found it and passed it on to the body that can remove it.");
    case "eliminated": return _("The police found it, and it is gone. It leaves the map a month after that.");
    default: return _("The police were there and did not find it. It leaves the map after a week.");
  }
}
