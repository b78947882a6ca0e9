// The reports on a map: single marks from zoom 12 on, rings with their number below, from vector tiles.

import { FONTS } from "./style.js";
import { addSymbols, CLUSTER_STATUSES } from "./symbols.js";

/** @typedef {import("../vendor/maplibre-gl.mjs").Map} MapLibre */
/** @typedef {import("../vendor/maplibre-gl.mjs").VectorTileSource} VectorTileSource */
/** @typedef {import("../vendor/maplibre-gl.mjs").GeoJSONSource} GeoJSONSource */

export const SINGLES_FROM = 12;
const SIZES = [10, 100, 1_000, 10_000];
const EIGHTHS = 8;

/** @type {any} */
const SIZE = ["step", ["get", "count"], "0", ...SIZES.flatMap((least, index) => [least, String(index + 1)])];
/** @type {any} */
const RING = ["concat", "cluster:", SIZE, ":", ...CLUSTER_STATUSES.map(eighths)];

/**
 * How many eighths of a cluster are in a status; a few among many still show.
 * @param {string} status
 */
function eighths(status) {
  const share = ["/", ["coalesce", ["get", status], 0], ["get", "count"]];
  return ["to-string", ["min", EIGHTHS, ["ceil", ["*", EIGHTHS - 0.5, share]]]];
}

/** @type {import("../vendor/maplibre-gl.mjs").LayerSpecification[]} */
const LAYERS = [
  {
    id: "clusters",
    type: "symbol",
    source: "reports",
    "source-layer": "clusters",
    layout: {
      "icon-image": RING,
      "icon-allow-overlap": true,
      "icon-size": ["interpolate", ["linear"], ["zoom"], 4, 0.72, 6.5, 1],
      "text-field": ["case", [">=", ["get", "count"], 10_000], ["concat", ["to-string", ["round", ["/", ["get", "count"], 1000]]], "k"], ["to-string", ["get", "count"]]],
      "text-font": FONTS.semibold,
      "text-size": ["step", ["get", "count"], 11.5, 10, 12, 100, 13, 1000, 14],
      "text-allow-overlap": true,
      "symbol-sort-key": ["get", "count"],
    },
    paint: { "text-color": "#14202e" },
  },
  {
    id: "chosen",
    type: "circle",
    source: "chosen",
    paint: { "circle-radius": 24, "circle-color": "#0b4a9e", "circle-opacity": 0.22, "circle-stroke-color": "#0b4a9e", "circle-stroke-width": 3 },
  },
  {
    id: "reports",
    type: "symbol",
    source: "reports",
    "source-layer": "reports",
    layout: {
      "icon-image": ["concat", "report:", ["get", "status"], ":", ["get", "category"]],
      "icon-allow-overlap": true,
      "icon-size": ["interpolate", ["linear"], ["zoom"], SINGLES_FROM, 0.72, 15, 1],
      "symbol-sort-key": ["coalesce", ["get", "supporters"], 0],
    },
  },
];

export class Reports {
  /**
   * @param {MapLibre} map its style loaded
   * @param {string} tiles the address of a tile with {z}, {x} and {y}
   */
  constructor(map, tiles) {
    this.map = map;
    this.tiles = tiles;
    this.due = false;
    addSymbols(map);
    map.addSource("reports", { type: "vector", tiles: [tiles], minzoom: 4, maxzoom: 14 });
    map.addSource("chosen", { type: "geojson", data: { type: "FeatureCollection", features: [] } });
    for (const layer of LAYERS) map.addLayer(layer);
    map.on("sourcedata", ({ sourceId, tile }) => sourceId === "reports" && tile && this.load());
    map.on("idle", () => this.load());
    for (const layer of ["clusters", "reports"]) {
      map.on("mouseenter", layer, () => (map.getCanvas().style.cursor = "pointer"));
      map.on("mouseleave", layer, () => (map.getCanvas().style.cursor = ""));
    }
  }

  /**
   * Draw from another address: other filters, or the same ones anew.
   * @param {string} tiles
   */
  setTiles(tiles) {
    if (tiles === this.tiles) return;
    this.tiles = tiles;
    this.renew();
  }

  /** What the tiles hold has changed: they are loaded anew, and drawn as before until they have come. */
  renew() {
    this.due = true;
    this.load();
  }

  /** Only when none is on its way: of a tile that still loads, the library keeps what it held when it was asked for. */
  load() {
    if (!this.due || !this.map.isSourceLoaded("reports")) return;
    this.due = false;
    /** @type {VectorTileSource} */ (this.map.getSource("reports")).setTiles([this.tiles]);
  }

  /**
   * @param {{longitude: number, latitude: number} | null} position of the report to mark as the chosen one
   */
  setChosen(position) {
    const features = position
      ? [{ type: /** @type {const} */ ("Feature"), properties: {}, geometry: { type: /** @type {const} */ ("Point"), coordinates: [position.longitude, position.latitude] } }]
      : [];
    /** @type {GeoJSONSource} */ (this.map.getSource("chosen")).setData({ type: "FeatureCollection", features });
  }

  /**
   * @param {(id: string, position: [number, number]) => void} onReport
   * @param {(position: [number, number]) => void} onCluster
   */
  onClick(onReport, onCluster) {
    this.map.on("click", "reports", ({ features }) => {
      const feature = features?.[0];
      if (feature?.geometry.type === "Point") onReport(String(feature.properties.id), at(feature.geometry.coordinates));
    });
    this.map.on("click", "clusters", ({ features }) => {
      const geometry = features?.[0]?.geometry;
      if (geometry?.type === "Point") onCluster(at(geometry.coordinates));
    });
  }
}

/**
 * @param {number[]} coordinates
 * @returns {[number, number]}
 */
function at([longitude, latitude]) {
  return [longitude, latitude];
}
