// The public map: address, map, list, filters and what happens live, put together.

import { byId } from "../design/elements.js";
import { _, formatTime } from "../design/texts.js";
import { PlaceField } from "../places/field.js";
import { Chosen } from "./chosen.js";
import { isFiltered, showCounts, showFilters, watchFilters } from "./filters.js";
import { Listing } from "./listing.js";
import { follow } from "./live.js";
import { byMailAddress, findNearest, readReport, readStatistics } from "./questions.js";
import { asSearch, readState, viewParameters } from "./state.js";
import { countsOf, showStatistics } from "./statistics.js";
import { listView } from "./view.js";

/** @typedef {import("./questions.js").Report} Report */
/** @typedef {import("./questions.js").Position} Position */
/** @typedef {import("./state.js").State} State */
/** @typedef {import("./view.js").View} View */

const page = JSON.parse(byId("page").textContent ?? "{}");
const FOUND_ZOOM = 13;
const NEAR_ZOOM = 8; // who sees more than that looks at no place in particular: the largest of a name comes first
const REPORT_ZOOM = 15;

let state = readState(location.search);
let asked = new AbortController();
let live = false;

const listing = new Listing(
  { list: byId("listing"), count: byId("listing-count"), notice: byId("listing-notice"), more: byId("listing-more"), said: byId("listing-said") },
  (report) => choose(report, true),
);
const chosen = new Chosen(byId("chosen"), page, () => unchoose());
const listener = { onMoved: moved, onReport: chooseById, onEmpty: () => state.report && unchoose(), onProblem: notify };
/** @type {View} */
let view = listView(state, page.bounds, listener, byId("map"));

begin();

function begin() {
  showFilters(state);
  watchFilters(change);
  new PlaceField({ bounds: page.bounds, near: () => (view.place().zoom < NEAR_ZOOM ? undefined : view.place()) }, found);
  addEventListener("popstate", restored);
  addEventListener("offline", () => listing.failed(refresh));
  follow({ onChange: somethingChanged, concerns, onMode: showMode });
  moved();
  if (state.report) chooseById(state.report, view.place());
  showMap();
}

/** The map comes when everything else is there: list, search and filters don't wait for it. */
async function showMap() {
  const maps = await import("./map-view.js").catch(() => null);
  if (!maps) return withoutMap(_("The map could not be loaded. The list has the same reports; for the map look at your connection, and load the page again."));
  try {
    const before = state;
    const map = await maps.mapView(byId("map"), state, page, listener);
    view = map;
    map.draw(state); // what was done meanwhile
    map.mark(chosen.report);
    if (state.view && state.view !== before.view) map.go(state.view);
    else moved();
  } catch (error) {
    if (!(error instanceof maps.MapUnavailable)) throw error;
    withoutMap(_("This browser cannot draw the map. The list has the same reports: search for a place to see what is there."));
  }
}

/** @param {string} words */
function withoutMap(words) {
  document.querySelector(".map-page")?.classList.add("without-map");
  notify(words);
  view = listView(state, page.bounds, listener, null);
  moved();
}

/** @param {Position} place */
function found({ longitude, latitude }) {
  unchoose(false);
  view.go({ longitude, latitude, zoom: Math.max(FOUND_ZOOM, view.place().zoom) });
}

/** The view is another: the address says so, and the list shows what is there. */
function moved() {
  const place = view.place();
  const report = byId("report-here");
  if (report instanceof HTMLAnchorElement) report.search = `?${new URLSearchParams(viewParameters(place))}`;
  byId("by-mail").setAttribute("href", byMailAddress(page.by_mail, view.box(), page.bounds));
  if (!initial()) remember({ view: place }, false);
  refresh();
}

/** Until somebody moves, the address of the whole country stays the short one. */
function initial() {
  return state.view === null && (!view.drawn || view.place().zoom < 7);
}

/**
 * @param {Partial<State>} to
 * @param {boolean} push as a step that "back" takes back
 */
