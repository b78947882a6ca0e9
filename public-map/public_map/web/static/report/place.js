// The place of a report: where the device is, and what any position is called; it is always also said in words.

import { _, formatNumber } from "../design/texts.js";
import { coordinatesInWords, within } from "../places/coordinates.js";

/** @typedef {import("../places/coordinates.js").Position} Position */
/** @typedef {{place: string, unit: string | null, outside?: boolean}} Located */

const LONGEST_SECONDS = 15;

/**
 * A position in words, and the unit that answers there; the coordinates alone where the server can't be asked.
 * @param {Position} position
 * @returns {Promise<Located>}
 */
export async function locate(position) {
  try {
    const query = new URLSearchParams({ longitude: String(position.longitude), latitude: String(position.latitude) });
    const response = await fetch(`/v1/locate?${query}`, { signal: AbortSignal.timeout(8000) });
    if (!response.ok) throw new Error(`locate: ${response.status}`);
    const found = await response.json();
    return { place: placeInWords(found.place) || coordinatesInWords(position), unit: found.unit_name ?? null, outside: found.outcome === "outside" };
  } catch {
    return { place: coordinatesInWords(position), unit: null };
  }
}

/**
 * @param {any} place
 * @returns {string}
 */
function placeInWords(place) {
  if (!place || typeof place === "string") return place ?? "";
  const { name, gmina, powiat } = place;
  const within = [gmina, powiat].find((part) => part && part !== name);
  return within ? `${name} (${within})` : name;
}

/**
 * Where the device says it is; in words, why that can't be had.
 * @param {[number, number, number, number]} bounds
 * @returns {Promise<(Position & {accuracy: number}) | string>}
 */
export function devicePosition(bounds) {
  return new Promise((resolve) => {
    if (!("geolocation" in navigator)) {
      resolve(_("This device does not tell where it is. Type the name of the place."));
      return;
    }
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        const { longitude, latitude, accuracy } = coords;
        const position = { longitude: rounded(longitude), latitude: rounded(latitude), accuracy: Math.round(accuracy) };
        resolve(within(position, bounds) ? position : _("You are outside Poland. Type the name of the place you report on."));
      },
      (error) => resolve(refusal(error)),
      { enableHighAccuracy: true, timeout: LONGEST_SECONDS * 1000, maximumAge: 30_000 },
    );
  });
}

/** @param {GeolocationPositionError} error */
function refusal(error) {
  return error.code === error.PERMISSION_DENIED
    ? _("The browser may not tell where you are. Allow it, or type the name of the place.")
    : _("Your position could not be found. Type the name of the place.");
}

/** @param {number} degrees */
export function rounded(degrees) {
  return Math.round(degrees * 1e6) / 1e6;
}

/** @param {number} metres */
export function accuracyInWords(metres) {
  return metres < 1000
    ? _("accurate to %(metres)s m", { metres: formatNumber(metres) })
    : _("accurate to %(km)s km only: move the point on the map", { km: formatNumber(Math.round(metres / 1000)) });
}
