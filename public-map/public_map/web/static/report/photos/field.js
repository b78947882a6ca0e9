// The photos of a report: added, shown, sent at once, removed. They are kept in no draft.

import { _, ngettext } from "../../design/texts.js";
import { byId } from "../../design/elements.js";
import { Photo } from "./item.js";

/** @typedef {import("./item.js").Place} Place */

const MOST = 3;

export class Photos {
  /** @type {Photo[]} */
  photos = [];
  /** @type {(() => void)[]} */
  waiting = [];

  /**
   * @param {string} intake
   * @param {() => Place} place
   * @param {() => void} onChange
   */
  constructor(intake, place, onChange) {
    this.url = `${intake}/v1/photos`;
    this.place = place;
    this.onChange = onChange;
    this.list = byId("photos");
    this.status = byId("photos-status");
    this.button = byId("photo-add", HTMLButtonElement);
    this.input = byId("photo-files", HTMLInputElement);
    this.button.addEventListener("click", () => this.input.click());
    this.input.addEventListener("change", () => this.add([...(this.input.files ?? [])]));
  }

  /** @returns {string[]} what the report names them by */
  get tokens() {
    return this.photos.flatMap(({ token }) => token ?? []);
  }

  get failed() {
    return this.photos.some((photo) => photo.failed);
  }

  /** @param {File[]} files */
  add(files) {
    this.input.value = ""; // so that the same file can be chosen again
    const room = MOST - this.photos.length;
    for (const file of files.slice(0, room)) {
      const photo = new Photo(file, this.url, (removed) => this.remove(removed), () => this.changed());
      this.photos.push(photo);
      this.list.append(photo.element);
      photo.send(this.place());
    }
    const left = files.length - Math.min(files.length, room);
    this.say(left > 0 ? ngettext("%(num)s photo was left out: a report has three at most.", "%(num)s photos were left out: a report has three at most.", left) : "");
    this.changed();
  }

  /** @param {Photo} photo */
  remove(photo) {
    this.photos = this.photos.filter((other) => other !== photo);
    photo.remove();
    this.say(_("The photo is removed."));
    this.changed();
    this.button.focus();
  }

  /** Forget them all, as after a refusal: the server has none of them any more. */
  clear() {
    for (const photo of this.photos) photo.remove();
    this.photos = [];
    this.changed();
  }

  /** Those that tell where they were taken are measured from the place as it is now. */
  measure() {
    for (const photo of this.photos) photo.measure(this.place());
  }

  /**
   * Wait until none is under way.
   * @returns {Promise<void>}
   */
  async settled() {
    while (this.photos.some((photo) => !photo.token && !photo.failed)) {
      await new Promise((/** @type {(value?: unknown) => void} */ resolve) => this.waiting.push(resolve));
    }
  }

  changed() {
    this.list.hidden = this.photos.length === 0;
    this.button.disabled = this.photos.length >= MOST;
    for (const tell of this.waiting.splice(0)) tell();
    this.onChange();
  }

  /** @param {string} words */
  say(words) {
    this.status.textContent = words;
  }
}
