// A pin: the place of one report. Set by whoever shows the map, moved by hand or with the arrow keys where that is allowed.

import { Marker } from "../vendor/maplibre-gl.mjs";
import { icon } from "../elements.js";

/** @typedef {import("../vendor/maplibre-gl.mjs").Map} MapLibre */
/** @typedef {{longitude: number, latitude: number}} Position */

const STEP_PX = 8;
/** @type {Record<string, [number, number]>} */
const STEPS = { ArrowLeft: [-STEP_PX, 0], ArrowRight: [STEP_PX, 0], ArrowUp: [0, -STEP_PX], ArrowDown: [0, STEP_PX] };

export class Pin {
  /**
   * @param {MapLibre} map
   * @param {{label: string, onMove?: (position: Position) => void}} options `onMove`: the pin may be moved, and was
   */
  constructor(map, { label, onMove }) {
    this.map = map;
    this.onMove = onMove;
    /** @type {HTMLElement} */
    const element = document.createElement(onMove ? "button" : "div");
    element.className = "map-pin";
    element.append(icon("ui-pin"));
    if (element instanceof HTMLButtonElement) element.type = "button";
    else element.setAttribute("role", "img");
    this.marker = new Marker({ element, anchor: "bottom", draggable: Boolean(onMove) });
    element.setAttribute("aria-label", label);
    element.addEventListener("click", (event) => event.stopPropagation());
    if (!onMove) return;
    this.marker.on("dragend", () => this.said());
    element.addEventListener("keydown", (event) => this.step(event));
  }

  /**
   * @param {Position | null} position null takes it away
   */
  setPosition(position) {
    if (position) this.marker.setLngLat([position.longitude, position.latitude]).addTo(this.map);
    else this.marker.remove();
  }

  /** @param {KeyboardEvent} event */
  step(event) {
    const by = STEPS[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    const { x, y } = this.map.project(this.marker.getLngLat());
    this.marker.setLngLat(this.map.unproject([x + by[0], y + by[1]]));
    this.said();
  }

  said() {
    const { lng, lat } = this.marker.getLngLat();
    this.onMove?.({ longitude: round(lng), latitude: round(lat) });
  }
}

/**
 * A map that is clicked sets the pin there.
 * @param {MapLibre} map
 * @param {Pin} pin
 */
export function setPinOnClick(map, pin) {
  map.on("click", ({ lngLat }) => {
    pin.setPosition({ longitude: lngLat.lng, latitude: lngLat.lat });
    pin.said();
  });
}

/** @param {number} degrees some 10 cm is as exact as anybody points */
function round(degrees) {
  return Math.round(degrees * 1e6) / 1e6;
}
