// The map of all pages: createMap() in a container, with our base map, controls and the device's colours.

import { Map as MapLibre, addProtocol } from "../vendor/maplibre-gl.mjs";
import { PMTiles, Protocol } from "../vendor/pmtiles.js";
import { onSchemeChange, palette } from "./palette.js";
import { readStreets } from "./streets.js";
import { baseStyle } from "./style.js";
import { watchTrouble } from "./trouble.js";

/** @typedef {import("./streets.js").StreetsSetting} StreetsSetting */
/** @typedef {import("../vendor/maplibre-gl.mjs").StyleSpecification} StyleSpecification */

/**
 * @typedef {object} MapOptions
 * @property {string} label what a screen reader calls the map
 * @property {[number, number]} [center] longitude and latitude, degrees; the whole country when left out
 * @property {number} [zoom]
 * @property {[number, number, number, number]} [bounds] west, south, east, north, instead of centre and zoom
 * @property {StreetsSetting | null} [streets] as the server tells the page
 * @property {(url: string) => import("../vendor/maplibre-gl.mjs").RequestParameters} [request] how an address is asked
 * @property {boolean} [interactive] false: a picture only
 */

/** What the map may show, and the country in it: west, south, east, north. */
export const COUNTRY = /** @type {[number, number, number, number]} */ ([14.0, 48.95, 24.25, 54.95]);
const WINDOW = /** @type {[number, number, number, number]} */ ([7.0, 46.0, 31.0, 58.0]);
const ATTRIBUTION = "© OpenStreetMap contributors, GUGiK, Natural Earth, GSHHG";

export const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");

/** This browser draws no map: the page goes on without it. */
export class MapUnavailable extends Error {}

const protocol = new Protocol();
addProtocol("pmtiles", protocol.tile);

/**
 * A map in a container. It is there at once and draws as its tiles come; `load` fires when the first picture is whole.
 * @param {HTMLElement} container with a size of its own
 * @param {MapOptions} options
 * @returns {Promise<MapLibre>}
 * @throws {MapUnavailable} without WebGL
 */
export async function createMap(container, options) {
  const language = document.documentElement.lang || "pl";
  const streets = await readStreets(options.streets, (address) => new PMTiles(address).getMetadata());
  const style = () => baseStyle(palette(), language, streets);
  const map = made(container, options, style());
  // MapLibre's own log says "Error" alone of what went wrong in a worker: it comes from there as a copy without a stack.
  map.on("error", ({ error }) => console.error(`map: ${error.message}`));
  watchTrouble(map, () => protocol.tiles.clear()); // pmtiles keeps a header that could not be had as one that never can
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.once("remove", onSchemeChange(() => repaint(map, style())));
  attribute(container, options.streets);
  return map;
}

/**
 * @param {HTMLElement} container
 * @param {MapOptions} options
 * @param {StyleSpecification} style
 */
function made(container, options, style) {
  const { center, zoom, bounds, interactive = true } = options;
  const where = center ? { center, zoom: zoom ?? 12 } : { bounds: bounds ?? COUNTRY, fitBoundsOptions: { padding: 12, maxZoom: 13 } };
  try {
    return new MapLibre({
      container,
      style,
      ...where,
      interactive,
      minZoom: 4,
      maxZoom: 18,
      maxBounds: WINDOW,
      renderWorldCopies: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      attributionControl: false,
      refreshExpiredTiles: false, // what changes is told live; else each view would ask anew every few seconds
      transformRequest: options.request,
      fadeDuration: reducedMotion.matches ? 0 : 150,
      locale: { "Map.Title": options.label },
    });
  } catch (error) {
    container.replaceChildren();
    throw new MapUnavailable("no WebGL", { cause: error });
  }
}

/**
 * Only colours differ between light and dark, so layers that a page added stay.
 * @param {MapLibre} map
 * @param {StyleSpecification} style
 */
function repaint(map, style) {
  for (const layer of style.layers) {
    for (const [name, value] of Object.entries(("paint" in layer && layer.paint) || {})) {
      map.setPaintProperty(layer.id, /** @type {any} */ (name), value);
    }
  }
}

/**
 * @param {HTMLElement} container
 * @param {StreetsSetting | null | undefined} streets
 */
function attribute(container, streets) {
  const line = document.createElement("p");
  line.className = "map-attribution";
  line.textContent = streets?.attribution ? `${ATTRIBUTION}; ${streets.attribution}` : ATTRIBUTION;
  container.append(line);
}

/**
 * How a move is made: at once for those who asked for less motion.
 * @param {MapLibre} map
 * @param {[number, number]} center
 * @param {number} zoom
 */
export function moveTo(map, center, zoom) {
  if (reducedMotion.matches) map.jumpTo({ center, zoom });
  else map.flyTo({ center, zoom, duration: 900 });
}
