// The map beside the form: it comes when everything else is there, and without it the form is whole.

import { addControls } from "../design/map/controls.js";
import { createMap, moveTo } from "../design/map/map.js";
import { Pin, setPinOnClick } from "../design/map/pin.js";
import { _ } from "../design/texts.js";

/** @typedef {import("../places/coordinates.js").Position} Position */

const CLOSE_ZOOM = { streets: 16, "base map": 13 };

/**
 * @param {HTMLElement} container
 * @param {any} streets as the server tells the page
 * @param {(position: Position) => void} onMove the pin was set or moved by hand
 * @returns {Promise<{showPoint: (position: Position, from: "hand" | "elsewhere") => void, resize: () => void}>}
 */
export async function placeMap(container, streets, onMove) {
  await styled();
  const map = await createMap(container, { label: _("Map: tap the place to set the pin"), streets });
  addControls(map);
  const close = streets ? CLOSE_ZOOM.streets : CLOSE_ZOOM["base map"];
  const pin = new Pin(map, { label: _("The place of the report; arrow keys move it"), onMove });
  setPinOnClick(map, pin);
  return {
    showPoint: (position, from) => {
      pin.setPosition(position);
      if (from === "elsewhere") moveTo(map, [position.longitude, position.latitude], Math.max(close, map.getZoom()));
    },
    resize: () => map.resize(),
  };
}

/** The looks of the map, which the form does not wait for. */
async function styled() {
  await Promise.all(["../design/vendor/maplibre-gl.css", "../design/map/map.css"].map(sheet));
}

/**
 * @param {string} path
 * @returns {Promise<void>} when it is there, or can't be had
 */
function sheet(path) {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = new URL(path, import.meta.url).href;
  return new Promise((resolve) => {
    link.addEventListener("load", () => resolve());
    link.addEventListener("error", () => resolve());
    document.head.append(link);
  });
}
