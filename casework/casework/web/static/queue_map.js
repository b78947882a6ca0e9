// The queue as points on a map, beside it, where there is room: loaded on wide screens alone. A point opens its case.

import { _ } from "./design/texts.js";
import { byId, h } from "./design/elements.js";

/** @typedef {import("./types.js").Summary} Summary */

const WIDE = matchMedia("(min-width: 90rem)");
const NOTHING = { type: "FeatureCollection", features: [] };
/** @type {Promise<QueueMap | null> | null} */
let made = null;

/** Whether there is room for it, and a browser that draws it. */
export function hasQueueMap() {
  return WIDE.matches && !document.body.classList.contains("no-map");
}

/**
 * Show the places of cases, and which one is open.
 * @param {Summary[]} cases
 * @param {string} open
 * @param {(reportId: string) => void} onOpen
 */
export async function showQueueMap(cases, open, onOpen) {
  if (!hasQueueMap()) return;
  made ??= make(onOpen);
  (await made)?.show(cases, open);
}

/** @param {(reportId: string) => void} onOpen */
async function make(onOpen) {
  const place = byId("queue-map");
  place.hidden = false;
  try {
    const [{ createMap }, { addControls }, { addSymbols }] = await Promise.all([
      import("./design/map/map.js"),
      import("./design/map/controls.js"),
      import("./design/map/symbols.js"),
    ]);
    const box = h("div", { class: "map-box" });
    place.replaceChildren(box);
    const map = await createMap(box, { label: _("Map of the queue") });
    addControls(map);
    addSymbols(map);
    await new Promise((loaded) => map.once("load", loaded));
    return new QueueMap(map, onOpen);
  } catch {
    place.hidden = true;
    document.body.classList.add("no-map"); // the list says it all
    return null;
  }
}

class QueueMap {
  /** @param {any} map @param {(reportId: string) => void} onOpen */
  constructor(map, onOpen) {
    this.map = map;
    this.shown = "";
    this.places = "";
    for (const name of ["open", "cases"]) map.addSource(name, { type: "geojson", data: NOTHING });
    const ring = { "circle-radius": 24, "circle-color": "#0b4a9e", "circle-opacity": 0.22, "circle-stroke-color": "#0b4a9e", "circle-stroke-width": 3 };
    map.addLayer({ id: "open", type: "circle", source: "open", paint: ring });
    const layout = { "icon-image": ["concat", "report:", ["get", "status"], ":", ["get", "category"]], "icon-allow-overlap": true, "icon-size": 0.8 };
    map.addLayer({ id: "cases", type: "symbol", source: "cases", layout });
    map.on("mouseenter", "cases", () => (map.getCanvas().style.cursor = "pointer"));
    map.on("mouseleave", "cases", () => (map.getCanvas().style.cursor = ""));
    map.on("click", "cases", (/** @type {any} */ { features }) => onOpen(String(features[0].properties.id)));
  }

  /** @param {Summary[]} cases @param {string} open */
  show(cases, open) {
    const key = JSON.stringify([open, cases.map((one) => [one.report_id, one.status, one.longitude, one.latitude])]);
    if (key === this.shown) return;
    this.shown = key;
    const current = cases.filter((one) => one.report_id === open);
    this.map.getSource("cases").setData(features(cases));
    this.map.getSource("open").setData(features(current));
    this.fit(cases, current);
  }

  /** Move only where other cases are listed, or the open one is out of the picture. @param {Summary[]} cases @param {Summary[]} current */
  fit(cases, current) {
    const places = cases.map((one) => one.report_id).sort().join();
    if (places !== this.places && cases.length) {
      const [east, north] = [cases.map((one) => one.longitude), cases.map((one) => one.latitude)];
      const bounds = [[Math.min(...east), Math.min(...north)], [Math.max(...east), Math.max(...north)]];
      this.map.fitBounds(bounds, { padding: 56, maxZoom: 14, animate: false });
    } else if (current.length && !this.map.getBounds().contains([current[0].longitude, current[0].latitude])) {
      this.map.jumpTo({ center: [current[0].longitude, current[0].latitude] });
    }
    this.places = places;
  }
}

/** @param {Summary[]} cases */
function features(cases) {
  const made = cases.map((one) => ({
    type: "Feature",
    properties: { id: one.report_id, status: one.status, category: one.category },
    geometry: { type: "Point", coordinates: [one.longitude, one.latitude] },
  }));
  return { type: "FeatureCollection", features: made };
}
