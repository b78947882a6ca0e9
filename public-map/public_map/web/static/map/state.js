// What the page shows, kept in its address: place, zoom, filters, the chosen report. The browser's back button goes through it.

/**
 * @typedef {object} State
 * @property {{longitude: number, latitude: number, zoom: number} | null} view null: the whole country
 * @property {string[]} statuses none: all
 * @property {string[]} categories none: all
 * @property {number} days changed within so many; 0: whenever
 * @property {string | null} report the chosen one's id
 */

/** @type {State} */
export const EVERYTHING = { view: null, statuses: [], categories: [], days: 0, report: null };

/**
 * @param {string} search of an address
 * @returns {State}
 */
export function readState(search) {
  const query = new URLSearchParams(search);
  const [longitude, latitude, zoom] = ["longitude", "latitude", "zoom"].map((name) => Number.parseFloat(query.get(name) ?? ""));
  const known = Math.abs(longitude) <= 180 && Math.abs(latitude) <= 85;
  return {
    view: known ? { longitude, latitude, zoom: Number.isFinite(zoom) ? zoom : 13 } : null,
    statuses: listed(query.get("status")),
    categories: listed(query.get("category")),
    days: Math.max(0, Math.round(Number(query.get("days") ?? 0)) || 0),
    report: query.get("report"),
  };
}

/**
 * @param {State} state
 * @param {string} [current] the address' other parameters stay, the language say
 * @returns {string} with its question mark, or empty
 */
export function asSearch(state, current = location.search) {
  const query = new URLSearchParams(current);
  for (const name of ["longitude", "latitude", "zoom", "status", "category", "days", "report"]) query.delete(name);
  if (state.view) for (const [name, value] of Object.entries(viewParameters(state.view))) query.set(name, value);
  if (state.statuses.length) query.set("status", state.statuses.join(","));
  if (state.categories.length) query.set("category", state.categories.join(","));
  if (state.days) query.set("days", String(state.days));
  if (state.report) query.set("report", state.report);
  const text = query.toString().replaceAll("%2C", ",");
  return text && `?${text}`;
}

/**
 * @param {{longitude: number, latitude: number, zoom: number}} view
 * @returns {Record<string, string>}
 */
export function viewParameters({ longitude, latitude, zoom }) {
  return { longitude: longitude.toFixed(5), latitude: latitude.toFixed(5), zoom: String(Math.round(zoom * 100) / 100) };
}

/**
 * The filters as every endpoint understands them.
 * @param {Pick<State, "statuses" | "categories" | "days">} state
 * @param {number} [now] milliseconds
 * @returns {Record<string, string>}
 */
export function filterParameters({ statuses, categories, days }, now = Date.now()) {
  const hour = 3_600_000;
  return {
    ...(statuses.length ? { status: statuses.join(",") } : {}),
    ...(categories.length ? { category: categories.join(",") } : {}),
    ...(days ? { since: new Date(Math.floor(now / hour) * hour - days * 24 * hour).toISOString() } : {}),
  };
}

/** @param {string | null} text */
function listed(text) {
  return (text ?? "").split(",").filter(Boolean);
}
