// Coordinates as people type or paste them: decimal degrees, degrees with minutes and seconds, with N and E or without.

/** @typedef {{longitude: number, latitude: number}} Position */

const NUMBER = String.raw`\d{1,3}(?:[.,]\d+)?`;
const ANGLE = String.raw`([NSEW])?\s*(-?${NUMBER})\s*(?:°|deg|º|d)?\s*(?:(${NUMBER})\s*['′’]\s*)?(?:(${NUMBER})\s*(?:["″”]|'')\s*)?([NSEW])?`;
const PAIR = new RegExp(String.raw`^\s*${ANGLE}\s*[,;\s]\s*${ANGLE}\s*$`, "i");
const DECIMAL_COMMAS = /^\s*(\d{1,2}),(\d{2,})\s*[,;\s]\s*(\d{1,2}),(\d{2,})\s*$/;

/**
 * The position a text spells, latitude first unless letters say otherwise; null where it spells none.
 * @param {string} text
 * @param {[number, number, number, number]} bounds west, south, east, north: where a position is looked for
 * @returns {Position | null}
 */
export function parseCoordinates(text, bounds) {
  const plain = text.replace(/[szw]\.?\s*g\.?e?o?\.?/giu, "").replace(DECIMAL_COMMAS, "$1.$2 $3.$4");
  const match = PAIR.exec(plain);
  if (!match) return null;
  const [, before1, degrees1, minutes1, seconds1, after1, before2, degrees2, minutes2, seconds2, after2] = match;
  const first = angle(degrees1, minutes1, seconds1);
  const second = angle(degrees2, minutes2, seconds2);
  const letters = `${before1 ?? after1 ?? ""}${before2 ?? after2 ?? ""}`.toUpperCase();
  if (first === null || second === null || /[SW]/.test(letters)) return null;
  const candidates = letters.startsWith("E")
    ? [{ latitude: second, longitude: first }]
    : [{ latitude: first, longitude: second }, ...(letters ? [] : [{ latitude: second, longitude: first }])];
  return candidates.find((position) => within(position, bounds)) ?? null;
}

/**
 * @param {Position} position
 * @param {[number, number, number, number]} bounds
 */
export function within({ longitude, latitude }, [west, south, east, north]) {
  return west <= longitude && longitude <= east && south <= latitude && latitude <= north;
}

/**
 * @param {Position} position
 * @returns {string} as people read it aloud: 50.66510, 17.92630
 */
export function coordinatesInWords({ longitude, latitude }) {
  return `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`;
}

/**
 * @param {string | undefined} degrees
 * @param {string | undefined} minutes
 * @param {string | undefined} seconds
 * @returns {number | null}
 */
function angle(degrees, minutes, seconds) {
  const [d, m, s] = [degrees, minutes, seconds].map((part) => Number((part ?? "0").replace(",", ".")));
  if (d === undefined || m === undefined || s === undefined || m >= 60 || s >= 60) return null;
  return Math.round((d + m / 60 + s / 3600) * 1e6) / 1e6;
}
