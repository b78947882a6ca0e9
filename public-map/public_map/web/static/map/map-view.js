// The map one looks at: its modules are the largest, so it comes after everything else of the page.

import { addControls } from "../design/map/controls.js";
import { COUNTRY, createMap, MapUnavailable, moveTo } from "../design/map/map.js";
import { Reports } from "../design/map/reports.js";
import { _ } from "../design/texts.js";
import { distance, tilesAddress } from "./questions.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./view.js").View} View */
/** @typedef {import("./view.js").Listener} Listener */

export { MapUnavailable };

const CHOOSING_ZOOM = 14;
const CLUSTER_STEP = 2.2;

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
