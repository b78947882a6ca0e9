// What is already public and open around the place: to be confirmed instead of reported again.

import { _, formatNumber, formatRelative, language, ngettext } from "../design/texts.js";
import { byId, fill, h, icon } from "../design/elements.js";

/**
 * @typedef {{report_id: string, status: string, status_name: string, distance_m: number, supporters: number, submitted_at: string}} NearbyReport
 */

/**
 * @param {{category: string, longitude: number, latitude: number}} about
 * @returns {Promise<NearbyReport[] | null>} null where they can't be asked for: nobody is kept from reporting by that
 */
export async function findNearby({ category, longitude, latitude }) {
  try {
    const query = new URLSearchParams({ category, longitude: String(longitude), latitude: String(latitude) });
    const response = await fetch(`/v1/reports/nearby?${query}`, { signal: AbortSignal.timeout(8000) });
    return response.ok ? (await response.json()).reports : null;
  } catch {
    return null;
  }
}

/**
 * @param {NearbyReport[] | null} reports
 * @param {(report: NearbyReport, button: HTMLButtonElement) => void} onSame
 */
export function showNearby(reports, onSame) {
  byId("nearby-notice").textContent = reports ? "" : _("What was reported nearby could not be looked up. You can send your report all the same.");
  byId("nearby").hidden = !reports?.length;
  fill(byId("nearby-reports"), ...(reports ?? []).slice(0, 3).map((report) => item(report, onSame)));
}

/**
 * @param {NearbyReport} report
 * @param {(report: NearbyReport, button: HTMLButtonElement) => void} onSame
 */
function item(report, onSame) {
  const where = _("%(metres)s m from here, reported %(when)s", {
    metres: formatNumber(report.distance_m),
    when: formatRelative(report.submitted_at),
  });
  const others = report.supporters
    ? ngettext("%(num)s other person saw it", "%(num)s other people saw it", report.supporters)
    : "";
  const button = h("button", { type: "button", class: "button" }, _("It is the same: I confirm it"));
  button.addEventListener("click", () => onSame(report, button));
  const status = h("span", { class: `status status-${report.status}` }, icon(`status-${report.status}`), report.status_name);
  return h(
    "li", { class: "nearby-report", "data-report": report.report_id },
    h("p", {}, status, ` · ${where}${others ? ` · ${others}` : ""}`),
    button,
  );
}

/**
 * Confirm somebody else's report.
 * @param {string} intake
 * @param {string} reportId
 * @returns {Promise<string>} what to say when it failed; empty when it counts
 */
export async function support(intake, reportId) {
  try {
    const response = await fetch(`${intake}/v1/reports/${encodeURIComponent(reportId)}/support`, {
      method: "POST",
      headers: { "Accept-Language": language },
      signal: AbortSignal.timeout(15_000),
    });
    if (response.ok) return "";
    if (response.status === 429) return _("That is too much for now. Please try again in an hour.");
  } catch {
    // said below
  }
  return _("It could not be sent. Please try again.");
}