function remember(to, push) {
  state = { ...state, ...to };
  const address = location.pathname + asSearch(state);
  if (push) history.pushState(null, "", address);
  else history.replaceState(history.state, "", address);
}

function restored() {
  const before = state;
  state = readState(location.search);
  showFilters(state);
  view.draw(state);
  if (!state.report) hideChosen();
  if (state.view && JSON.stringify(state.view) !== JSON.stringify(before.view)) view.go(state.view);
  else refresh();
  if (state.report && state.report !== before.report) chooseById(state.report, view.place());
}

/** @param {Partial<State>} to other filters */
function change(to) {
  remember(to, true);
  showFilters(state);
  view.draw(state);
  refresh();
}

async function refresh() {
  asked.abort();
  const { signal } = (asked = new AbortController());
  listing.loading();
  try {
    const found = await findNearest(state, view.box(), signal);
    listing.show(found, { filtered: isFiltered(state), onClear: () => change({ statuses: [], categories: [], days: 0 }), onCountry: () => view.go(null) });
    showFreshness();
    const known = found.reports.find(({ report_id: id }) => id === state.report);
    if (known) choose(known, false);
    await count(signal);
  } catch {
    if (!signal.aborted) listing.failed(refresh);
  }
}

/** @param {AbortSignal} signal */
async function count(signal) {
  const numbers = await readStatistics(state, view.box(), signal).catch(() => null);
  if (signal.aborted) return;
  showCounts(numbers && countsOf(numbers));
  showStatistics(byId("statistics"), byId("statistics-body"), numbers, page);
}

/** @param {Report} report @param {boolean} asked whether somebody chose it just now */
function choose(report, asked) {
  if (asked) remember({ report: report.report_id }, state.report !== report.report_id);
  byId("overview").hidden = true;
  chosen.show(report, asked);
  view.mark(report);
  if (asked && view.drawn && view.place().zoom < 12) view.go({ ...report, zoom: REPORT_ZOOM });
}

/** @param {string} id @param {Position} near */
async function chooseById(id, near) {
  const known = listing.reports.find(({ report_id: other }) => other === id) ?? (await readReport(id, near).catch(() => null));
  if (known) return choose(known, true);
  return gone();
}

function gone() {
  byId("overview").hidden = true;
  view.mark(null);
  chosen.gone();
}

/** @param {boolean} [focus] */
function unchoose(focus = true) {
  const id = state.report;
  if (!id) return hideChosen();
  remember({ report: null }, true);
  hideChosen();
  if (focus) listing.focusOn(id);
}

function hideChosen() {
  chosen.hide();
  byId("overview").hidden = false;
  view.mark(null);
}

/** @param {string[]} arrived */
async function somethingChanged(arrived) {
  for (const id of arrived) listing.arrived.add(id);
  view.renew();
  const looked = refresh();
  const { report } = chosen;
  await looked;
  if (!report || report !== chosen.report || listing.reports.some(({ report_id: id }) => id === report.report_id)) return;
  const now = await readReport(report.report_id, report).catch(() => report); // not known is not gone
  if (report !== chosen.report) return;
  if (now) choose(now, false);
  else gone();
}

/** @param {{report_id: string, longitude?: number, latitude?: number}} report */
function concerns({ report_id: id, longitude, latitude }) {
  if (id === state.report) return true;
  if (longitude === undefined || latitude === undefined) return view.place().zoom < 12 || listing.reports.some(({ report_id: other }) => other === id);
  const [west, south, east, north] = view.box();
  return longitude >= west && longitude <= east && latitude >= south && latitude <= north;
}

/** @param {boolean} now */
function showMode(now) {
  live = now;
  showFreshness();
}

function showFreshness() {
  const line = byId("freshness");
  line.toggleAttribute("data-live", live);
  line.textContent = live ? _("live") : _("as of %(time)s", { time: formatTime(Date.now()) });
}

/** @param {string} words */
function notify(words) {
  const notice = byId("map-notice");
  notice.textContent = words;
  notice.hidden = false;
}
