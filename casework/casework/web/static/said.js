// What reporter and officers said to each other after sending: marks in the queue, notices above a case, the talk itself.

import { _, formatInstant } from "./design/texts.js";
import { happened } from "./describe.js";
import { h, icon } from "./design/elements.js";
import { statusName } from "./page.js";

/** @typedef {import("./types.js").Detail} Detail */
/** @typedef {import("./types.js").Summary} Summary */
/** @typedef {import("./types.js").HistoryEntry} HistoryEntry */
/** @typedef {import("./types.js").Related} Related */

const OPEN = ["new", "verification", "confirmed", "referred"];
const TALK = ["QuestionAsked", "QuestionAnswered", "ReportContested", "DecisionUpheld", "ReportWithdrawn", "ErasureRequested"];

/**
 * Whether a report that is still new reads like an emergency.
 * @param {Summary} summary
 */
export function isAlarm(summary) {
  return summary.emergency_like && summary.status === "new";
}

/**
 * What of a summary changes without a version of the case.
 * @param {Summary} summary
 */
export function marksKey(summary) {
  return [summary.contested, summary.questions, summary.answered, summary.withdrawn].join();
}

/**
 * What stands out in the queue.
 * @param {Summary} summary
 */
export function marks(summary) {
  const asked = summary.questions > 0 && OPEN.includes(summary.status);
  const answered = asked && summary.answered >= summary.questions;
  /** @type {[boolean, string, () => string][]} */
  const all = [
    [isAlarm(summary), "badge badge-error", () => _("reads like an emergency")],
    [summary.contested, "badge badge-warning", () => _("a citizen says it is still there")],
    [answered, "badge badge-success", () => _("the reporter answered")],
    [asked && !answered, "badge", () => _("waits for the reporter's answer")],
    [summary.withdrawn, "badge badge-warning", () => _("taken back by the reporter")],
  ];
  return all.filter(([shown]) => shown).map(([, look, words]) => h("span", { class: look }, words()));
}

/**
 * What an officer has to know before anything else.
 * @param {Detail} detail
 */
export function notices(detail) {
  const urgent = _("What was written reads like an emergency, and was sent although the form showed 112. The duty desk has been told.");
  const contested = _("A citizen says it is still there. Verify again, or answer why the decision stands.");
  const withdrawn = _("The reporter took the report back. What is known may still be checked.");
  return [
    isAlarm(detail) ? notice("error", "ui-warning", urgent) : null,
    detail.contested ? notice("warning", "ui-bell", contested) : null,
    detail.withdrawn ? notice("warning", "ui-undo", withdrawn) : null,
  ];
}

/** @param {string} tone @param {string} symbol @param {string} words */
function notice(tone, symbol, words) {
  return h("div", { class: `notice notice-${tone}` }, icon(symbol), h("p", {}, words));
}

/**
 * The talk, in time: officers' words, and the citizen's for those who may read them.
 * @param {Detail} detail
 */
export function talkPart(detail) {
  const left = [...detail.said_after];
  const lines = detail.history.filter(({ what }) => TALK.includes(what)).map((entry) => talkLine(entry, left));
  lines.push(...left.map(({ text }) => h("li", {}, h("strong", {}, _("Also written")), words(text))));
  if (!lines.length) return null;
  return h("section", { class: "card talk" }, h("h3", {}, _("Said since")), h("ol", { class: "plain" }, ...lines));
}

/**
 * @param {HistoryEntry} entry
 * @param {import("./types.js").FollowUpText[]} left the texts nobody has named yet; the entry's own is taken out
 */
function talkLine(entry, left) {
  const { what, detail, at, note } = entry;
  const found = left.findIndex((said) => said.what === what && (what === "QuestionAnswered" ? said.question === detail.question : said.said_at === at));
  const text = found < 0 ? note : left.splice(found, 1)[0].text;
  return h("li", { class: note ? "talk-ours" : "talk-theirs" }, h("strong", {}, happened(what)), " ", h("small", { class: "muted" }, formatInstant(at)), text ? words(text) : null);
}

/** @param {string} text */
function words(text) {
  return h("p", { class: "note-words" }, text);
}

/**
 * The case this one goes on from, and those that go on from it.
 * @param {Detail} detail
 * @param {{onOpen: (reportId: string) => void}} handlers
 */
export function relatedPart({ continues, earlier, later }, { onOpen }) {
  if (!continues && !later.length) return null;
  const before = earlier ? related(earlier, onOpen) : h("p", {}, _("An earlier report that you may not see, or that is not there any more."));
  return h(
    "section",
    { class: "related no-print" },
    ...(continues ? [h("h3", {}, _("Goes on from")), before] : []),
    ...(later.length ? [h("h3", {}, _("Reported anew since")), ...later.map((other) => related(other, onOpen))] : []),
  );
}

/** @param {Related} other @param {(reportId: string) => void} onOpen */
function related(other, onOpen) {
  const open = (/** @type {MouseEvent} */ event) => {
    event.preventDefault();
    onOpen(other.report_id);
  };
  const status = h("span", { class: `status status-${other.status}` }, icon(`status-${other.status}`), statusName(other.status));
  return h("a", { class: "card-link card", href: `?open=${other.report_id}`, onclick: open }, status, h("small", { class: "muted" }, ` ${other.number}`));
}
