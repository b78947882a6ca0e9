// What the page asks of the server.

import { language } from "../design/texts.js";
import { said } from "../design/unpressed.js";
import { EVERYTHING, filterParameters } from "./state.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {[number, number, number, number]} Box west, south, east, north */
/** @typedef {{longitude: number, latitude: number}} Position */
/**
 * @typedef {Position & {report_id: string, category: string, category_name: string, status: string, status_name: string,
 *   submitted_at: string, changed_at: string, unit: string, unit_name: string, garrison: string, supporters: number, imported: boolean, metres: number}} Report
 */

const PAGE = 200; // reports in one answer: some 20 kB compressed
const MOST = 2000; // the server's limit
const ENOUGH = 25;
const MOST_QUESTIONS = 5;
const METRES_PER_DEGREE = 111_320;

/**
 * The reports nearest to the middle of a box, as far as the box goes. Looks around the middle first, wider where little is
 * there and closer where there is too much, so that it costs the same over a village and over the country.
 * @param {State} state
 * @param {Box} box
 * @param {AbortSignal} signal
 * @returns {Promise<{reports: Report[], complete: boolean}>} `complete`: these are all in the box
 */
export async function findNearest(state, box, signal) {
  const middle = { longitude: (box[0] + box[2]) / 2, latitude: (box[1] + box[3]) / 2 };
  let share = box[2] - box[0] > 1 ? 1 / 16 : 1;
  /** @type {any[]} */
  let features = [];
  let whole = false;
  for (let asked = 0; asked < MOST_QUESTIONS; asked += 1) {
    const answer = await readReports(state, scaled(box, middle, share), signal);
    features = answer.features;
    whole = share === 1 && !answer.next;
    if (answer.next) {
      if (asked > 0 && share < 1 && features.length >= PAGE && share <= 1 / 1024) break;
      share /= 4;
    } else if (features.length < ENOUGH && share < 1) share = Math.min(1, share * 4);
    else break;
  }
  const reports = features.map((feature) => asReport(feature, middle)).sort((one, other) => one.metres - other.metres);
  return { reports, complete: whole };
}

/**
 * What changed last in a box, the latest first: of today and yesterday if that is enough, else of a week, else of a month.
 * @param {Box} box
 * @param {number} enough
 * @param {(report: Report) => boolean} belongs not all of the box is meant
 * @param {AbortSignal} signal
 * @returns {Promise<Report[]>}
 */
export async function findLatest(box, enough, belongs, signal) {
  const middle = { longitude: (box[0] + box[2]) / 2, latitude: (box[1] + box[3]) / 2 };
  /** @type {Report[]} */
  let found = [];
  for (const days of [1, 7, 30]) {
    const { features } = await readReports({ ...EVERYTHING, days }, box, signal, MOST);
    found = features.map((feature) => asReport(feature, middle)).filter(belongs);
    if (found.length >= enough) break;
  }
  return found.sort((one, other) => other.changed_at.localeCompare(one.changed_at)).slice(0, enough);
}

/**
 * One report, where it is known to lie; null when it is not public any more.
 * @param {string} id
 * @param {Position} near
 * @returns {Promise<Report | null>}
 */
export async function readReport(id, near) {
  const box = /** @type {Box} */ ([near.longitude - 0.002, near.latitude - 0.0015, near.longitude + 0.002, near.latitude + 0.0015]);
  const answer = await readReports(EVERYTHING, box, AbortSignal.timeout(10_000), MOST);
  const found = answer.features.find((/** @type {any} */ feature) => feature.id === id);
  return found ? asReport(found, near) : null;
}

/**
 * @param {State} state
 * @param {Box} box
 * @param {AbortSignal} signal
 * @param {number} [limit]
 * @returns {Promise<{features: any[], next: string | null}>}
 */
async function readReports(state, box, signal, limit = PAGE) {
  const query = new URLSearchParams({ bbox: asText(box), limit: String(limit), language, ...filterParameters(state) });
  // Asked because something changed: what a cache still holds is how it was before, and nothing would ask once more.
  const response = await fetch(`/v1/reports.geojson?${query}`, { signal, cache: "no-cache" });
  if (!response.ok) throw new Error(`reports: ${response.status}`);
  return said(response);
}

/**
 * @param {State} state
 * @param {Box} box
 * @param {AbortSignal} signal
 * @returns {Promise<any>}
 */
export async function readStatistics(state, box, signal) {
  const { since } = filterParameters(state);
  const query = new URLSearchParams({ bbox: asText(box), ...(since ? { since } : {}) });
  const response = await fetch(`/v1/statistics?${query}`, { signal, cache: "no-cache" });
  if (!response.ok) throw new Error(`statistics: ${response.status}`);
  return said(response);
}

/**
 * "Me too", said to intake.
 * @param {string} intake
 * @param {string} id
 */
export async function sendSupport(intake, id) {
  const response = await fetch(`${intake}/v1/reports/${encodeURIComponent(id)}/support`, { method: "POST", signal: AbortSignal.timeout(15_000) });
  if (!response.ok) throw new Error(`support: ${response.status}`);
}

/** @param {State} state @returns {string} the address of tiles with these filters */
export function tilesAddress(state) {
  const query = new URLSearchParams(filterParameters(state));
  return `${location.origin}/v1/tiles/{z}/{x}/{y}.mvt${query.size ? `?${query}` : ""}`;
}

/**
 * Where changes in a box are asked for by e-mail.
 * @param {string} subscriptions
 * @param {Box} box
 * @param {Box} country nothing is told of beyond it
 */
export function byMailAddress(subscriptions, [west, south, east, north], country) {
  const inside = [Math.max(west, country[0]), Math.max(south, country[1]), Math.min(east, country[2]), Math.min(north, country[3])];
  return `${subscriptions}&bbox=${inside.map((degrees) => degrees.toFixed(4)).join(",")}`;
}

/** @param {any} feature @param {Position} middle @returns {Report} */
function asReport({ geometry, properties }, middle) {
  const [longitude, latitude] = geometry.coordinates;
  return { ...properties, longitude, latitude, metres: distance({ longitude, latitude }, middle) };
}

/**
 * Metres between two places, near enough to sort by and to say "400 m".
 * @param {Position} one
 * @param {Position} other
 */
export function distance(one, other) {
  const x = (one.longitude - other.longitude) * Math.cos((one.latitude * Math.PI) / 180);
  return METRES_PER_DEGREE * Math.hypot(x, one.latitude - other.latitude);
}

/** @param {Box} box @param {Position} middle @param {number} share @returns {Box} */
function scaled([west, south, east, north], { longitude, latitude }, share) {
  return [longitude + (west - longitude) * share, latitude + (south - latitude) * share, longitude + (east - longitude) * share, latitude + (north - latitude) * share];
}

/** @param {Box} box */
function asText([west, south, east, north]) {
  const inside = [Math.max(west, -180), Math.max(south, -90), Math.min(east, 180), Math.min(north, 90)];
  return inside.map((degrees) => degrees.toFixed(5)).join(",");
}
