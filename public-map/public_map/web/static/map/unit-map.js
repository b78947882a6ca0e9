// The map of a unit's or district's page: the unit's area, and the reports in it.

import { addControls } from "../design/map/controls.js";
import { createMap, MapUnavailable } from "../design/map/map.js";
import { Reports, SINGLES_FROM } from "../design/map/reports.js";
import { _ } from "../design/texts.js";
import { tilesAddress } from "./questions.js";
import { EVERYTHING } from "./state.js";

/** @typedef {import("./questions.js").Box} Box */

export { MapUnavailable };

const INK = "#2868c8";

/**
 * @param {HTMLElement} container
 * @param {any} page
 * @param {Box} bounds
 * @param {(longitude: number, latitude: number, zoom: number, report: string) => string} searchAt of the whole map's address
 * @returns {Promise<void>}
 * @throws {MapUnavailable} without WebGL
 */
export async function drawMap(container, page, bounds, searchAt) {
  const label = _("Map of reports; the list beside it has the same ones");
  const map = await createMap(container, { label, bounds, streets: page.streets });
  addControls(map);
  await new Promise((resolve) => map.once("style.load", resolve));
  const whole = await outlineOf(page.unit.unit);
  if (whole && page.district) outline(map, "unit", whole, 1);
  const ground = page.district?.outline ?? whole;
  if (ground) outline(map, "ground", ground, 2.5, 0.07);
  const reports = new Reports(map, tilesAddress(EVERYTHING));
  reports.onClick(
    (id, [longitude, latitude]) => open(searchAt(longitude, latitude, 16, id)),
    (center) => map.jumpTo({ center, zoom: Math.min(SINGLES_FROM + 1, map.getZoom() + 2) }),
  );
}

/** @param {string} search of the map's address; a page in a frame leaves the frame alone */
function open(search) {
  if (window.top === window) location.assign(`/${search}`);
  else window.open(`/${search}`, "_blank", "noopener");
}

/** @param {string} unit @returns {Promise<any>} null: not known */
async function outlineOf(unit) {
  const response = await fetch(`/v1/units/${encodeURIComponent(unit)}`).catch(() => null);
  return response?.ok ? (await response.json()).outline : null;
}

/**
 * @param {import("../design/vendor/maplibre-gl.mjs").Map} map
 * @param {string} id
 * @param {any} geometry GeoJSON
 * @param {number} width of the line, pixels
 * @param {number} [opacity] of the ground
 */
function outline(map, id, geometry, width, opacity = 0) {
  map.addSource(id, { type: "geojson", data: { type: "Feature", properties: {}, geometry } });
  map.addLayer({ id: `${id}-area`, type: "fill", source: id, paint: { "fill-color": INK, "fill-opacity": opacity } });
  map.addLayer({ id: `${id}-edge`, type: "line", source: id, paint: { "line-color": INK, "line-width": width, "line-opacity": 0.8 } });
}
