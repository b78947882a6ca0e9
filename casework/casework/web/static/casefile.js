// One case as its officer reads it: what, where, since when, the citizen's words, checks, what is like it, what happened.

import { _, formatInstant } from "./design/texts.js";
import { ACTIONS, likelyAction } from "./actions.js";
import {
  ago,
  apart,
  clockName,
  coordinates,
  detailOf,
  dueMark,
  findingName,
  happened,
  placeWords,
  roleName,
  statusMark,
  supportersWords,
  whenWords,
  executorName,
} from "./describe.js";
import { h, icon } from "./design/elements.js";
import { photosPart } from "./photos.js";
import { kbd } from "./messages.js";
import { categoryName, statusName } from "./page.js";
import { notices, relatedPart, talkPart } from "./said.js";

/** @typedef {import("./types.js").Detail} Detail */
/** @typedef {import("./types.js").Similar} Similar */
/** @typedef {import("./actions.js").Action} Action */

/**
 * @param {Detail} detail
 * @param {Similar[]} similar
 * @param {import("./types.js").Named[]} agencies
 * @param {{onAction: (action: Action) => void, onOpen: (reportId: string) => void, onPrint: () => void, onBack: () => void}} handlers
 */
export function caseFile(detail, similar, agencies, handlers) {
  return [
    heading(detail, handlers),
    actionBar(detail, handlers),
    h("div", { id: "form-place" }),
    wordsPart(detail),
    photosPart(detail),
    talkPart(detail),
    factsPart(detail),
    h("section", { class: "map-part no-print", id: "map-place", hidden: true }),
    relatedPart(detail, handlers),
    similarPart(similar, handlers),
    checksPart(detail),
    referralsPart(detail, agencies),
    historyPart(detail, agencies),
  ];
}

/**
 * @param {Detail} detail
 * @param {{onBack: () => void, onPrint: () => void}} handlers
 */
function heading(detail, { onBack, onPrint }) {
  const running = detail.clocks.filter((clock) => !clock.stopped_at && clock.clock !== "review");
  const next = running.find((clock) => clock.due_at === detail.due_at) ?? running[0];
  const due = detail.due_at ? dueMark(detail.due_at, next ? clockName(next.clock) : "") : null;
  return h(
    "header",
    { class: "case-head" },
    h(
      "div",
      { class: "toolbar no-print" },
      h("button", { type: "button", class: "button button-quiet only-narrow", onclick: onBack }, icon("ui-back"), _("Queue")),
      h("button", { type: "button", class: "button button-quiet end", onclick: onPrint }, icon("ui-print"), _("Card"), kbd("v")),
    ),
    h("p", { class: "case-number muted" }, detail.number),
    h("h2", { class: "case-title", tabindex: -1 }, icon(`category-${detail.category}`), categoryName(detail.category)),
    h("div", { class: "row" }, statusMark(detail.status), due),
    ...notices(detail),
    detail.merged_into ? h("p", {}, _("This case ended in another one, which goes on for both.")) : null,
  );
}

/**
 * @param {Detail} detail
 * @param {{onAction: (action: Action) => void}} handlers
 */
function actionBar(detail, { onAction }) {
  const likely = likelyAction(detail);
  const allowed = ACTIONS.filter((action) => detail.allowed.includes(action.change));
  allowed.sort((one, other) => Number(other === likely) - Number(one === likely));
  const buttons = allowed.map((action) =>
    h(
      "button",
      {
        type: "button",
        class: action === likely ? "button button-primary" : "button",
        "data-change": action.change,
        "aria-keyshortcuts": action === likely ? `${action.key} Enter` : action.key,
        onclick: () => onAction(action),
      },
      action.label(),
      kbd(action.key),
    ),
  );
  return h("div", { class: "toolbar actions-bar no-print", role: "group", "aria-label": _("What can be done") }, ...buttons);
}

/** @param {Detail} detail */
function wordsPart({ words }) {
  if (!words) return null;
  const text = words.erased ? _("The reporter had their words erased.") : words.description;
  if (!text) return null;
  return h(
    "section",
    { class: "card" },
    h("h3", {}, _("What the reporter wrote")),
    h("p", { class: "citizen-words" }, text),
  );
}

