// One photo in the form: what it looks like, how far it has come, and what can be done with it.

import { _, formatNumber } from "../../design/texts.js";
import { fill, h, icon } from "../../design/elements.js";
import { newKey } from "../sending.js";
import { shrunken } from "./shrink.js";
import { NotSent, upload } from "./upload.js";

/** @typedef {{longitude?: number, latitude?: number}} Place */

const FAR_METRES = 500;

export class Photo {
  /** @type {Promise<Blob>} */
  blob;
  key = newKey();
  /** @type {string | null} */
  token = null;
  /** @type {number | null} */
  metres = null;
  failed = false;
  /** What is wrong with it would be wrong again. */
  hopeless = false;
  /** The place it was last measured from. */
  measured = "";
  stop = new AbortController();

  /**
   * @param {File} file
   * @param {string} url
   * @param {(photo: Photo) => void} onRemove
   * @param {() => void} onChange
   */
  constructor(file, url, onRemove, onChange) {
    this.url = url;
    this.onChange = onChange;
    this.blob = shrunken(file);
    this.preview = URL.createObjectURL(file);
    this.image = h("img", { class: "photo-preview", src: this.preview, alt: _("Your photo: %(name)s", { name: file.name }) });
    this.state = h("p", { class: "photo-state" });
    this.bar = h("progress", { class: "bar", max: 100, value: 0, "aria-label": _("How much of the photo has been sent") });
    this.question = h("div", { class: "notice notice-warning", hidden: true });
    this.again = h("button", { type: "button", class: "button", hidden: true, onclick: () => this.retry() }, icon("ui-refresh"), _("Try again"));
    const remove = h(
      "button",
      { type: "button", class: "button button-quiet", onclick: () => onRemove(this) },
      icon("ui-trash"),
      _("Remove"),
      h("span", { class: "visually-hidden" }, ` ${file.name}`),
    );
    const buttons = h("div", { class: "photo-buttons" }, this.again, remove);
    this.element = h("li", { class: "photo" }, this.image, h("div", { class: "photo-facts" }, this.state, this.bar, buttons), this.question);
  }

  /** @param {Place} place */
  async send(place) {
    this.failed = false;
    this.measured = JSON.stringify([place.longitude, place.latitude]);
    this.show(_("Sending…"), 0);
    try {
      const address = place.longitude === undefined ? this.url : `${this.url}?longitude=${place.longitude}&latitude=${place.latitude}`;
      const kept = await upload(address, await this.blob, this.key, (percent) => this.show(_("Sending…"), percent), this.stop.signal);
      this.token = kept.photo;
      this.metres = kept.metres_from_place;
      this.show(_("Added"), 100);
      this.ask();
    } catch (error) {
      this.hopeless = error instanceof NotSent && [413, 415, 422].includes(error.status);
      this.failed = !this.token; // what is kept already stays so: it was only to be measured again
      this.show(this.failed ? inWords(error) : _("Added"), this.failed ? 0 : 100);
    }
    this.onChange();
  }

  /**
   * Ask again how far away it was taken, if the place has changed; it is the same photo for the server.
   * @param {Place} place
   */
  measure(place) {
    if (this.token && this.metres !== null && this.measured !== JSON.stringify([place.longitude, place.latitude])) this.send(place);
  }

  retry() {
    const [longitude, latitude] = JSON.parse(this.measured);
    this.send({ longitude: longitude ?? undefined, latitude: latitude ?? undefined });
  }

  /** Is that the place? Whoever says yes, or says nothing, is believed. */
  ask() {
    this.question.hidden = this.metres === null || this.metres <= FAR_METRES;
    if (this.question.hidden) return;
    const words = _("This photo says it was taken %(distance)s from the place you chose. Is that the place?", {
      distance: inKilometres(this.metres ?? 0),
    });
    const yes = h("button", { type: "button", class: "button", onclick: () => this.settle() }, _("Yes, that is the place"));
    const change = h("button", { type: "button", class: "button button-quiet", "data-go": "place" }, _("Change the place"));
    fill(this.question, icon("ui-warning"), h("p", {}, words), h("div", { class: "photo-buttons" }, yes, change));
  }

  settle() {
    this.question.hidden = true;
    this.metres = null;
    this.element.querySelector("button")?.focus();
  }

  remove() {
    this.stop.abort();
    URL.revokeObjectURL(this.preview);
    this.element.remove();
  }

  /**
   * @param {string} words
   * @param {number} percent
   */
  show(words, percent) {
    this.state.textContent = words;
    this.bar.value = percent;
    this.bar.hidden = this.failed || percent === 100;
    this.again.hidden = !this.failed || this.hopeless;
    this.element.classList.toggle("is-failed", this.failed);
  }
}

/** @param {number} metres */
function inKilometres(metres) {
  return formatNumber(metres / 1000, { style: "unit", unit: "kilometer", maximumFractionDigits: metres < 10_000 ? 1 : 0 });
}

/** @param {unknown} error */
function inWords(error) {
  switch (error instanceof NotSent ? error.status : 0) {
    case 413: return _("This photo is too large. Send a smaller one.");
    case 415: return _("This is no photo we can read. Choose a JPEG, PNG or WebP file.");
    case 422: return _("This photo is damaged or too large. Take it again, or choose another one.");
    case 429: return _("Enough photos were sent from this connection for now. You can send the report without this one.");
    default: return _("The photo could not be sent. Try again, or send the report without it.");
  }
}
