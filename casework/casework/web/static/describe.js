// A case's parts in words: who, what happened, when.

import { _, ngettext, formatDate, formatInstant } from "./design/texts.js";
import { h, icon } from "./design/elements.js";
import { categoryName, statusName } from "./page.js";
import { duration, timeLeft, urgency } from "./times.js";

/** @typedef {import("./types.js").Detail} Detail */
/** @typedef {import("./types.js").Summary} Summary */
/** @typedef {import("./types.js").HistoryEntry} HistoryEntry */

/** @param {string} role */
export function roleName(role) {
  switch (role) {
    case "beat_officer": return _("Beat officer");
    case "coordinator": return _("Coordinator");
    case "garrison": return _("Garrison");
    case "headquarters": return _("Headquarters");
    case "agency": return _("Agency");
    default: return _("The system");
  }
}

/** @param {string} executor */
export function executorName(executor) {
  switch (executor) {
    case "beat_officer": return _("Beat officer");
    case "patrol": return _("Patrol");
    case "traffic": return _("Traffic police");
    case "criminal": return _("Criminal police");
    case "juvenile": return _("Juvenile team");
    case "water": return _("Water police");
    default: return executor;
  }
}

/** @param {string} clock */
export function clockName(clock) {
  switch (clock) {
    case "take-up": return _("to be taken up");
    case "verification": return _("to be verified");
    case "acknowledgement": return _("the agency is to answer");
    default: return _("to be reviewed");
  }
}

/** @param {string} what the event's name */
export function happened(what) {
  /** @type {Record<string, () => string>} */
  const words = {
    CaseOpened: () => _("Report received"),
    CaseTakenUp: () => _("Taken up"),
    CaseTasked: () => _("Somebody was sent"),
    CheckRecorded: () => _("Checked on site"),
    CaseConfirmed: () => _("Confirmed"),
    CaseUnconfirmed: () => _("Not confirmed"),
    CaseRejected: () => _("Joke or mistake"),
    CaseReferred: () => _("Referred to an agency"),
    CaseAcknowledged: () => _("The agency has it"),
    CaseReturned: () => _("Back from the agency"),
    CaseEliminated: () => _("Eliminated"),
    CaseTransferred: () => _("Transferred"),
    CaseCorrected: () => _("Corrected"),
    CaseReopened: () => _("Verified again"),
    QuestionAsked: () => _("The reporter was asked"),
    DecisionUpheld: () => _("The decision was upheld, and why was answered"),
    CaseSupported: () => _("Somebody else saw the same"),
    CasesMerged: () => _("Ended in another case"),
    ReportSupported: () => _("Somebody else saw the same"),
    ReportContested: () => _("A citizen says it is still there"),
    ReportWithdrawn: () => _("The reporter took the report back"),
    QuestionAnswered: () => _("The reporter answered"),
    ErasureRequested: () => _("The reporter had their words erased"),
    ReferralProgressed: () => _("The agency reports progress"),
    ReferralDeclined: () => _("The agency declined"),
    ReferralClosed: () => _("The agency has finished"),
  };
  return words[what]?.() ?? what;
}

/**
 * What an entry says beside its name.
 * @param {HistoryEntry} entry
 */
export function detailOf(entry) {
  const { detail } = entry;
  const parts = [];
  if (detail.finding) parts.push(findingName(detail.finding));
  if (detail.checked_at) parts.push(formatInstant(detail.checked_at));
  if (detail.agency) parts.push(detail.agency);
  if (detail.executor) parts.push(executorName(detail.executor));
  if (detail.due_at) parts.push(formatInstant(detail.due_at));
  if (detail.previous?.unit_name) parts.push(_("from %(unit)s", { unit: detail.previous.unit_name }));
  if (detail.into_number) parts.push(detail.into_number);
  if (detail.previous_category) parts.push(_("it was: %(category)s", { category: categoryName(detail.previous_category) }));
  return parts.join(" · ");
}

