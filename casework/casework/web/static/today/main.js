// The beat officer's page of today: it works without a connection, and sends what was recorded once there is one.

import { _, formatTime } from "../design/texts.js";
import { Failed, get } from "../api.js";
import { tick } from "../describe.js";
import { byId } from "../design/elements.js";
import { accessToken, canSignIn, endSession, signIn, signOut } from "../oidc.js";
import { noProvider, noRole } from "../refusals.js";
import { forgetAll, forgetRecorded, keepList, keepRecorded, keptList, recorded } from "./device.js";
import { sendRecorded } from "./sync.js";
import { showCases, showRecorded } from "./view.js";

/** @typedef {import("./types.js").TodayCase} TodayCase */
/** @typedef {import("./types.js").Recorded} Recorded */

const AGAIN_MS = 30_000;
const DEGREE_M = 111_320;
/** @type {Record<number, typeof trouble>} */
const TROUBLES = { 0: "offline", 401: "signed-out", 403: "no-role" };
/** @type {GeolocationCoordinates | null} */
let here = null;
/** @type {"" | "offline" | "signed-out" | "no-role" | "unreachable" | "broken"} */
let trouble = "";
/** @type {Promise<void> | null} */
let working = null;

async function start() {
  bind();
  await show();
  await navigator.serviceWorker?.register("/desk/today/worker.js", { scope: "/desk/today" }).catch(() => null);
  await refresh();
  setInterval(() => document.visibilityState === "visible" && refresh(), AGAIN_MS);
}

function bind() {
  window.addEventListener("online", () => refresh());
  window.addEventListener("offline", () => refresh());
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && refresh());
  byId("today-sign-in").addEventListener("click", () => signIn().catch(unreachable));
  byId("today-here").addEventListener("click", () => navigator.geolocation.getCurrentPosition(moved, () => null));
  const leaving = byId("leaving", HTMLDialogElement);
  byId("sign-out").addEventListener("click", async () => ((await recorded()).length ? leaving.showModal() : leave()));
  byId("leaving-stay").addEventListener("click", () => leaving.close());
  byId("leaving-go").addEventListener("click", leave);
}

function unreachable() {
  trouble = "unreachable";
  return show();
}

/** @param {GeolocationPosition} position */
function moved({ coords }) {
  here = coords;
  return show();
}

async function leave() {
  await working;
  await forgetAll();
  await endSession();
}

/** Send what is recorded, then read the list; one after the other, so that nothing is sent twice at once. */
async function refresh() {
  await working;
  working = exchange();
  await working;
  working = null;
  await show();
}

async function exchange() {
  try {
    if (!navigator.onLine) throw new Failed(0, {});
    if (!(await accessToken())) throw new Failed(401, {});
    /** @type {import("../types.js").Me} */
    const me = await get("/v1/me");
    await sendRecorded(me.subject);
    /** @type {{cases: TodayCase[]}} */
    const { cases } = await get("/v1/today");
    await keepList({ officer: me.subject, read: Date.now(), cases });
    trouble = "";
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    if (error.status === 403) signOut(); // the same account would be refused again
    trouble = TROUBLES[error.status] ?? "broken";
  }
}

async function show() {
  const [kept, records] = await Promise.all([keptList(), recorded()]);
  const officer = kept?.officer ?? "";
  const waiting = new Set(records.map((record) => record.report_id));
  const cases = (kept?.cases ?? []).filter((summary) => !waiting.has(summary.report_id));
  if (here) cases.sort((one, other) => (metres(one) ?? 0) - (metres(other) ?? 0));
  showCases(byId("today"), cases, { metres, onRecord: (...what) => record(officer, ...what) });
  showRecorded(byId("recorded"), records, { officer, onForget, onAgain });
  byId("today-empty").hidden = !kept || cases.length > 0 || records.length > 0;
  byId("today-near").hidden = cases.length < 2;
  byId("today-sign-in").hidden = !["signed-out", "no-role", "unreachable"].includes(trouble) || !canSignIn();
  byId("sign-out").hidden = !kept && !records.length;
  byId("today-state").textContent = stateWords(kept?.read ?? null);
  tick();
}

/** @param {number | null} read */
function stateWords(read) {
  const time = read === null ? "" : formatTime(new Date(read).toISOString());
  if (trouble === "signed-out") return _("You are not signed in. What you recorded is kept, and sent once you are.");
  if (trouble === "no-role") return noRole();
  if (trouble === "unreachable") return noProvider();
  if (trouble === "broken") return _("The desk does not answer as it should.");
  if (trouble === "offline" && !time) return _("No connection, and no list was kept here.");
  if (trouble === "offline") return _("No connection. The list is of %(time)s.", { time });
  return time ? _("As of %(time)s", { time }) : _("Loading");
}

/** @param {TodayCase} summary @returns {number | null} */
function metres(summary) {
  if (!here) return null;
  const east = (summary.longitude - here.longitude) * DEGREE_M * Math.cos((here.latitude * Math.PI) / 180);
  return Math.hypot(east, (summary.latitude - here.latitude) * DEGREE_M);
}

/**
 * @param {string} officer
 * @param {TodayCase} summary
 * @param {"found" | "not_found"} finding
 * @param {string} note
 */
async function record(officer, summary, finding, note) {
  const { report_id, number, category, status, version } = summary;
  const said = { finding, note, checked_at: new Date().toISOString() };
  await keepRecorded({ key: crypto.randomUUID(), officer, report_id, number, category, status, version, ...said });
  await show();
  await refresh();
}

/** @param {Recorded} record */
async function onForget({ key }) {
  await working;
  await forgetRecorded(key);
  await refresh();
}

/** @param {Recorded} record to be decided again, on the case as it is now */
async function onAgain(record) {
  if (record.now) await keepRecorded({ ...record, ...record.now, now: null });
  await refresh();
}

start();
