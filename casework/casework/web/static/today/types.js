// What the page of today knows.

/** @typedef {{weekdays: number[], time_of_day: string | null, task_due_at: string | null, until: string}} TodayFields */
/** @typedef {import("../types.js").Summary & TodayFields & {checks: number}} TodayCase */

/**
 * @typedef {object} Kept the list as it was read
 * @property {string} officer
 * @property {number} read when, in milliseconds
 * @property {TodayCase[]} cases
 */

/**
 * @typedef {object} Recorded a check that is not sent yet
 * @property {string} key by which the server knows it again
 * @property {string} officer who recorded it
 * @property {string} report_id
 * @property {string} number
 * @property {string} category
 * @property {string} status as it was seen
 * @property {number} version the one it was decided on
 * @property {"found" | "not_found"} finding
 * @property {string} checked_at
 * @property {string} note
 * @property {{status: string, version: number} | null} [now] the case as somebody else changed it meanwhile
 * @property {string} [refused] why it can't be recorded as it is
 */

export {};
