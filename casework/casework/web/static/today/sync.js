// Sends what was recorded, in its order, each once however often it is tried; what somebody else's change stands in the
// way of is kept for the officer to decide.

import { Failed, change, get } from "../api.js";
import { refusal, statusRefusal } from "../refusals.js";
import { forgetRecorded, keepRecorded, recorded } from "./device.js";

/** @typedef {import("./types.js").Recorded} Recorded */

/**
 * Throws Failed where the rest has to wait: no connection, no token, a server that is busy.
 * @param {string} officer whose are sent: another's stay until they sign in
 */
export async function sendRecorded(officer) {
  for (const record of await recorded()) {
    if (record.officer === officer && !record.now && !record.refused) await send(record);
  }
}

/** @param {Recorded} record */
async function send(record) {
  try {
    if (record.status === "new") await takeUp(record);
    const { checked_at, finding, note } = record;
    const body = note ? { checked_at, finding, note } : { checked_at, finding };
    await change(record.report_id, record.version, "checks", body, record.key);
    await forgetRecorded(record.key);
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    if ([404, 409, 412].includes(error.status)) await keepRecorded({ ...record, now: await asItIs(record) });
    else if ([403, 422].includes(error.status)) await keepRecorded({ ...record, refused: reason(error) });
    else throw error;
  }
}

/**
 * A new case is taken up by whoever checks it.
 * @param {Recorded} record
 */
async function takeUp(record) {
  const taken = await change(record.report_id, record.version, "take-up", {});
  record.version = taken.version;
  record.status = taken.status;
  await keepRecorded(record);
}

/** @param {Recorded} record */
async function asItIs({ report_id }) {
  /** @type {{cases: import("../types.js").Summary[]}} */
  const { cases } = await get(`/v1/cases?q=${report_id}`);
  return cases[0] ? { status: cases[0].status, version: cases[0].version } : { status: "", version: 0 };
}

/** @param {Failed} error */
function reason(error) {
  return error.problem.errors?.map((each) => refusal(each.detail)).join(" ") || statusRefusal(error.status);
}
