// A unit's or district's page: its area with the reports in it, the latest changes, its numbers.

import { byId, fill, h } from "../design/elements.js";
import { _, formatRelative } from "../design/texts.js";
import { categoryMark, statusMark } from "./describe.js";
import { isWithin } from "./ground.js";
import { findLatest } from "./questions.js";
import { asSearch, EVERYTHING } from "./state.js";
import { showStatistics } from "./statistics.js";

/** @typedef {import("./questions.js").Report} Report */
/** @typedef {import("./questions.js").Box} Box */

const page = JSON.parse(byId("page").textContent ?? "{}");
/** @type {Box} */
const box = (page.district ?? page.unit).bbox;
const LATEST = 8;

begin();

async function begin() {
  const whole = document.getElementById("on-map");
  if (whole instanceof HTMLAnchorElement) whole.search = searchAt((box[0] + box[2]) / 2, (box[1] + box[3]) / 2, 10);
  await Promise.all([listLatest(), countUnit(), showMap()]);
}

/** The map comes when everything else is there: what stands beside it does not wait. */
async function showMap() {
  const maps = await import("./unit-map.js").catch(() => null);
  if (!maps) return withoutMap(_("The map could not be loaded. Look at your connection, and load the page again."));
  try {
    await maps.drawMap(byId("map"), page, box, searchAt);
  } catch (error) {
    if (!(error instanceof maps.MapUnavailable)) throw error;
    withoutMap(_("This browser cannot draw the map."));
  }
}

/** @param {string} words */
function withoutMap(words) {
  byId("map-notice").textContent = words;
  byId("map-notice").hidden = false;
  byId("map").hidden = true;
}

async function listLatest() {
  const list = document.getElementById("latest");
  if (!list) return;
  try {
    const latest = await findLatest(box, LATEST, isOwn, AbortSignal.timeout(45_000));
    fill(list, ...latest.map(item));
    if (latest.length === 0) byId("latest-notice").textContent = _("Nothing has changed in the last month.");
  } catch {
    fill(list);
    byId("latest-notice").textContent = _("The reports could not be loaded. Look at your connection, and load the page again.");
  }
  list.setAttribute("aria-busy", "false");
}

/** @param {Report} report */
function isOwn({ unit, longitude, latitude }) {
  return page.district ? isWithin(page.district.outline, longitude, latitude) : unit === page.unit.unit;
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
  // Not from a cache: who loads the page again wants to see what has changed.
  const response = await fetch(`/v1/statistics?${new URLSearchParams({ unit: page.unit.unit })}`, { cache: "no-cache" }).catch(() => null);
  showStatistics(section, byId("statistics-body"), response?.ok ? await response.json() : null, page);
}

/** @param {number} longitude @param {number} latitude @param {number} zoom @param {string | null} [report] */
function searchAt(longitude, latitude, zoom, report = null) {
  return asSearch({ ...EVERYTHING, view: { longitude, latitude, zoom }, report });
}
