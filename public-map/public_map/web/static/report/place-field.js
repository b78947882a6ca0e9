// A field that offers places while one types: the combobox of WAI-ARIA's Authoring Practices.

import { _, ngettext } from "../design/texts.js";
import { element } from "./elements.js";
import { findPlaces } from "./place.js";

/** @typedef {import("./place.js").Place} Place */

const WAIT_MS = 120;
const CLOSE_MS = 200;

export class PlaceField {
  /** @type {Place[]} */
  places = [];
  current = -1;
  asked = new AbortController();
  timer = 0;

  /**
   * @param {HTMLInputElement} input
   * @param {HTMLElement} list
   * @param {[number, number, number, number]} bounds
   * @param {(place: Place) => void} onChosen
   * @param {(words: string) => void} onSaid what to announce
   */
  constructor(input, list, bounds, onChosen, onSaid) {
    this.input = input;
    this.list = list;
    this.bounds = bounds;
    this.onChosen = onChosen;
    this.onSaid = onSaid;
    input.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = window.setTimeout(() => this.search(), WAIT_MS);
    });
    input.addEventListener("keydown", (event) => this.onKey(event));
    input.addEventListener("blur", () => window.setTimeout(() => this.close(), CLOSE_MS));
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
      this.choose(Math.max(this.current, 0));
    }
  }

  async search() {
    this.asked.abort();
    const asked = new AbortController();
    this.asked = asked;
    try {
      const places = await findPlaces(this.input.value, this.bounds, asked.signal);
      if (!asked.signal.aborted) this.show(places);
    } catch {
      if (!asked.signal.aborted) this.onSaid(_("Places can't be searched just now. Type coordinates, or use your position."));
    }
  }

  /** @param {Place[]} places */
  show(places) {
    this.places = places;
    this.current = -1;
    this.list.replaceChildren(...places.map((place, index) => this.option(place, index)));
    this.list.hidden = places.length === 0;
    this.input.setAttribute("aria-expanded", String(places.length > 0));
    const typed = this.input.value.trim().length > 1;
    if (places.length > 0) this.onSaid(ngettext("%(num)s place found", "%(num)s places found", places.length));
    else this.onSaid(typed ? _("No such place is known. Check the spelling, or type coordinates.") : "");
  }

  /**
   * @param {Place} place
   * @param {number} index
   */
  option(place, index) {
    const more = [place.gmina !== place.name ? place.gmina : "", place.powiat, place.voivodeship];
    const item = element("li", { id: `place-${index}`, role: "option", "aria-selected": "false" }, [
      element("strong", {}, [place.name]),
      element("small", {}, [more.filter(Boolean).join(", ")]),
    ]);
    item.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
    item.addEventListener("click", () => this.choose(index));
    return item;
  }

  /** @param {number} by */
  move(by) {
    if (this.list.hidden) return;
    this.current = (this.current + by + this.places.length) % this.places.length;
    const items = [...this.list.children];
    items.forEach((item, at) => item.setAttribute("aria-selected", String(at === this.current)));
    const item = items[this.current];
    if (!item) return;
    this.input.setAttribute("aria-activedescendant", item.id);
    item.scrollIntoView({ block: "nearest" });
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
    this.list.hidden = true;
    this.current = -1;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }
}
