// The map's own colours, light and dark: few and calm, so that the reports are what one sees.

/**
 * @typedef {{abroad: string, land: string, water: string, river: string, waterText: string, country: string,
 *   voivodeship: string, powiat: string, gmina: string, area: string, city: string, town: string, village: string,
 *   halo: string, street: string, streetEdge: string, streetText: string}} Palette
 */

/** @type {Palette} */
const LIGHT = {
  abroad: "#e9e7e1", land: "#faf8f3", water: "#c9dde9", river: "#b3d0e0", waterText: "#3f6a84",
  country: "#8d8777", voivodeship: "#b5ae9d", powiat: "#d2ccbd", gmina: "#e4dfd3", area: "#7c7465",
  city: "#1b232c", town: "#313a44", village: "#4d5763", halo: "#faf8f3",
  street: "#ffffff", streetEdge: "#dcd6c8", streetText: "#5a5445",
};

/** @type {Palette} */
const DARK = {
  abroad: "#10161d", land: "#1a232d", water: "#0d2233", river: "#153247", waterText: "#7fa6c0",
  country: "#69788a", voivodeship: "#485767", powiat: "#33404d", gmina: "#28333e", area: "#93a1ae",
  city: "#f1f4f7", town: "#d3dae1", village: "#aab5c0", halo: "#141c24",
  street: "#34414e", streetEdge: "#141c24", streetText: "#b4bec8",
};

const asked = matchMedia("(prefers-color-scheme: dark)");

/** @returns {Palette} the colours the device asks for */
export function palette() {
  return asked.matches ? DARK : LIGHT;
}

/**
 * @param {() => void} repaint called when the device changes between light and dark
 * @returns {() => void} ends it
 */
export function onSchemeChange(repaint) {
  asked.addEventListener("change", repaint);
  return () => asked.removeEventListener("change", repaint);
}

/** KMZB's colours of the statuses, the same by day and night: each mark brings its own white ground. */
export const STATUS_COLOURS = {
  new: "#1f8a3b", verification: "#b87d00", confirmed: "#cf2b2b", unconfirmed: "#6f7782", referred: "#8b3fb0", eliminated: "#2868c8",
};

/** @typedef {keyof typeof STATUS_COLOURS} Status */
