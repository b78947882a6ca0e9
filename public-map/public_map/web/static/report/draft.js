// What somebody has filled in so far, kept on this device alone until it is sent or thrown away.

/**
 * @typedef {object} Draft
 * @property {number} [longitude] WGS 84 degrees
 * @property {number} [latitude]
 * @property {number} [accuracy] metres, where the device said where it is
 * @property {string} [place] the place in words
 * @property {string} [unit] who answers there
 * @property {string} [category]
 * @property {string} [day] YYYY-MM-DD, in Poland
 * @property {string} [time] HH:MM, in Poland
 * @property {string} [timeOfDay]
 * @property {number[]} weekdays 1 is Monday
 * @property {string} description
 * @property {string} email
 * @property {string} [continues] the closed report this one goes on from
 * @property {string} [notUrgent] the description that was said not to be urgent
 */

const KEY = "kmzb-report-draft";
const DAYS_KEPT = 7;

/** @returns {Draft} */
export function emptyDraft() {
  return { weekdays: [], description: "", email: "" };
}

/**
 * The draft of this device; an empty one where there is none, or none that is recent.
 * @returns {Draft}
 */
export function readDraft() {
  const kept = read(KEY);
  const recent = kept && Date.now() - kept.savedAt < DAYS_KEPT * 86_400_000;
  return recent ? { ...emptyDraft(), ...kept.draft } : emptyDraft();
}

/** @param {Draft} draft */
export function writeDraft(draft) {
  write(KEY, { draft, savedAt: Date.now() });
}

export function deleteDraft() {
  remove(KEY);
}

/** @param {Draft} draft */
export function isEmpty(draft) {
  const { weekdays, description, email, ...others } = draft;
  return !weekdays.length && !description && !email && Object.values(others).every((value) => value === undefined);
}

/** What stands in for the device's storage where the browser has none, or none that is allowed. */
const memory = new Map();

/**
 * @param {string} key
 * @returns {any} null where nothing is kept
 */
export function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key) ?? memory.get(key) ?? "null");
  } catch {
    return JSON.parse(memory.get(key) ?? "null");
  }
}

/**
 * @param {string} key
 * @param {unknown} value
 */
export function write(key, value) {
  const text = JSON.stringify(value);
  try {
    localStorage.setItem(key, text);
    memory.delete(key);
  } catch {
    memory.set(key, text); // private windows, full or forbidden storage: it lasts as long as the page
  }
}

/** @param {string} key */
export function remove(key) {
  memory.delete(key);
  try {
    localStorage.removeItem(key);
  } catch {
    // nothing was kept there
  }
}