/** @param {string} finding */
export function findingName(finding) {
  return finding === "found" ? _("found") : _("not found");
}

/** @param {string} status */
export function statusMark(status) {
  return h("span", { class: `status status-${status}` }, icon(`status-${status}`), statusName(status));
}

/**
 * What there is left, as words and a length that `tick` renews.
 * @param {string | null} dueAt
 * @param {string} [what] what is due
 */
export function dueMark(dueAt, what = "") {
  const words = h("span", { class: "due" });
  const bar = h("progress", { class: "bar", max: 100, "aria-hidden": "true" });
  const mark = h("span", { class: "due-mark", "data-due": dueAt ?? "", "data-what": what }, words, dueAt ? bar : null);
  renew(mark, Date.now());
  return mark;
}

/** @param {HTMLElement} mark @param {number} now */
function renew(mark, now) {
  const dueAt = mark.dataset.due || null;
  const { kind, length } = urgency(dueAt, now);
  const words = mark.children[0];
  const text = mark.dataset.what ? `${mark.dataset.what}: ${timeLeft(dueAt, now)}` : timeLeft(dueAt, now);
  if (words.textContent !== text) words.textContent = text;
  words.className = kind === "overdue" ? "due due-late" : kind === "soon" ? "due due-soon" : "due";
  const bar = mark.children[1];
  if (bar instanceof HTMLProgressElement) {
    bar.value = length;
    bar.className = kind === "overdue" ? "bar bar-late" : kind === "soon" ? "bar bar-soon" : "bar";
  }
}

/** Let every length and word of time left be as it is now. */
export function tick() {
  const now = Date.now();
  for (const mark of document.querySelectorAll("[data-due]")) renew(/** @type {HTMLElement} */ (mark), now);
}

/** @param {Summary} summary */
export function placeWords(summary) {
  const { owner } = summary;
  const parts = [owner.unit_name];
  if (owner.station) parts.push(_("station %(code)s", { code: owner.station }));
  if (owner.beat) parts.push(_("beat %(code)s", { code: owner.beat }));
  return parts.join(", ");
}

/** @param {Summary} summary */
export function coordinates(summary) {
  return `${summary.latitude.toFixed(5)}, ${summary.longitude.toFixed(5)}`;
}

/** @param {number} supporters */
export function supportersWords(supporters) {
  return ngettext("%(num)s other person saw the same", "%(num)s other people saw the same", supporters);
}

/**
 * When the reporter says it happens.
 * @param {Detail} detail
 */
export function whenWords(detail) {
  const parts = [];
  if (detail.occurred_at) parts.push(formatInstant(detail.occurred_at));
  // The first of January 2024 was a Monday.
  parts.push(...detail.weekdays.map((day) => formatDate(new Date(Date.UTC(2024, 0, day, 12)), { weekday: "long" })));
  if (detail.time_of_day) parts.push(timeOfDay(detail.time_of_day));
  return parts.join(", ");
}

/** @param {string} time */
function timeOfDay(time) {
  switch (time) {
    case "morning": return _("in the morning (6 to 12)");
    case "afternoon": return _("in the afternoon (12 to 18)");
    case "evening": return _("in the evening (18 to 22)");
    default: return _("at night (22 to 6)");
  }
}

/**
 * How long ago.
 * @param {string} at
 * @param {number} now
 */
export function ago(at, now) {
  return _("%(time)s ago", { time: duration(Math.max(0, now - new Date(at).getTime())) });
}

/** @param {string | null} dueAt */
export function timeNow(dueAt) {
  return timeLeft(dueAt, Date.now());
}

/**
 * What tells a case apart from others near it, of the same category.
 * @param {import("./types.js").Similar} other
 */
export function apart({ metres, submitted_at: submitted }) {
  return `${_("%(metres)s m away", { metres: Math.round(metres) })} · ${ago(submitted, Date.now())}`;
}
