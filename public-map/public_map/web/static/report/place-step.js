// The first step: search, position and map set the same place, which is always said in words.

import { _ } from "../design/texts.js";
import { byId } from "../design/elements.js";
import { PlaceField } from "../places/field.js";
import { accuracyInWords, devicePosition, locate, rounded } from "./place.js";

/** @typedef {import("../places/coordinates.js").Position} Position */
/** @typedef {import("./draft.js").Draft} Draft */

export class PlaceStep {
  /** @type {Awaited<ReturnType<typeof import("./map.js").placeMap>> | null} */
  map = null;
  asked = false;
  unavailable = false;

  /**
   * @param {{bounds: [number, number, number, number], streets: any}} page
   * @param {() => Draft} draft
   * @param {() => void} onChange
   */
  constructor({ bounds, streets }, draft, onChange) {
    this.bounds = bounds;
    this.streets = streets;
    this.draft = draft;
    this.onChange = onChange;
    this.notice = byId("place-notice");
    this.container = byId("report-map");
    new PlaceField({ bounds }, (found) => this.choose(found));
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
    const found = await devicePosition(this.bounds);
    button.disabled = false;
    if (typeof found === "string") this.say(found);
    else await this.choose(found);
  }

  /**
   * @param {Position & {accuracy?: number}} position
   * @param {"hand" | "elsewhere"} from
   */
  async choose(position, from = "elsewhere") {
    this.say("");
    const draft = this.draft();
    draft.longitude = rounded(position.longitude);
    draft.latitude = rounded(position.latitude);
    draft.accuracy = position.accuracy;
    draft.place = draft.unit = undefined;
    this.map?.showPoint({ longitude: draft.longitude, latitude: draft.latitude }, from);
    this.onChange();
    await this.show();
  }

  /** Show the draft's place, and say it in words as soon as the server has told which. */
  async show() {
    const draft = this.draft();
    const { longitude, latitude, accuracy } = draft;
    const chosen = byId("place-chosen");
    chosen.hidden = longitude === undefined || latitude === undefined;
    if (longitude === undefined || latitude === undefined) return;
    byId("place-accuracy").textContent = accuracy === undefined ? "" : accuracyInWords(accuracy);
    if (!draft.place) {
      this.words(_("Looking up the place…"), "");
      const found = await locate({ longitude, latitude });
      if (draft.longitude !== longitude || draft.latitude !== latitude) return; // another one was chosen meanwhile
      if (found.outside) {
        this.clear();
        this.say(_("That place lies outside Poland. Choose one in Poland."));
        return;
      }
      draft.place = found.place;
      draft.unit = found.unit ?? undefined;
      this.onChange();
    }
    this.words(draft.place ?? "", draft.unit ? _("%(unit)s answers there", { unit: draft.unit }) : "");
  }

  clear() {
    const draft = this.draft();
    draft.longitude = draft.latitude = draft.accuracy = undefined;
    byId("place-chosen").hidden = true;
    this.onChange();
  }

  /**
   * @param {string} place
   * @param {string} unit
   */
  words(place, unit) {
    byId("place-words").textContent = place;
    byId("place-unit").textContent = unit;
  }

  /** Give the map its room: in the step on a phone, beside the form where it is wide. */
  placeMap() {
    const wide = window.matchMedia("(min-width: 60rem)").matches;
    const around = byId(wide ? "map-side" : "map-slot");
    byId("map-side").hidden = !wide || this.unavailable;
    if (!this.unavailable && this.container.parentElement !== around) around.append(this.container);
    this.map?.resize();
  }

  /** The map comes when everything else is there; without it the form is whole. */
  async showMap() {
    if (this.asked) return;
    this.asked = true;
    try {
      const { placeMap } = await import("./map.js");
      this.map = await placeMap(this.container, this.streets, (position) => this.choose(position, "hand"));
      this.container.classList.remove("skeleton");
      const { longitude, latitude } = this.draft();
      if (longitude !== undefined && latitude !== undefined) this.map.showPoint({ longitude, latitude }, "elsewhere");
    } catch {
      this.unavailable = true; // no WebGL, or the connection is gone
      if (!this.notice.textContent) this.say(_("The map can't be shown here. Search for the place, use your position, or type coordinates."));
      this.container.remove();
      this.placeMap();
    }
  }
}
