// Of duty at the desk: open alarms above the queue, and who has duty beside one's own name.

import { alarmCard, alarmsKey, isOpen, readAlarms } from "./alarms.js";
import { Failed, get } from "./api.js";
import { byId, fill } from "./design/elements.js";
import { repeat, showWho } from "./session.js";

const ALARMS_MS = 5000;
const ROSTER_MS = 60_000;
let shown = "";

/** @param {import("./types.js").Alarm[]} alarms */
function showAlarms(alarms) {
  const open = alarms.filter(isOpen);
  const key = alarmsKey(open);
  if (key === shown) return;
  shown = key;
  byId("alarms").hidden = !open.length;
  fill(byId("alarms"), ...open.map((alarm) => alarmCard(alarm, showAlarms)));
}

/**
 * The desk itself says what is the matter with the connection.
 * @param {() => Promise<void>} ask
 */
async function attempt(ask) {
  try {
    await ask();
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
  }
}

/**
 * Ask again and again while somebody looks.
 * @param {import("./types.js").Me} me
 */
export function keepDuty(me) {
  repeat(ALARMS_MS, () => attempt(async () => showAlarms(await readAlarms())));
  repeat(ROSTER_MS, () => attempt(async () => showWho(me, await get("/v1/duty"))));
}
