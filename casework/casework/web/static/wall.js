// The wall: what the duty officer has to see from across the room. Alarms, who is late, the newest reports.

import { _, formatInstant, formatTime } from "./design/texts.js";
import { alarmCard, alarmsKey, isOpen, readAlarms } from "./alarms.js";
import { Failed, get, getList } from "./api.js";
import { ago, statusMark, timeNow } from "./describe.js";
import { byId, fill, h, icon } from "./design/elements.js";
import { categoryName } from "./page.js";
import { enter, oversees, placeOf, repeat, showFailed, showWho } from "./session.js";

/** @typedef {import("./types.js").Summary} Summary */
/** @typedef {import("./types.js").Workload} Workload */
/** @typedef {import("./types.js").Alarm} Alarm */

const LISTS_MS = 2000;
const SLOW_MS = 5000;
const SHOWN = 8;
/** @type {Map<string, string>} */
const tags = new Map();
/** @type {Map<string, Summary[]>} */
const lists = new Map();
let alarmsShown = "?";
let units = false; // whether lines name their unit: where all are of one, its name stands above them
let seenAt = Date.now();

/**
 * What is asked; a failure is said, and what is shown stays.
 * @param {() => Promise<void>} ask
 */
async function attempt(ask) {
  try {
    await ask();
    seenAt = Date.now();
    showFailed(null);
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    showFailed(error);
    byId("failure").append(h("p", {}, _("What is below is from %(time)s.", { time: formatTime(new Date(seenAt)) })));
  }
}

/** @param {string} name @param {Record<string, string>} asked */
async function readList(name, asked) {
  const page = await getList(new URLSearchParams(asked), tags.get(name) ?? null);
  if (page) {
    tags.set(name, page.etag ?? "");
    lists.set(name, page.cases);
  }
}

/** @param {Alarm[]} alarms */
function showAlarms(alarms) {
  const minute = Math.floor(Date.now() / 60_000);
  const key = `${minute}/${alarmsKey(alarms)}`;
  if (key === alarmsShown) return;
  alarmsShown = key;
  const focused = document.activeElement?.closest("[data-surge]")?.getAttribute("data-surge");
  const open = alarms.filter(isOpen);
  document.body.classList.toggle("has-alarm", open.length > 0);
  const none = h("p", { class: "wall-calm" }, icon("ui-check"), _("No alarm is open."));
  fill(byId("alarms"), open.length ? null : none, ...alarms.slice(0, 4).map((alarm) => alarmCard(alarm, showAlarms)));
  /** @type {HTMLElement | null} */ (focused ? document.querySelector(`[data-surge="${focused}"] button`) : null)?.focus();
}

function showLists() {
  const late = (lists.get("late") ?? []).slice(0, SHOWN);
  const newest = (lists.get("newest") ?? []).slice(0, SHOWN);
  const nobody = h("li", { class: "wall-calm" }, icon("ui-check"), _("Nobody is late."));
  fill(byId("late"), ...(late.length ? late.map((one) => line(one, h("strong", { class: "due due-late" }, timeNow(one.due_at)))) : [nobody]));
  fill(byId("newest"), ...newest.map((one) => line(one, h("strong", {}, ago(one.submitted_at, Date.now())))));
}

/** @param {Summary} summary @param {HTMLElement} time */
function line(summary, time) {
  const where = [summary.number, units ? summary.owner.unit_name : ""].filter(Boolean).join(" · ");
  const link = h("a", { href: `/desk?view=all&open=${summary.report_id}` }, categoryName(summary.category));
  return h("li", {}, statusMark(summary.status), link, time, h("small", { class: "muted" }, where));
}

/** @param {Workload[]} work */
function showFigures(work) {
  const total = (/** @type {(unit: Workload) => number} */ of) => work.reduce((sum, unit) => sum + of(unit), 0);
  /** @type {[string, number, string][]} */
  const figures = [
    [_("Overdue"), total((unit) => unit.overdue), "late"],
    [_("New"), total((unit) => unit.new), ""],
    [_("Being verified"), total((unit) => unit.verification), ""],
    [_("Confirmed"), total((unit) => unit.confirmed), ""],
  ];
  const shown = figures.map(([name, value, kind]) =>
    h("div", { class: kind && value ? "figure figure-late" : "figure" }, h("dt", {}, name), h("dd", {}, String(value))),
  );
  fill(byId("figures"), ...shown);
}

/** @param {import("./types.js").Me} me */
async function readDuty(me) {
  const roster = /** @type {import("./types.js").Roster} */ (await get("/v1/duty"));
  showWho(me, roster);
  const { on_duty: now } = roster;
  const words = now ? _("On duty: %(name)s, until %(when)s", { name: now.officer, when: formatInstant(now.until) }) : _("Nobody is on the roster now");
  fill(byId("on-duty"), icon(now ? "ui-user" : "ui-warning"), words);
}

/** @param {KeyboardEvent} event */
function keys(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.key !== "a") return;
  /** @type {HTMLElement | null} */ (document.querySelector(".alarm-take"))?.focus();
}

async function start() {
  const me = await enter();
  if (!me) return;
  units = oversees(me);
  fill(byId("place"), placeOf(me));
  document.addEventListener("keydown", keys);
  const clock = async () => fill(byId("clock"), formatTime(new Date()));
  repeat(1000, clock);
  repeat(LISTS_MS, () =>
    attempt(async () => {
      const [alarms] = await Promise.all([readAlarms(), readList("late", { overdue: "true" }), readList("newest", {})]);
      showAlarms(alarms);
      showLists();
    }),
  );
  repeat(SLOW_MS, () =>
    attempt(async () => {
      showFigures(/** @type {{units: Workload[]}} */ (await get("/v1/workload")).units);
      await readDuty(me);
    }),
  );
}

start();
