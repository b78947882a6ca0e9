// Does a text read like an emergency? The rule of `contracts/policy/emergency.py`, over the same lists; a test compares.

/** @typedef {{always: string[], unless_usual: string[], usual: string[], now: string[]}} WordList */
/** @typedef {{version: string, within: number, language: Record<string, WordList>}} EmergencyWords */

const DIACRITICS = /[\u0300-\u036f]/g;
const LETTERS = new Map(Object.entries({ ł: "l", ß: "ss", "'": "", "’": "", ʼ: "" }));

/**
 * @param {string} text
 * @param {EmergencyWords} lists
 * @returns {boolean}
 */
export function readsLikeEmergency(text, lists) {
  const said = words(text);
  return Object.values(lists.language).some((list) => found(said, list, lists.within));
}

/**
 * The words of a text in lower case without diacritics.
 * @param {string} text
 * @returns {string[]}
 */
export function words(text) {
  const plain = text.toLowerCase().replace(/[łß'’ʼ]/g, (letter) => LETTERS.get(letter) ?? letter);
  return plain.normalize("NFKD").replace(DIACRITICS, "").split(/[^\p{L}\p{N}]+/u).filter(Boolean);
}

/**
 * @param {string[]} said
 * @param {WordList} list
 * @param {number} within
 */
function found(said, list, within) {
  /** @param {string[]} entries */
  const any = (entries) => entries.some((entry) => matches(said, entry, within));
  if (any(list.always)) return true;
  const usual = any(list.usual) && !any(list.now);
  return !usual && any(list.unless_usual);
}

/**
 * @param {string[]} said
 * @param {string} entry
 * @param {number} within
 */
function matches(said, entry, within) {
  const [first = "", ...others] = entry.split(" ");
  if (first === "^") return said[0] !== undefined && is(said[0], others[0] ?? "");
  return said.some((word, position) => {
    if (!is(word, first)) return false;
    const near = said.slice(Math.max(0, position - within), position + within + 1);
    return others.every((term) => near.some((other) => is(other, term)));
  });
}

/**
 * @param {string} word
 * @param {string} term
 */
function is(word, term) {
  return forms(term).some((form) => (form.endsWith("*") ? word.startsWith(form.slice(0, -1)) : word === form));
}

/** @type {Map<string, string[]>} */
const known = new Map();

/**
 * @param {string} term
 * @returns {string[]}
 */
function forms(term) {
  let written = known.get(term);
  if (!written) {
    written = term.split("|").map((form) => words(form).join("") + (form.endsWith("*") ? "*" : ""));
    known.set(term, written);
  }
  return written;
}
