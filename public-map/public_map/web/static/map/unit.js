// A unit's or district's page: its area with the reports in it, the latest changes, its numbers.

import { byId, fill, h } from "../design/elements.js";
import { addControls } from "../design/map/controls.js";
import { createMap, MapUnavailable } from "../design/map/map.js";
import { Reports, SINGLES_FROM } from "../design/map/reports.js";
import { _, formatRelative } from "../design/texts.js";
import { categoryMark, statusMark } from "./describe.js";
import { findNearest, tilesAddress } from "./questions.js";
import { asSearch } from "./state.js";
import { showStatistics } from "./statistics.js";

/** @typedef {import("./questions.js").Report} Report */
/** @typedef {import("./questions.js").Box} Box */

const page = JSON.parse(byId("page").textContent ?? "{}");
/** @type {Box} */
const box = (page.district ?? page.unit).bbox;
const LATEST = 8;
const everything = { view: null, statuses: [], categories: [], days: 0, report: null };

begin();

async function begin() {
  const whole = document.getElementById("on-map");
  if (whole instanceof HTMLAnchorElement) whole.search = searchAt((box[0] + box[2]) / 2, (box[1] + box[3]) / 2, 10);
  await Promise.all([drawMap(), listLatest(), countUnit()]);
}

async function drawMap() {
  try {
    const label = _("Map of reports; the list beside it has the same ones");
    const map = await createMap(byId("map"), { label, bounds: box, streets: page.streets });
    addControls(map);
    await new Promise((resolve) => map.once("style.load", resolve));
    await outline(map);
    const reports = new Reports(map, tilesAddress(everything));
    reports.onClick(
      (id, [longitude, latitude]) => open(searchAt(longitude, latitude, 16, id)),
      (center) => map.jumpTo({ center, zoom: Math.min(SINGLES_FROM + 1, map.getZoom() + 2) }),
    );
  } catch (error) {
    if (!(error instanceof MapUnavailable)) throw error;
    byId("map-notice").hidden = false;
  }
}

/** @param {string} search of the map's address; a page in a frame leaves the frame alone */
function open(search) {
  if (window.top === window) location.assign(`/${search}`);
  else window.open(`/${search}`, "_blank", "noopener");
}

/** @param {import("../design/vendor/maplibre-gl.mjs").Map} map */
async function outline(map) {
  const response = await fetch(`/v1/units/${encodeURIComponent(page.unit.unit)}`);
  if (!response.ok) return;
  const { outline: geometry } = await response.json();
  map.addSource("unit", { type: "geojson", data: { type: "Feature", properties: {}, geometry } });
  map.addLayer({ id: "unit-ground", type: "fill", source: "unit", paint: { "fill-color": "#2868c8", "fill-opacity": 0.07 } });
  map.addLayer({ id: "unit-edge", type: "line", source: "unit", paint: { "line-color": "#2868c8", "line-width": 2.5, "line-opacity": 0.8 } });
}

async function listLatest() {
  const list = document.getElementById("latest");
  if (!list) return;
  try {
    const found = await findNearest({ ...everything, days: 30 }, box, AbortSignal.timeout(45_000));
    const own = found.reports.filter(({ unit }) => unit === page.unit.unit);
    const latest = own.sort((one, other) => other.changed_at.localeCompare(one.changed_at)).slice(0, LATEST);
    fill(list, ...latest.map(item));
    if (latest.length === 0) byId("latest-notice").textContent = _("Nothing has changed in the last month.");
  } catch {
    fill(list);
    byId("latest-notice").textContent = _("The reports could not be loaded.");
  }
  list.setAttribute("aria-busy", "false");
}

/** @param {Report} report */
function item(report) {
  const address = `/${searchAt(report.longitude, report.latitude, 16, report.report_id)}`;
  return h(
    "li", {},
    h("a", { class: "listing-item listing-link", href: address }, categoryMark(report), h("strong", {}, report.category_name), statusMark(report), h("small", {}, formatRelative(report.changed_at))),
  );
}

async function countUnit() {
  const section = document.getElementById("statistics");
  if (!section) return;
  const response = await fetch(`/v1/statistics?${new URLSearchParams({ unit: page.unit.unit })}`);
  showStatistics(section, byId("statistics-body"), response.ok ? await response.json() : null, page);
}

/** @param {number} longitude @param {number} latitude @param {number} zoom @param {string | null} [report] */
function searchAt(longitude, latitude, zoom, report = null) {
  return asSearch({ ...everything, view: { longitude, latitude, zoom }, report });
}
