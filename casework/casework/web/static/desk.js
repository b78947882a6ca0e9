// The officers' desk: signs in, then keeps queue, case and counts as they are.

import { _, ngettext } from "./design/texts.js";
import { showAlarm } from "./alarm.js";
import { getPatiently } from "./api.js";
import { caseFile } from "./casefile.js";
import { tick } from "./describe.js";
import { byId, fill, h } from "./design/elements.js";
import { bindExport } from "./export.js";
import { fromAddress } from "./filters.js";
import { bindFilters, showFilters, showViews } from "./header.js";
import { keysOn, listen, turnKeys } from "./keys.js";
import { say } from "./messages.js";
import { Desk } from "./model.js";
import { showPlace } from "./place.js";
import { photosShown } from "./photos.js";
import { countWords, focusOpen, showEmpty, showQueue } from "./queue.js";
import { hasQueueMap, showQueueMap } from "./queue_map.js";
import { enter, oversees, showFailed } from "./session.js";
import { keepDuty } from "./desk_duty.js";
import { showUnits } from "./units.js";
import { Work } from "./work.js";

/** @typedef {import("./model.js").Part} Part */

const LIST_MS = 1000; // from one question to the next: a new report is to be there within 2 s, whatever else the machine does
const REST_MS = 250; // where an answer takes longer than that
const WORK_MS = 15_000;

async function start() {
  const me = await enter();
  if (!me) return;
  const known = /** @type {{agencies: import("./types.js").Named[]}} */ (await getPatiently("/v1/agencies"));
  const desk = new Desk(me, fromAddress(), (part) => show(part));
  // Not from a form somebody began meanwhile: letters act, so what is typed there would be done here.
  const focusQueue = () => work.form || focusOpen(byId("queue"));
  const work = new Work(desk, known.agencies, focusQueue);
  const show = shower(desk, work, known.agencies, focusQueue);
  bind(desk, work);
  await desk.refresh();
  await Promise.all([desk.open(desk.filters.open || firstOnWide(desk)), desk.readWorkload()]);
  focusQueue();
  keepCurrent(desk, work);
  keepDuty(me);
}

/** @param {Desk} desk */
function firstOnWide(desk) {
  return matchMedia("(min-width: 48rem)").matches ? (desk.neighbour(0) ?? "") : "";
}

/**
 * How each part is shown when it changes.
 * @param {Desk} desk
 * @param {Work} work
 * @param {import("./types.js").Named[]} agencies
 * @param {() => void} focusQueue
 * @returns {(part: Part) => void}
 */
function shower(desk, work, agencies, focusQueue) {
  const queue = byId("queue");
  const handlers = {
    onOpen: (/** @type {string} */ reportId) => desk.open(reportId, true).then(focusQueue),
    onSelect: (/** @type {string} */ reportId) => desk.toggle(reportId),
    onMore: () => desk.more(),
  };
  const units = oversees(desk.me);
  return (part) => {
    if (part === "list") {
      const { cases, next, selected, filters } = desk;
      showQueue(queue, { cases, next, selected, open: filters.open, units }, handlers);
      showQueueState(desk);
      showAlarm(byId("emergencies"), cases, handlers.onOpen);
      showFilters(desk);
      showQueueMap(cases, filters.open, handlers.onOpen);
      document.body.classList.toggle("has-case", Boolean(filters.open));
    }
    const written = work.form && work.seen?.report_id === desk.filters.open;
    if (part === "case" && !written) showCase(desk, work, agencies);
    if (part === "work" || part === "list") showViews(desk);
    if (part === "work" && units) showUnits(byId("units"), desk);
    if (part === "failure") showFailed(desk.failure);
    if (part === "arrived") say(ngettext("%(num)s new report", "%(num)s new reports", desk.arrived), { tone: "note" });
    if (part === "case" && document.activeElement === document.body && !work.form) focusQueue();
  };
}

/**
 * @param {Desk} desk
 * @param {Work} work
 * @param {import("./types.js").Named[]} agencies
 */
function showCase(desk, work, agencies) {
  const place = byId("case");
  work.form = work.action = null;
  place.dataset.report = desk.detail?.report_id ?? "";
  if (!desk.detail) {
    if (desk.filters.open) return fill(place, skeleton());
    return showEmpty(place, _("No case is open"), _("Choose one from the queue, or press j."));
  }
  const handlers = {
    onAction: (/** @type {import("./actions.js").Action} */ action) => work.begin(action),
    onOpen: (/** @type {string} */ reportId) => desk.open(reportId, true),
    onPrint: print,
    onBack: () => desk.open("", true),
  };
  fill(place, ...caseFile(desk.detail, desk.similar, agencies, handlers));
  if (!hasQueueMap()) showPlace(byId("map-place"), desk.detail);
}

/** The verification card, once its photos are there. */
async function print() {
  await photosShown();
  window.print();
}

function skeleton() {
  const lines = ["skeleton-short", "", "", "skeleton-short"].map((more) => h("span", { class: `skeleton skeleton-line ${more}` }));
  return h("div", { "aria-busy": "true" }, h("span", { class: "visually-hidden" }, _("Loading")), ...lines);
}

/** @param {Desk} desk */
function showQueueState(desk) {
  const selected = desk.selected.size;
  const shown = desk.next ? _("the first %(num)s", { num: desk.cases.length }) : countWords(desk.cases.length);
  byId("queue-state").textContent = selected ? _("%(num)s selected", { num: selected }) : shown;
  const empty = byId("queue-empty");
  empty.hidden = desk.cases.length > 0 || !desk.loaded;
  if (empty.hidden) return;
  if (desk.filters.q) showEmpty(empty, _("Nothing found"), _("Case numbers are searched by how they begin: OPO-26-…"));
  else showEmpty(empty, _("Nothing to do here"), _("New reports appear by themselves."));
}

/**
 * @param {Desk} desk
 * @param {Work} work
 */
function bind(desk, work) {
  bindFilters(desk);
  bindExport(desk);
  const keys = /** @type {HTMLDialogElement} */ (byId("keys"));
  const on = /** @type {HTMLInputElement} */ (byId("keys-on"));
  on.checked = keysOn();
  on.addEventListener("change", () => turnKeys(on.checked));
  const help = () => keys.showModal();
  byId("keys-button").addEventListener("click", help);
  byId("keys-close").addEventListener("click", () => keys.close());
  listen(desk, work, { "?": help, v: print });
  window.addEventListener("popstate", () => {
    desk.filters = fromAddress();
    desk.reload().then(() => desk.open(desk.filters.open));
  });
}

/**
 * Ask again and again while somebody looks.
 * @param {Desk} desk
 * @param {Work} work
 */
function keepCurrent(desk, work) {
  let worked = Date.now();
  const again = async () => {
    const asked = Date.now();
    if (document.visibilityState === "visible" && desk.failure?.status !== 401) {
      if (!work.sends) await desk.refresh();
      tick();
      if (Date.now() - worked > WORK_MS) {
        worked = Date.now();
        await desk.readWorkload();
      }
    }
    setTimeout(again, Math.max(REST_MS, asked + LIST_MS - Date.now()));
  };
  setTimeout(again, LIST_MS);
}

start();
