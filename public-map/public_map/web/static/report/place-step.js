// The first step: search, position and map set the same place, which is always said in words.

import { _ } from "../design/texts.js";
import { byId } from "./elements.js";
import { PlaceField } from "./place-field.js";
import { accuracyInWords, devicePosition, locate, rounded } from "./place.js";

/** @typedef {import("./coordinates.js").Position} Position */
/** @typedef {import("./draft.js").Draft} Draft */

export class PlaceStep {
  /** @type {{showPoint: (position: Position, accuracy?: number) => void} | null} */
  map = null;

  /**
   * @param {[number, number, number, number]} bounds
   * @param {() => Draft} draft
   * @param {() => void} onChange
   */
  constructor(bounds, draft, onChange) {
    this.bounds = bounds;
    this.draft = draft;
    this.onChange = onChange;
    this.notice = byId("place-notice", HTMLElement);
    const input = byId("place-search", HTMLInputElement);
    const say = (/** @type {string} */ words) => this.say(words);
    this.field = new PlaceField(input, byId("place-options", HTMLElement), bounds, (found) => this.choose(found), say);
    const here = byId("here", HTMLButtonElement);
    here.addEventListener("click", () => this.useDevice(here));
  }

  /** @param {string} words */
  say(words) {
    this.notice.textContent = words;
  }

  /** @param {HTMLButtonElement} button */
  async useDevice(button) {
    button.disabled = true;
    this.say(_("Looking for your position…"));
    try {
      await this.choose(await devicePosition(this.bounds));
      this.say("");
    } catch (error) {
      this.say(error instanceof Error ? error.message : String(error));
    }
    button.disabled = false;
  }

  /** @param {Position & {accuracy?: number}} position */
  async choose(position) {
    const draft = this.draft();
    draft.longitude = rounded(position.longitude);
    draft.latitude = rounded(position.latitude);
    draft.accuracy = position.accuracy;
    draft.place = draft.unit = undefined;
    this.show();
    this.onChange();
  }

  /** Show the draft's place, and say it in words as soon as the server has told which. */
  async show() {
    const draft = this.draft();
    const { longitude, latitude, accuracy } = draft;
    const chosen = byId("place-chosen", HTMLElement);
    chosen.hidden = longitude === undefined || latitude === undefined;
    if (longitude === undefined || latitude === undefined) return;
    byId("place-accuracy", HTMLElement).textContent = accuracy === undefined ? "" : accuracyInWords(accuracy);
    this.map?.showPoint({ longitude, latitude }, accuracy);
    if (!draft.place) {
      this.words(_("Looking up the place…"), "");
      const found = await locate({ longitude, latitude });
      if (draft.longitude !== longitude || draft.latitude !== latitude) return; // another one was chosen meanwhile
      draft.place = found.place;
      draft.unit = found.unit ?? undefined;
      this.onChange();
    }
    this.words(draft.place ?? "", draft.unit ? _("%(unit)s answers there", { unit: draft.unit }) : "");
  }

  /**
   * @param {string} place
   * @param {string} unit
   */
  words(place, unit) {
    byId("place-words", HTMLElement).textContent = place;
    byId("place-unit", HTMLElement).textContent = unit;
  }

  /** The map comes when everything else is there; without it the form is whole. */
  async showMap() {
    // made by the map's own modules, once they are there
  }
}
