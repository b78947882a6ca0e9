// A report on its way: kept with its Idempotency-Key until the server has said yes or no, so that it is sent exactly once.

import { oneForm } from "./characters.js";
import { read, remove, write } from "./draft.js";
import { instantOf } from "./times.js";

/**
 * @typedef {object} Parcel
 * @property {string} key the Idempotency-Key, the same for every attempt
 * @property {string} body as it was first sent, to the byte
 * @property {number} since when sending was asked for, milliseconds
 */
/** @typedef {import("./draft.js").Draft} Draft */
/** @typedef {{field: string, detail: string, ours?: boolean}} FieldError `ours`: found before anything was sent */
/** @typedef {{kind: "sent", receipt: any}} Sent */
/** @typedef {{kind: "refused", status: number, errors: FieldError[], retryAfter: number}} Refused */
/** @typedef {{kind: "waiting", seconds: number, offline: boolean}} Waiting */

const KEY = "kmzb-report-parcel";
const LONGEST_WAIT = 60;
const ATTEMPT_SECONDS = 20;

/**
 * The report as intake takes it.
 * @param {Draft} draft
 * @param {string} language
 * @param {number} now milliseconds
 * @param {string[]} photos
 */
export function reportBody(draft, language, now, photos) {
  const description = oneForm(draft.description);
  return {
    category: draft.category,
    longitude: draft.longitude,
    latitude: draft.latitude,
    ...(draft.day ? { occurred_at: instantOf(draft.day, draft.time, now) } : {}),
    ...(draft.weekdays.length ? { weekdays: draft.weekdays } : {}),
    ...(draft.timeOfDay ? { time_of_day: draft.timeOfDay } : {}),
    ...(description ? { description } : {}),
    ...(draft.email ? { contact: { email: draft.email } } : {}),
    ...(photos.length ? { photos } : {}),
    ...(draft.continues ? { continues: draft.continues } : {}),
    language,
  };
}

/** @returns {Parcel | null} what waits to be sent */
export function waitingParcel() {
  return read(KEY);
}

/**
 * Pack a report for sending; what waits already is not packed again.
 * @param {object} body
 * @returns {Parcel}
 */
export function pack(body) {
  const waiting = waitingParcel();
  if (waiting) return waiting;
  const parcel = { key: newKey(), body: JSON.stringify(body), since: Date.now() };
  write(KEY, parcel);
  return parcel;
}

/** Throw away what waits: it may have arrived all the same. */
export function discardParcel() {
  remove(KEY);
}

/**
 * Send until there is an answer. Attempts that tell nothing are repeated, later and later; of two open pages one sends.
 * @param {string} intake
 * @param {(waiting: Waiting) => void} onWaiting told before each wait
 * @param {AbortSignal} stop
 * @returns {Promise<Sent | Refused | null>} null when stopped, or another page has sent it
 */
export function send(intake, onWaiting, stop) {
  const attempt = () => sendUntilAnswered(intake, onWaiting, stop);
  return navigator.locks ? navigator.locks.request(KEY, attempt) : attempt();
}

/**
 * @param {string} intake
 * @param {(waiting: Waiting) => void} onWaiting
 * @param {AbortSignal} stop
 * @returns {Promise<Sent | Refused | null>}
 */
async function sendUntilAnswered(intake, onWaiting, stop) {
  for (let tries = 0; ; tries += 1) {
    const parcel = waitingParcel();
    if (!parcel || stop.aborted) return null;
    const answer = await attemptOnce(intake, parcel);
    if (answer.kind !== "waiting") {
      discardParcel();
      return answer;
    }
    const seconds = Math.max(answer.seconds, backOff(tries));
    onWaiting({ ...answer, seconds });
    await pause(seconds, stop);
  }
}

/**
 * @param {string} intake
 * @param {Parcel} parcel
 * @returns {Promise<Sent | Refused | Waiting>}
 */
async function attemptOnce(intake, parcel) {
  try {
    const response = await fetch(`${intake}/v1/reports`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "Idempotency-Key": parcel.key },
      body: parcel.body,
      signal: AbortSignal.timeout(ATTEMPT_SECONDS * 1000),
    });
    const answer = await response.json();
    if (response.status === 201) return { kind: "sent", receipt: answer };
    const retryAfter = Number(response.headers.get("Retry-After")) || 0;
    if (response.status >= 500 || response.status === 408) return { kind: "waiting", seconds: retryAfter, offline: false };
    return { kind: "refused", status: response.status, errors: answer.errors ?? [], retryAfter };
  } catch {
    return { kind: "waiting", seconds: 0, offline: !navigator.onLine };
  }
}

/**
 * @param {number} tries
 * @returns {number} seconds, not the same for everybody
 */
function backOff(tries) {
  return Math.min(LONGEST_WAIT, 2 ** tries) * (0.75 + Math.random() / 2);
}

/**
 * Wait; not longer than until the connection comes back, or somebody looks at the page again.
 * @param {number} seconds
 * @param {AbortSignal} stop
 * @returns {Promise<void>}
 */
function pause(seconds, stop) {
  return new Promise((resolve) => {
    const ended = new AbortController();
    const end = () => {
      ended.abort();
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(end, seconds * 1000);
    const signal = ended.signal;
    window.addEventListener("online", end, { signal });
    window.addEventListener("kmzb-send-now", end, { signal });
    stop.addEventListener("abort", end, { signal });
  });
}

/** @returns {string} an Idempotency-Key: nobody else makes the same */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
