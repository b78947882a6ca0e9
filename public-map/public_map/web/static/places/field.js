// A field that offers places while one types, by name or by coordinates: the combobox of WAI-ARIA's Authoring Practices.

import { byId, fill, h, icon } from "../design/elements.js";
import { _, ngettext } from "../design/texts.js";
import { findPlaces } from "./search.js";

/** @typedef {import("./coordinates.js").Position} Position */
/** @typedef {import("./search.js").Place} Place */

const WAIT_MS = 120;

export class PlaceField {
  /** @type {Place[]} */
  places = [];
  current = -1;
  asked = new AbortController();
  timer = 0;

  /**
   * @param {{bounds: [number, number, number, number], near?: () => Position | undefined}} where places are looked for; `near`: the nearest first
   * @param {(place: Place) => void} onChosen
   */
  constructor(where, onChosen) {
    this.where = where;
    this.onChosen = onChosen;
    this.input = byId("place-search", HTMLInputElement);
    this.list = byId("place-options");
    this.said = byId("place-said");
    this.input.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = window.setTimeout(() => this.search(), WAIT_MS);
    });
    this.input.addEventListener("keydown", (event) => this.onKey(event));
    this.input.addEventListener("blur", () => this.close());
  }

  /** @param {KeyboardEvent} event */
  async onKey(event) {
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
    this.places = []; // what was found for other words is not what is meant now
    const { bounds, near } = this.where;
    try {
      const places = await findPlaces(this.input.value, bounds, near?.(), signal);
      if (!signal.aborted) this.show(places);
    } catch {
      if (!signal.aborted) this.tell(_("Places can't be searched just now. Type coordinates, or use your position."));
    }
  }

  /** @param {Place[]} places */
  show(places) {
    this.places = places;
    this.current = -1;
    fill(this.list, ...places.map((place, index) => this.option(place, index)));
    this.open(places.length > 0);
    this.said.textContent = places.length > 0 ? ngettext("%(num)s place found", "%(num)s places found", places.length) : "";
    if (places.length === 0 && this.input.value.trim().length > 1) this.tell(_("No such place is known. Check the spelling, or type coordinates."));
  }

  /** @param {string} words what there is instead of places */
  tell(words) {
    this.said.textContent = words;
    fill(this.list, h("li", { class: "told", role: "option", "aria-disabled": "true" }, icon("ui-info"), h("span", {}, words)));
    this.open(document.activeElement === this.input);
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
    const count = this.places.length;
    if (this.list.hidden || count === 0) return;
    this.current = this.current < 0 && by < 0 ? count - 1 : (this.current + by + count) % count;
    [...this.list.children].forEach((option, index) => option.setAttribute("aria-selected", String(index === this.current)));
    const option = this.list.children[this.current];
    this.input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  /** @param {number} index */
  choose(index) {
    const place = this.places[index];
    if (!place) return;
    this.input.value = place.name;
    this.close();
    this.onChosen(place);
  }

  close() {
    clearTimeout(this.timer);
    this.current = -1;
    this.open(false);
  }

  /** @param {boolean} open */
  open(open) {
    this.list.hidden = !open;
    this.input.setAttribute("aria-expanded", String(open));
    this.input.removeAttribute("aria-activedescendant");
  }
}
