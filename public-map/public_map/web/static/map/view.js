// Where one looks: the map, or without one a place and its surroundings, for browsers that draw no map.

import { addControls } from "../design/map/controls.js";
import { COUNTRY, createMap, moveTo } from "../design/map/map.js";
import { Reports } from "../design/map/reports.js";
import { _ } from "../design/texts.js";
import { distance, tilesAddress } from "./questions.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./questions.js").Box} Box */
/** @typedef {import("./questions.js").Position} Position */
/** @typedef {Position & {zoom: number}} Place */
/**
 * @typedef {object} View
 * @property {boolean} drawn whether there is a map
 * @property {() => Box} box what is in view
 * @property {() => Place} place its middle and zoom
 * @property {(place: Place | null) => void} go to a place; null: to the whole country
 * @property {(state: State) => void} draw the reports of the state
 * @property {() => void} renew what is drawn has changed
 * @property {(position: Position | null) => void} mark the chosen report
 */
/**
 * @typedef {object} Listener
 * @property {() => void} onMoved
 * @property {(id: string, position: Position) => void} onReport
 * @property {() => void} onEmpty a click beside all reports
 * @property {(words: string) => void} onProblem
 */

const CHOOSING_ZOOM = 14;
const CLUSTER_STEP = 2.2;
const AROUND = 0.12; // degrees of latitude to each side, without a map

/**
 * @param {HTMLElement} container
 * @param {State} state
 * @param {any} page
 * @param {Listener} listener
 * @returns {Promise<View>} once it can be moved; throws MapUnavailable
 */
export async function mapView(container, state, page, listener) {
  const where = state.view ? { center: /** @type {[number, number]} */ ([state.view.longitude, state.view.latitude]), zoom: state.view.zoom } : {};
  let revalidate = false; // a cache may hold a tile back for seconds: too long once it is known to have changed
  const request = (/** @type {string} */ url) => ({ url, ...(revalidate && url.includes("/v1/tiles/") ? { cache: /** @type {const} */ ("no-cache") } : {}) });
  const map = await createMap(container, { label: _("Map of reports; the list beside it has the same ones"), streets: page.streets, request, ...where });
  addControls(map, { locate: true, onProblem: listener.onProblem });
  await new Promise((resolve) => map.once("style.load", resolve));
  const reports = new Reports(map, tilesAddress(state));
  reports.onClick(
    (id, [longitude, latitude]) => listener.onReport(id, { longitude, latitude }),
    (center) => moveTo(map, center, Math.min(CHOOSING_ZOOM, map.getZoom() + CLUSTER_STEP)),
  );
  map.on("click", ({ point }) => map.queryRenderedFeatures(point, { layers: ["reports", "clusters"] }).length === 0 && listener.onEmpty());
  map.on("moveend", listener.onMoved);
  const place = () => ({ longitude: map.getCenter().lng, latitude: map.getCenter().lat, zoom: map.getZoom() });
  return {
    drawn: true,
    place,
    box: () => {
      const bounds = map.getBounds();
      return [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];
    },
    go: (to) => {
      if (!to) map.fitBounds(COUNTRY, { padding: 12, animate: false });
      else if (distance(to, place()) < 1 && Math.abs(to.zoom - map.getZoom()) < 0.01) listener.onMoved();
      else moveTo(map, [to.longitude, to.latitude], to.zoom);
    },
    draw: (of) => reports.setTiles(tilesAddress(of)),
    renew: () => {
      revalidate = true;
      reports.renew();
    },
    mark: (position) => reports.setChosen(position),
  };
}

/**
 * @param {State} state
 * @param {Listener} listener
 * @returns {View}
 */
export function listView(state, listener) {
  /** @type {Place | null} */
  let here = state.view;
  return {
    drawn: false,
    place: () => here ?? { longitude: 19.2, latitude: 52.1, zoom: 5 },
    box: () => {
      if (!here) return COUNTRY;
      const across = AROUND / Math.cos((here.latitude * Math.PI) / 180);
      return [here.longitude - across, here.latitude - AROUND, here.longitude + across, here.latitude + AROUND];
    },
    go: (to) => {
      here = to;
      listener.onMoved();
    },
    draw: () => {},
    renew: () => {},
    mark: () => {},
  };
}
