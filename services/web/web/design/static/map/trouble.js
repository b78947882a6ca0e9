// What of a map could not be loaded: said on the map in words, and asked for again, by itself and by a button.

import { h, icon } from "../elements.js";
import { _ } from "../texts.js";

/** @typedef {import("../vendor/maplibre-gl.mjs").Map} MapLibre */

const FIRST_MS = 5_000;
const LONGEST_MS = 120_000;

/**
 * From now on the map says what it lacks, until it has it.
 * @param {MapLibre} map
 * @param {() => void} forget what was kept of attempts that failed, before others are made
 */
export function watchTrouble(map, forget) {
  /** @type {Map<string, () => void>} by the name of what is missing, how to ask for it again */
  const missing = new Map();
  let wait = FIRST_MS;
  let timer = 0;
  const again = () => {
    clearTimeout(timer);
    timer = 0;
    forget();
    const asked = [...missing.values()];
    missing.clear();
    for (const ask of asked) ask();
    map.triggerRepaint(); // idle is said after a picture
  };
  const notice = sign(again);
  map.getContainer().append(notice);
  map.on("error", (/** @type {any} */ { sourceId, tile, ask }) => {
    if (!sourceId) return;
    if (tile) delete tile.actor; // of a tile that failed, MapLibre would wait for whoever was asked first
    if (!missing.has(sourceId) || !tile) missing.set(sourceId, ask ?? (() => load(map, sourceId, !tile)));
    notice.hidden = false;
    if (timer) return;
    timer = window.setTimeout(again, wait);
    wait = Math.min(LONGEST_MS, 2 * wait);
  });
  map.on("idle", () => {
    if (missing.size) return;
    notice.hidden = true;
    wait = FIRST_MS;
  });
  const online = () => missing.size && again();
  addEventListener("online", online);
  map.once("remove", () => (clearTimeout(timer), removeEventListener("online", online)));
}

/** @param {() => void} again */
function sign(again) {
  const button = h("button", { type: "button", class: "button button-small", onclick: again }, icon("ui-refresh"), _("Try again"));
  const words = h("p", {}, _("A part of the map could not be loaded. It is tried again by itself."));
  return h("div", { class: "notice notice-warning map-trouble", role: "status", hidden: true }, icon("ui-warning"), words, button);
}

/** @param {MapLibre} map @param {string} id @param {boolean} whole */
function load(map, id, whole) {
  const source = /** @type {import("../vendor/maplibre-gl.mjs").VectorTileSource | undefined} */ (map.getSource(id));
  if (!source) return;
  if (whole && source.url) source.setUrl(source.url);
  else map.refreshTiles(id);
}
