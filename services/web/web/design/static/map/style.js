// The base map's style: land, water, borders and names, drawn by the browser's own fonts, since there is no address of glyphs.

import { streetLayers } from "./streets.js";

/** @typedef {import("../vendor/maplibre-gl.mjs").StyleSpecification} StyleSpecification */
/** @typedef {import("../vendor/maplibre-gl.mjs").LayerSpecification} LayerSpecification */
/** @typedef {import("./palette.js").Palette} Palette */
/** @typedef {import("./streets.js").Streets} Streets */

const SOURCE = "poland";
const LARGEST = 300_000; // people, of cities named when one sees the whole country on a telephone
const TILES = new URL("./poland.pmtiles", import.meta.url).href;
// The first name only carries the weight; system-ui follows it.
export const FONTS = {
  regular: ["KMZB Regular", "system-ui"],
  medium: ["KMZB Medium", "system-ui"],
  semibold: ["KMZB Semibold", "system-ui"],
  italic: ["KMZB Italic", "system-ui"],
};

// Most reports lie in the middle of a city, so far out its name stands where their number leaves room: below it first.
/** @type {any} */
const BESIDE = {
  "text-variable-anchor-offset": ["step", ["zoom"], ["literal", around(1.75)], 7, ["literal", around(1.2)], 12, ["literal", ["center", [0, 0]]]],
  "text-justify": "auto",
};
/** @type {any} */
const ASIDE = {
  "text-variable-anchor-offset": ["center", [0, 0], "bottom", [0, -1.1], "top", [0, 1.1], "left", [1.3, 0], "right", [-1.3, 0]],
  "text-justify": "auto",
};

/**
 * Where a name may stand beside its place: below first.
 * @param {number} away in heights of its letters
 */
function around(away) {
  const aslant = away * 0.75;
  return [
    "top", [0, away], "bottom", [0, -away], "left", [away, 0], "right", [-away, 0],
    "top-left", [aslant, aslant], "top-right", [-aslant, aslant], "bottom-left", [aslant, -aslant], "bottom-right", [-aslant, -aslant],
  ];
}

/**
 * @param {Palette} colours
 * @param {string} language of the names abroad; Polish names stay as they are
 * @param {Streets | null} streets
 * @returns {StyleSpecification}
 */
export function baseStyle(colours, language, streets) {
  return {
    version: 8,
    sources: {
      [SOURCE]: { type: "vector", url: `pmtiles://${TILES}` },
      ...(streets ? { streets: streets.source } : {}),
    },
    layers: [
      { id: "background", type: "background", paint: { "background-color": colours.abroad } },
      { id: "land", type: "fill", source: SOURCE, "source-layer": "land", paint: { "fill-color": colours.land } },
      { id: "water", type: "fill", source: SOURCE, "source-layer": "water", paint: { "fill-color": colours.water } },
      line("rivers", "rivers", colours.river, [[5, 0.5], [8, 1.2], [11, 2]], { maxzoom: 11.5 }),
      ...streetLayers(streets, colours),
      border("gminas", 8, colours.gmina, [[9, 0.5], [14, 1.2]], { minzoom: 9.5 }),
      border("powiats", 6, colours.powiat, [[6, 0.5], [9, 1], [14, 1.6]], { minzoom: 7 }),
      border("voivodeships", 4, colours.voivodeship, [[4, 0.6], [8, 1.4], [14, 2.4]]),
      line("country-glow", "borders", colours.country, [[4, 4], [10, 9]], {
        filter: ["all", ["==", ["get", "level"], 2], ["!", ["has", "foreign"]]],
        paint: { "line-opacity": 0.16 },
      }),
      border("country", 2, colours.country, [[4, 0.9], [10, 1.8]]),
      ...areaNames(colours, language),
      ...placeNames(colours),
    ],
  };
}

/**
 * @param {string} id
 * @param {string} layer
 * @param {string} colour
 * @param {number[][]} widths pairs of zoom and pixels
 * @param {any} [more]
 * @returns {LayerSpecification}
 */
function line(id, layer, colour, widths, { paint = {}, ...more } = {}) {
  return {
    id,
    type: "line",
    source: SOURCE,
    "source-layer": layer,
    layout: { "line-join": "round", "line-cap": "round" },
    paint: { "line-color": colour, "line-width": byZoom(widths), ...paint },
    ...more,
  };
}

/**
 * @param {string} id
 * @param {number} level
 * @param {string} colour
 * @param {number[][]} widths
 * @param {any} [more]
 */
