// How long there is left, as words and as a length.

import { _ } from "./design/texts.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const LONG = 5 * DAY; // the longest promise; a full bar

/** @param {number} milliseconds */
export function duration(milliseconds) {
  const days = Math.floor(milliseconds / DAY);
  const hours = Math.floor((milliseconds % DAY) / HOUR);
  const minutes = Math.floor((milliseconds % HOUR) / MINUTE);
  if (days >= 1) return _("%(days)s d %(hours)s h", { days, hours });
  if (hours >= 1) return _("%(hours)s h %(minutes)s min", { hours, minutes });
  if (minutes >= 1) return _("%(minutes)s min", { minutes });
  return _("less than 1 min");
}

/**
 * @param {string | null} dueAt
 * @param {number} now
 */
export function timeLeft(dueAt, now) {
  if (!dueAt) return _("no deadline");
  const left = new Date(dueAt).getTime() - now;
  return left < 0 ? _("%(time)s overdue", { time: duration(-left) }) : _("%(time)s left", { time: duration(left) });
}

/**
 * How urgent: the class and the length of a bar, 0 to 100.
 * @param {string | null} dueAt
 * @param {number} now
 */
export function urgency(dueAt, now) {
  if (!dueAt) return { kind: "none", length: 0 };
  const left = new Date(dueAt).getTime() - now;
  if (left < 0) return { kind: "overdue", length: 100 };
  return { kind: left < DAY / 2 ? "soon" : "later", length: Math.max(2, Math.round((100 * Math.min(left, LONG)) / LONG)) };
}

/**
 * A value for `datetime-local`, in the browser's own time.
 * @param {Date} at
 */
export function localInput(at) {
  const shifted = new Date(at.getTime() - at.getTimezoneOffset() * MINUTE);
  return shifted.toISOString().slice(0, 16);
}
