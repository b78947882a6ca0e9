// Where a case is, as a picture beside the words: loaded only once a case is open, and gone without, where it can't be drawn.

import { _ } from "./design/texts.js";
import { coordinates } from "./describe.js";

const ZOOM = 12;
/** @type {Promise<{map: any, pin: any, box: HTMLElement} | null> | null} null inside: it can't be drawn */
let kept = null;

/**
 * Show the place of the case that is open. One map is kept and moved: a new one for each case would take a second.
 * @param {HTMLElement} place
 * @param {import("./types.js").Detail} detail
 */
export async function showPlace(place, detail) {
  const { longitude, latitude } = detail;
  // Asked for again before it is there, it is the same one.
  kept ??= made(longitude, latitude).catch(() => (kept = null));
  const shown = await kept;
  if (!shown) return; // the words say it all
  if (!place.isConnected) return; // another case was opened meanwhile
  place.hidden = false;
  place.replaceChildren(shown.box);
  shown.map.resize();
  shown.map.jumpTo({ center: [longitude, latitude], zoom: ZOOM });
  shown.pin.setPosition({ longitude, latitude });
  shown.pin.marker.getElement().setAttribute("aria-label", coordinates(detail));
}

/** @param {number} longitude @param {number} latitude */
async function made(longitude, latitude) {
  const [{ createMap }, { Pin }] = await Promise.all([import("./design/map/map.js"), import("./design/map/pin.js")]);
  const box = document.createElement("div");
  box.className = "map-box place-map";
  const label = _("Map of the place");
  const map = await createMap(box, { label, center: [longitude, latitude], zoom: ZOOM });
  return { map, pin: new Pin(map, { label }), box };
}
