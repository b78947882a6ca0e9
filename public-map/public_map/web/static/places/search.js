// Places by what somebody types: names and addresses, which the server knows, and coordinates, which it need not be asked for.

import { coordinatesInWords, parseCoordinates } from "./coordinates.js";

/** @typedef {import("./coordinates.js").Position} Position */
/** @typedef {Position & {name: string, kind: string, gmina?: string, powiat?: string, voivodeship?: string}} Place */

const RESULTS = 8;
const LEAST_LETTERS = 2;
const MOST_LETTERS = 100;

/**
 * @param {string} text
 * @param {[number, number, number, number]} bounds west, south, east, north: where coordinates are looked for
 * @param {Position | undefined} near the nearest come first; else the largest
 * @param {AbortSignal} signal
 * @returns {Promise<Place[]>}
 */
export async function findPlaces(text, bounds, near, signal) {
  const position = parseCoordinates(text, bounds);
  if (position) return [{ ...position, name: coordinatesInWords(position), kind: "coordinates" }];
  const typed = text.trim().slice(0, MOST_LETTERS);
  if (typed.length < LEAST_LETTERS) return [];
  /** @type {Record<string, string>} */
  const around = near ? { longitude: near.longitude.toFixed(4), latitude: near.latitude.toFixed(4) } : {};
  const query = new URLSearchParams({ q: typed, limit: String(RESULTS), ...around });
  const response = await fetch(`/v1/places?${query}`, { signal });
  if (!response.ok) throw new Error(`places: ${response.status}`);
  return (await response.json()).places;
}
