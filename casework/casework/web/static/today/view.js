// What the page of today shows: a card for each case with a button for each finding, and what is not sent yet.

import { _, formatInstant, formatNumber, ngettext } from "../design/texts.js";
import { dueMark, findingName } from "../describe.js";
import { fill, h, icon } from "../design/elements.js";
import { categoryName, statusName } from "../page.js";

/** @typedef {import("./types.js").TodayCase} TodayCase */
/** @typedef {import("./types.js").Recorded} Recorded */
/** @typedef {(summary: TodayCase, finding: "found" | "not_found", note: string) => void} OnRecord */

/**
 * @param {HTMLElement} list
 * @param {TodayCase[]} cases
 * @param {{metres: (summary: TodayCase) => number | null, onRecord: OnRecord}} how
 */
export function showCases(list, cases, { metres, onRecord }) {
  const known = new Map(Array.from(list.children).map((line) => [/** @type {HTMLElement} */ (line).dataset.key, line]));
  const lines = cases.map((summary) => {
    const away = metres(summary);
    const key = [summary.report_id, summary.version, summary.until, away && Math.round(away / 10)].join("|");
    return known.get(key) ?? card(summary, key, away, onRecord);
  });
  // A card that says the same stays where it is, with what is being typed in it.
  if (lines.length !== list.children.length || lines.some((line, index) => line !== list.children[index])) fill(list, ...lines);
}

/**
 * @param {TodayCase} summary
 * @param {string} key
 * @param {number | null} away
 * @param {OnRecord} onRecord
 */
function card(summary, key, away, onRecord) {
  const title = `today-${summary.report_id}`;
  const note = h("textarea", { class: "input", rows: 2, maxlength: 4000, "aria-label": _("Note") });
  const button = (/** @type {"found" | "not_found"} */ finding) => {
    const record = () => onRecord(summary, finding, note.value.trim());
    return h("button", { type: "button", class: "button button-primary", onclick: record }, findingName(finding));
  };
  const { latitude, longitude } = summary;
  const place = [latitude, longitude].map((degrees) => formatNumber(degrees, { minimumFractionDigits: 5 })).join("  ");
  const more = [summary.number, away === null ? "" : distance(away), statusName(summary.status)].filter(Boolean);
  return h(
    "li",
    { class: "card stack today-card", "data-key": key, "data-report": summary.report_id },
    h("h2", { id: title }, icon(`category-${summary.category}`), categoryName(summary.category)),
    dueMark(summary.until),
    h("p", { class: "muted" }, more.join(" · ")),
    h("p", {}, h("a", { class: "today-place", href: `geo:${latitude},${longitude}` }, icon("ui-pin"), place)),
    h("p", { class: "muted" }, ngettext("%(num)s check so far", "%(num)s checks so far", summary.checks)),
    h("details", {}, h("summary", {}, _("Add a note")), note),
    h("div", { class: "today-findings", role: "group", "aria-labelledby": title }, button("found"), button("not_found")),
  );
}

/** @param {number} metres */
function distance(metres) {
  if (metres < 1000) return _("%(metres)s m away", { metres: Math.round(metres / 10) * 10 });
  return _("%(kilometres)s km away", { kilometres: formatNumber(metres / 1000, { maximumFractionDigits: 1 }) });
}

/**
 * @param {HTMLElement} place
 * @param {Recorded[]} records
 * @param {{officer: string, onForget: (record: Recorded) => void, onAgain: (record: Recorded) => void}} how
 */
export function showRecorded(place, records, how) {
  place.hidden = !records.length;
  const number = records.length;
  const title = ngettext("%(num)s check is not sent yet", "%(num)s checks are not sent yet", number);
  fill(place, h("h2", {}, title), h("ul", { class: "today-list" }, ...records.map((record) => line(record, how))));
}

/**
 * @param {Recorded} record
 * @param {{officer: string, onForget: (record: Recorded) => void, onAgain: (record: Recorded) => void}} how
 */
function line(record, { officer, onForget, onAgain }) {
  const forget = { type: "button", class: "button", onclick: () => onForget(record) };
  const again = { type: "button", class: "button button-primary", onclick: () => onAgain(record) };
  const open = record.now?.status === "new" || record.now?.status === "verification";
  return h(
    "li",
    { class: "card stack today-card", "data-recorded": record.report_id },
    h("strong", {}, `${categoryName(record.category)}: ${findingName(record.finding)}`),
    h("p", { class: "muted" }, `${record.number} · ${formatInstant(record.checked_at)}`),
    record.note ? h("p", {}, record.note) : null,
    state(record, officer),
    h("div", { class: "row" }, open ? h("button", again, _("Record it all the same")) : null, h("button", forget, icon("ui-trash"), _("Throw away"))),
  );
}

/** @param {Recorded} record @param {string} officer */
function state(record, officer) {
  if (record.refused) return warning(_("It can't be recorded as it is."), record.refused);
  if (record.now && !record.now.status) return warning(_("The case is not in your unit any more."));
  if (record.now) {
    const was = _("When you recorded it: %(status)s", { status: statusName(record.status) });
    const now = _("Now: %(status)s", { status: statusName(record.now.status) });
    return warning(_("Somebody changed this case meanwhile"), was, now);
  }
  if (officer && record.officer !== officer) {
    return h("p", {}, _("Recorded by %(officer)s, and sent once they sign in.", { officer: record.officer }));
  }
  return h("p", { class: "muted" }, _("It is sent as soon as there is a connection."));
}

/** @param {...string} words */
function warning(...words) {
  const lines = words.map((each) => h("p", {}, each));
  return h("div", { class: "notice notice-warning", role: "alert" }, icon("ui-warning"), h("div", {}, ...lines));
}