function border(id, level, colour, widths, more = {}) {
  return line(id, "borders", colour, widths, { filter: ["==", ["get", "level"], level], ...more });
}

/**
 * @param {number[][]} stops
 * @returns {any}
 */
function byZoom(stops) {
  return ["interpolate", ["linear"], ["zoom"], ...stops.flat()];
}

/**
 * @param {Palette} colours
 * @param {string} language
 * @returns {LayerSpecification[]}
 */
function areaNames(colours, language) {
  const foreign = ["coalesce", ["get", `name_${language}`], ["get", "name"]];
  return [
    names("powiat-names", "labels", ["==", ["get", "kind"], "powiat"], ["concat", "powiat ", ["get", "name"]], colours.area, colours.halo, {
      minzoom: 8.6, maxzoom: 11, layout: { "text-size": 11, "text-max-width": 7, "text-padding": 12 },
    }),
    names("voivodeship-names", "labels", ["==", ["get", "kind"], "voivodeship"], ["get", "name"], colours.area, colours.halo, {
      minzoom: 6, maxzoom: 8.6, layout: { "text-size": 11, "text-transform": "uppercase", "text-letter-spacing": 0.14, "text-padding": 6 },
    }),
    names("country-names", "labels", ["==", ["get", "kind"], "country"], foreign, colours.area, colours.abroad, {
      maxzoom: 9, layout: { "text-size": byZoom([[4, 11], [8, 16]]), "text-transform": "uppercase", "text-letter-spacing": 0.2 },
    }),
    names("sea-names", "labels", ["==", ["get", "kind"], "sea"], foreign, colours.waterText, colours.water, {
      maxzoom: 9, layout: { "text-font": FONTS.italic, "text-size": byZoom([[4, 12], [8, 18]]), "text-letter-spacing": 0.1 },
    }),
  ];
}

/**
 * Villages first, so that what is larger is drawn over them and takes the room.
 * @param {Palette} colours
 * @returns {LayerSpecification[]}
 */
function placeNames(colours) {
  const { city, town, village, halo } = colours;
  return [
    places("villages", 6, village, halo, FONTS.regular, [[10, 11], [13, 13], [16, 16]], 10.2),
    places("parishes", 5, village, halo, FONTS.medium, [[9, 11], [12, 13.5], [16, 17]], 9),
    places("towns", 4, town, halo, FONTS.medium, [[8, 11.5], [11, 14], [16, 19]], 8),
    places("seats", 3, town, halo, FONTS.medium, [[7, 11.5], [10, 14.5], [16, 21]], 7),
    places("large-towns", 2, city, halo, FONTS.medium, [[6, 12], [10, 17], [16, 23]], 6),
    places("cities", 1, city, halo, FONTS.semibold, [[4, 11], [6, 14], [10, 21], [16, 26]], 4),
  ];
}

/**
 * @param {string} id
 * @param {number} rank
 * @param {string} colour
 * @param {string} halo
 * @param {string[]} font
 * @param {number[][]} sizes
 * @param {number} minzoom
 */
function places(id, rank, colour, halo, font, sizes, minzoom) {
  /** @type {any} */
  const filter = ["all", ["==", ["get", "rank"], rank], [">=", ["get", "people"], rank === 1 ? ["step", ["zoom"], LARGEST, 6, 0] : 0]];
  return names(id, "places", filter, ["get", "name"], colour, halo, {
    minzoom,
    // A name steps aside for the reports above it, before it gives way.
    layout: { "text-font": font, "text-size": byZoom(sizes), ...(rank === 1 ? BESIDE : rank < 5 ? ASIDE : {}), "symbol-sort-key": ["-", 0, ["get", "people"]], "text-padding": rank > 4 ? 4 : 2 },
  });
}

/**
 * @param {string} id
 * @param {string} layer
 * @param {any} filter
 * @param {any} text
 * @param {string} colour
 * @param {string} halo
 * @param {any} more
 * @returns {LayerSpecification}
 */
function names(id, layer, filter, text, colour, halo, { layout, ...more }) {
  return {
    id,
    type: "symbol",
    source: SOURCE,
    "source-layer": layer,
    filter,
    layout: { "text-field": text, "text-font": FONTS.regular, "text-max-width": 8, ...layout },
    paint: { "text-color": colour, "text-halo-color": halo, "text-halo-width": 1.4 },
    ...more,
  };
}
