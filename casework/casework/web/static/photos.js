// The photos a citizen sent: fetched as the officer who is signed in, shown small, and large when chosen.

import { _, ngettext } from "./design/texts.js";
import { h } from "./design/elements.js";
import { getPhoto } from "./api.js";

const MOST_KEPT = 24;
const PATIENCE_MS = 10_000; // a card is printed without a photo that takes longer; it still says how many there are
/** Addresses of photos that were fetched, so that a case that is shown anew asks for none again: each asking is recorded.
 * @type {Map<string, Promise<string>>}
 */
const fetched = new Map();

/** Ends when each photo of the case that was shown last is there to be seen, or can't be had. */
let shown = Promise.all(/** @type {Promise<void>[]} */ ([]));

/** @param {import("./types.js").Detail} detail */
export function photosPart({ report_id, words }) {
  const count = words?.photos.length ?? 0;
  const pictures = Array.from({ length: count }, (_unused, at) => photo(report_id, at + 1, count));
  shown = Promise.all(pictures.map((picture) => picture.shown));
  if (!count) return null;
  const title = h("h3", {}, ngettext("%(num)s photo", "%(num)s photos", count));
  return h("section", { class: "card photos-card" }, title, h("ul", { class: "plain case-photos" }, ...pictures.map(({ item }) => item)));
}

/** Wait for the photos: a card that is printed before has frames with nothing in them. */
export async function photosShown() {
  await Promise.race([shown, new Promise((over) => setTimeout(over, PATIENCE_MS))]);
}

/**
 * @param {string} reportId
 * @param {number} number
 * @param {number} count
 */
function photo(reportId, number, count) {
  const name = _("Photo %(number)s of %(count)s", { number, count });
  const image = h("img", { class: "case-photo", alt: name });
  const button = h("button", { type: "button", class: "photo-button", "aria-label": _("%(photo)s, show it large", { photo: name }), onclick: () => enlarge(image.src, name) }, image);
  const item = h("li", {}, button);
  const failed = () => item.replaceChildren(h("p", { class: "muted" }, _("%(photo)s can't be shown now.", { photo: name })));
  const shown = addressOf(reportId, number).then((address) => {
    image.src = address;
    return image.decode();
  });
  return { item, shown: shown.catch(failed) };
}

/**
 * @param {string} reportId
 * @param {number} number
 * @returns {Promise<string>}
 */
function addressOf(reportId, number) {
  const key = `${reportId}/${number}`;
  const known = fetched.get(key);
  if (known) return known;
  const address = getPhoto(reportId, number).then((blob) => URL.createObjectURL(blob));
  fetched.set(key, address);
  address.catch(() => fetched.delete(key));
  for (const [oldest, its] of fetched) {
    if (fetched.size <= MOST_KEPT) break;
    fetched.delete(oldest);
    its.then((old) => URL.revokeObjectURL(old), () => {});
  }
  return address;
}

/**
 * @param {string} address
 * @param {string} name
 */
function enlarge(address, name) {
  if (!address) return;
  const close = h("button", { type: "button", class: "button", autofocus: true, onclick: () => dialog.close() }, _("Close"));
  const dialog = h("dialog", { class: "dialog photo-dialog", "aria-label": name }, h("img", { src: address, alt: name }), h("footer", {}, close));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