/** @param {Detail} detail */
function factsPart(detail) {
  /** @type {[string, string | null][]} */
  const facts = [
    [_("Answers"), placeWords(detail)],
    [_("District"), detail.district_name ?? detail.owner.district],
    [_("Place"), coordinates(detail)],
    [_("Submitted"), `${formatInstant(detail.submitted_at)} (${ago(detail.submitted_at, Date.now())})`],
    [_("When it happens"), whenWords(detail)],
    [_("Others"), detail.supporters ? supportersWords(detail.supporters) : null],
    [_("Sent"), detail.executor ? executorName(detail.executor) : null],
    [_("Until"), detail.task_due_at ? formatInstant(detail.task_due_at) : null],
  ];
  const rows = facts.flatMap(([name, value]) => (value ? [h("dt", {}, name), h("dd", {}, value)] : []));
  return h("section", { class: "card" }, h("h3", {}, _("Place and time")), h("dl", { class: "facts" }, ...rows));
}

/**
 * @param {Similar[]} similar
 * @param {{onOpen: (reportId: string) => void}} handlers
 */
function similarPart(similar, { onOpen }) {
  if (!similar.length) return null;
  const lines = similar.map((other) =>
    h(
      "li",
      {},
      h(
        "a",
        {
          class: "card-link card",
          href: `?open=${other.report_id}`,
          onclick: (/** @type {MouseEvent} */ event) => {
            event.preventDefault();
            onOpen(other.report_id);
          },
        },
        h("span", { class: `status status-${other.status}` }, icon(`status-${other.status}`), statusName(other.status)),
        h("small", { class: "muted" }, ` ${other.number} · ${apart(other)}`),
      ),
    ),
  );
  return h("section", { class: "no-print" }, h("h3", {}, _("Open nearby, of this category")), h("ul", { class: "plain" }, ...lines));
}

/** @param {Detail} detail */
function checksPart({ checks, round }) {
  if (!checks.length) return null;
  const rows = checks.map((check) =>
    h(
      "tr",
      {},
      h("td", {}, formatInstant(check.checked_at)),
      h("td", {}, findingName(check.finding)),
      h("td", {}, check.officer),
      h("td", {}, [check.round < round ? _("earlier verification") : "", check.note ?? ""].filter(Boolean).join(": ")),
    ),
  );
  const names = [_("When"), _("Finding"), _("Officer"), _("Note")].map((name) => h("th", { scope: "col" }, name));
  const table = h("table", { class: "table" }, h("thead", {}, h("tr", {}, ...names)), h("tbody", {}, ...rows));
  return h("section", {}, h("h3", {}, _("Checks on site")), h("section", { class: "table-scroll", tabindex: 0, "aria-label": _("Checks on site") }, table));
}

/** @param {Detail} detail @param {import("./types.js").Named[]} agencies */
function referralsPart({ referrals }, agencies) {
  if (!referrals.length) return null;
  const lines = referrals.map((referral) => {
    const name = agencies.find(({ code }) => code === referral.agency)?.name ?? referral.agency;
    const parts = [_("asked on %(day)s", { day: formatInstant(referral.made_at) })];
    const written = referral.channel === "letter" && !referral.acknowledged_at && !referral.ended_at;
    if (written) parts.push(_("on paper: the link to the letter is in the unit's mail"));
    if (referral.acknowledged_at) parts.push(_("they have it since %(day)s", { day: formatInstant(referral.acknowledged_at) }));
    if (referral.ended_at) parts.push(_("ended on %(day)s", { day: formatInstant(referral.ended_at) }));
    if (referral.responsible_agency) parts.push(_("they name: %(agency)s", { agency: referral.responsible_agency }));
    return h("li", {}, h("strong", {}, name), h("br"), h("small", {}, parts.join(" · ")));
  });
  return h("section", {}, h("h3", {}, _("Referrals")), h("ul", { class: "plain" }, ...lines));
}

/** @param {Detail} detail @param {import("./types.js").Named[]} agencies */
function historyPart({ history }, agencies) {
  const lines = [...history].reverse().map((entry) => {
    const who = [roleName(entry.role), entry.officer].filter(Boolean).join(", ");
    const agency = agencies.find(({ code }) => code === entry.detail.agency)?.name;
    const more = detailOf(agency ? { ...entry, detail: { ...entry.detail, agency } } : entry);
    return h(
      "li",
      {},
      icon("ui-clock"),
      h("strong", {}, happened(entry.what)),
      h("small", {}, `${formatInstant(entry.at)} · ${who}`),
      more ? h("p", {}, more) : null,
      entry.note ? h("p", { class: "note-words" }, entry.note) : null,
    );
  });
  return h("section", {}, h("h3", {}, _("What happened")), h("ol", { class: "timeline" }, ...lines));
}
