// The alarm above the desk: new reports whose words read like an emergency, until somebody takes them up.

import { _, ngettext } from "./design/texts.js";
import { fill, h, icon } from "./design/elements.js";
import { isAlarm } from "./said.js";

/**
 * @param {HTMLElement} place
 * @param {import("./types.js").Summary[]} cases
 * @param {(reportId: string) => void} onOpen
 */
export function showAlarm(place, cases, onOpen) {
  const urgent = cases.filter(isAlarm);
  const key = urgent.map((summary) => summary.report_id).join();
  place.hidden = !urgent.length;
  if (place.dataset.key === key) return; // it is said once, not at each look
  place.dataset.key = key;
  if (!urgent.length) return fill(place);
  const words = ngettext("%(num)s new report reads like an emergency.", "%(num)s new reports read like emergencies.", urgent.length);
  const open = h("button", { type: "button", class: "button", onclick: () => onOpen(urgent[0].report_id) }, _("Open"));
  fill(place, icon("ui-warning"), h("div", { class: "row" }, h("strong", {}, words), open));
}
