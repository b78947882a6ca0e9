// Characters as people count them, and a text in its one form: the same as `contracts/values/texts.py` on the server.

const CODE_POINTS = 4; // a text may have so many for each character that people count
const UNSEEN =
  /[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2060-\u2065\u206a-\u206f\u2800\u3164\ufeff\uffa0\ufff0-\ufffb\u{e0000}-\u{e0fff}]/gu;
const segmenter = "Segmenter" in Intl ? new Intl.Segmenter(undefined, { granularity: "grapheme" }) : null;

/**
 * The text as the server keeps it: without what shows nothing, NFC, trimmed.
 * @param {string} text
 * @returns {string}
 */
export function oneForm(text) {
  return text.replace(/\r\n|[\r\u2028\u2029]/g, "\n").replace(UNSEEN, "").normalize("NFC").trim();
}

/**
 * How many characters people see in what the server will keep.
 * @param {string} text
 * @returns {number}
 */
export function countCharacters(text) {
  const kept = oneForm(text);
  const points = Array.from(kept).length;
  const seen = segmenter ? Array.from(segmenter.segment(kept)).length : points;
  return Math.max(seen, Math.ceil(points / CODE_POINTS));
}
