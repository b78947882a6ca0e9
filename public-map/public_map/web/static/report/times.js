// A day and an hour as typed, in Poland, as an instant; and which days can be chosen.

const ZONE = "Europe/Warsaw";
const DAY_MS = 86_400_000;
export const OLDEST_DAYS = 30;

/**
 * The instant a wall clock in Poland shows a day and a time; without a time noon, or now while it is earlier than that.
 * @param {string} day YYYY-MM-DD
 * @param {string | undefined} time HH:MM
 * @param {number} now milliseconds
 * @returns {string} RFC 3339 with zone
 */
export function instantOf(day, time, now) {
  const wall = `${day}T${time || "12:00"}`;
  const summer = new Date(`${wall}:00+02:00`);
  const offset = wallClock(summer) === wall ? "+02:00" : "+01:00";
  const instant = new Date(`${wall}:00${offset}`);
  return !time && instant.getTime() > now ? new Date(now).toISOString() : `${wall}:00${offset}`;
}

/**
 * A day in Poland, so many days before an instant.
 * @param {number} now milliseconds
 * @param {number} daysBefore
 */
export function dayInPoland(now, daysBefore = 0) {
  return wallClock(new Date(now - daysBefore * DAY_MS)).slice(0, 10);
}

/** @param {Date} instant */
function wallClock(instant) {
  const parts = new Intl.DateTimeFormat("sv-SE", { timeZone: ZONE, dateStyle: "short", timeStyle: "short" });
  return parts.format(instant).replace(" ", "T");
}
