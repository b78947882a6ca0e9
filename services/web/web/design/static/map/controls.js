// Buttons on a map: closer, farther, where I am. Of our own, so that they are as large and as plain as all others.

import { icon } from "../elements.js";
import { _ } from "../texts.js";
import { moveTo, reducedMotion } from "./map.js";

/** @typedef {import("../vendor/maplibre-gl.mjs").Map} MapLibre */

const LOCATED_ZOOM = 14;

/**
 * @param {MapLibre} map
 * @param {{locate?: boolean, onProblem?: (words: string) => void}} [options]
 * @returns {HTMLElement} the group of buttons, in the map's container already
 */
export function addControls(map, { locate = false, onProblem = () => {} } = {}) {
  const group = document.createElement("div");
  group.className = "map-controls";
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", _("Move the map"));
  const closer = button("ui-plus", _("Zoom in"), () => map.zoomTo(map.getZoom() + 1, { animate: !reducedMotion.matches }));
  const farther = button("ui-minus", _("Zoom out"), () => map.zoomTo(map.getZoom() - 1, { animate: !reducedMotion.matches }));
  group.append(closer, farther);
  if (locate && "geolocation" in navigator) {
    const here = button("ui-locate", _("Show where I am"), () => showPosition(map, here, onProblem));
    group.append(here);
  }
  map.on("zoom", () => {
    closer.disabled = map.getZoom() >= map.getMaxZoom();
    farther.disabled = map.getZoom() <= map.getMinZoom();
  });
  map.getContainer().append(group);
  return group;
}

/**
 * @param {string} symbol
 * @param {string} label
 * @param {() => void} act
 */
function button(symbol, label, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "button button-icon";
  made.setAttribute("aria-label", label);
  made.title = label;
  made.append(icon(symbol));
  made.addEventListener("click", act);
  return made;
}

/**
 * @param {MapLibre} map
 * @param {HTMLButtonElement} here
 * @param {(words: string) => void} onProblem
 */
function showPosition(map, here, onProblem) {
  here.setAttribute("aria-busy", "true");
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      here.removeAttribute("aria-busy");
      moveTo(map, [coords.longitude, coords.latitude], Math.max(map.getZoom(), LOCATED_ZOOM));
    },
    () => {
      here.removeAttribute("aria-busy");
      onProblem(_("Your position could not be found. Search for the place by its name."));
    },
    { enableHighAccuracy: true, timeout: 10_000, maximumAge: 60_000 },
  );
}
