// Streets from an operator's own tiles, when there are some: vector tiles of the usual schemas, or pictures.

/** @typedef {import("../vendor/maplibre-gl.mjs").SourceSpecification} SourceSpecification */
/** @typedef {import("../vendor/maplibre-gl.mjs").LayerSpecification} LayerSpecification */
/** @typedef {{source: SourceSpecification, layers: string[] | null}} Streets `layers`: what the tiles say they hold, if they say it */
/** @typedef {{kind: "pmtiles" | "vector" | "raster", address: string, attribution: string}} StreetsSetting */

// Layers with lines of roads and with their names: Protomaps, OpenMapTiles, Shortbread.
const ROADS = ["roads", "transportation", "streets"];
const NAMES = ["roads", "transportation_name", "street_labels"];
const MAJOR = ["motorway", "trunk", "primary", "secondary", "highway", "major_road"];

/**
 * @param {StreetsSetting | null | undefined} setting what the server told the page
 * @param {(address: string) => Promise<any>} metadata reads a PMTiles file's own description
 * @returns {Promise<Streets | null>} null where there are none, or they can't be reached: the map does without
 */
export async function readStreets(setting, metadata) {
  if (!setting) return null;
  const { kind, attribution } = setting;
  const address = new URL(setting.address, location.href).href.replaceAll("%7B", "{").replaceAll("%7D", "}");
  if (kind === "raster") return { source: { type: "raster", tiles: [address], tileSize: 256, maxzoom: 19, attribution }, layers: [] };
  if (kind === "vector") return { source: { type: "vector", tiles: [address], minzoom: 0, maxzoom: 14, attribution }, layers: null };
  try {
    const described = await metadata(address);
    const layers = (described?.vector_layers ?? []).map((/** @type {{id: string}} */ layer) => layer.id);
    return { source: { type: "vector", url: `pmtiles://${address}`, attribution }, layers };
  } catch {
    return null;
  }
}

/**
 * @param {Streets | null} streets
 * @param {import("./palette.js").Palette} colours
 * @returns {LayerSpecification[]}
 */
export function streetLayers(streets, colours) {
  if (!streets) return [];
  if (streets.source.type === "raster") {
    return [{ id: "streets-picture", type: "raster", source: "streets", minzoom: 8, paint: { "raster-opacity": 0.9, "raster-saturation": -0.4 } }];
  }
  const held = (/** @type {string} */ layer) => !streets.layers || streets.layers.includes(layer);
  const roads = ROADS.filter(held);
  return [
    ...roads.map((layer) => road(`${layer}-edge`, layer, colours.streetEdge, 1.5)),
    ...roads.map((layer) => road(layer, layer, colours.street, 0)),
    ...NAMES.filter(held).map((layer) => roadNames(layer, colours)),
  ];
}

/** @type {any} */
const IS_MAJOR = ["in", ["coalesce", ["get", "class"], ["get", "kind"], ""], ["literal", MAJOR]];

/**
 * @param {string} id
 * @param {string} layer
 * @param {string} colour
 * @param {number} wider pixels more than the road itself
 * @returns {LayerSpecification}
 */
function road(id, layer, colour, wider) {
  return {
    id: `streets-${id}`,
    type: "line",
    source: "streets",
    "source-layer": layer,
    minzoom: 9,
    layout: { "line-cap": "round", "line-join": "round" },
    paint: {
      "line-color": colour,
      "line-width": [
        "interpolate", ["exponential", 1.5], ["zoom"],
        9, ["case", IS_MAJOR, 0.8 + wider, wider / 3],
        13, ["case", IS_MAJOR, 3 + wider, 1 + wider],
        18, ["case", IS_MAJOR, 18 + wider, 12 + wider],
      ],
    },
  };
}

/**
 * @param {string} layer
 * @param {import("./palette.js").Palette} colours
 * @returns {LayerSpecification}
 */
function roadNames(layer, colours) {
  return {
    id: `streets-names-${layer}`,
    type: "symbol",
    source: "streets",
    "source-layer": layer,
    minzoom: 13,
    layout: {
      "symbol-placement": "line",
      "text-field": ["coalesce", ["get", "name:pl"], ["get", "name"], ""],
      "text-font": ["KMZB Regular", "system-ui"],
      "text-size": 12,
    },
    paint: { "text-color": colours.streetText, "text-halo-color": colours.street, "text-halo-width": 1.2 },
  };
}
