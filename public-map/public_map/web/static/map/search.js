// Search for a place by its name or by coordinates: the combobox of WAI-ARIA's Authoring Practices.

import { byId, fill, h, icon } from "../design/elements.js";
import { _, ngettext } from "../design/texts.js";

/** @typedef {import("./questions.js").Position} Position */
/** @typedef {Position & {name: string, kind?: string, gmina?: string, powiat?: string, voivodeship?: string}} Place */

const WAIT_MS = 120;
const RESULTS = 8;
const COORDINATES = /^\s*(-?\d{1,2}[.,]\d+)\s*[,;\s]\s*(-?\d{1,3}[.,]\d+)\s*$/;

export class Search {
  /** @type {Place[]} */
  places = [];
  current = -1;
  timer = 0;
  asked = new AbortController();

  /**
   * @param {() => Position} middle what "nearest first" is about
   * @param {(place: Place) => void} onChosen
   */
  constructor(middle, onChosen) {
    this.middle = middle;
    this.onChosen = onChosen;
    this.field = /** @type {HTMLInputElement} */ (byId("place-search"));
    this.list = byId("place-options");
    this.said = byId("place-notice");
    this.field.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = window.setTimeout(() => this.search(), WAIT_MS);
    });
    this.field.addEventListener("keydown", (event) => this.key(event));
    this.field.addEventListener("blur", () => this.close());
  }

  /** @param {KeyboardEvent} event */
  async key(event) {
    if (event.key === "Escape") this.close();
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      this.move(event.key === "ArrowDown" ? 1 : -1);
    }
    if (event.key === "Enter") {
      event.preventDefault();
      clearTimeout(this.timer);
      if (this.list.hidden || this.current < 0) await this.search();
      this.choose(Math.max(0, this.current));
    }
  }

  async search() {
    this.asked.abort();
    const { signal } = (this.asked = new AbortController());
    const text = this.field.value.trim();
    const typed = coordinates(text);
    if (typed) return this.show([typed]);
    if (text.length < 2) return this.show([]);
    try {
      const { longitude, latitude } = this.middle();
      const query = new URLSearchParams({ q: text.slice(0, 100), longitude: longitude.toFixed(4), latitude: latitude.toFixed(4), limit: String(RESULTS) });
      const response = await fetch(`/v1/places?${query}`, { signal });
      if (!response.ok) throw new Error(`places: ${response.status}`);
      this.show((await response.json()).places);
    } catch {
      if (signal.aborted) return undefined;
      this.show([]);
      this.tell(_("Places can't be searched just now. Move the map, or type coordinates."));
    }
    return undefined;
  }

  /** @param {Place[]} places */
  show(places) {
    this.places = places;
    this.current = -1;
    fill(this.list, ...places.map((place, index) => this.option(place, index)));
    this.list.hidden = places.length === 0;
    this.field.setAttribute("aria-expanded", String(places.length > 0));
    this.field.removeAttribute("aria-activedescendant");
    if (places.length > 0) this.said.textContent = ngettext("%(num)s place found", "%(num)s places found", places.length);
    else if (this.field.value.trim().length > 1) this.tell(_("No such place is known. Check the spelling, or type coordinates."));
  }

  /** @param {string} words what there is instead of places */
  tell(words) {
    this.said.textContent = words;
    fill(this.list, h("li", { class: "told", role: "option", "aria-disabled": "true" }, icon("ui-info"), h("span", {}, words)));
    this.list.hidden = document.activeElement !== this.field;
  }

  /** @param {Place} place @param {number} index */
  option({ name, gmina, powiat, voivodeship }, index) {
    const within = [gmina !== name && gmina, powiat, voivodeship].filter(Boolean).join(", ");
    const option = h("li", { id: `place-option-${index}`, role: "option", "aria-selected": "false" }, icon("ui-pin"), h("span", {}, name), h("small", {}, within));
    option.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
    option.addEventListener("click", () => this.choose(index));
    return option;
  }

  /** @param {number} by */
  move(by) {
    if (this.list.hidden || this.places.length === 0) return;
    const count = this.places.length;
    this.current = this.current < 0 && by < 0 ? count - 1 : (this.current + by + count) % count;
    [...this.list.children].forEach((option, index) => option.setAttribute("aria-selected", String(index === this.current)));
    const option = this.list.children[this.current];
    this.field.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  /** @param {number} index */
  choose(index) {
    const place = this.places[index];
    if (!place) return;
    this.field.value = place.name;
    this.close();
    this.onChosen(place);
  }

  close() {
    clearTimeout(this.timer);
    this.list.hidden = true;
    this.current = -1;
    this.field.setAttribute("aria-expanded", "false");
    this.field.removeAttribute("aria-activedescendant");
  }
}

/**
 * "50.67, 17.92": latitude first, as people write it.
 * @param {string} text
 * @returns {Place | null}
 */
function coordinates(text) {
  const found = COORDINATES.exec(text);
  if (!found) return null;
  const [latitude, longitude] = [found[1], found[2]].map((part) => Number(part.replace(",", ".")));
  return Math.abs(latitude) <= 85 ? { name: text, latitude, longitude } : null;
}
