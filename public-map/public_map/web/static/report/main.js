// The form's first script: once it has run, a place can be chosen. What the other steps need comes after it (later.js),
// so that on a slow connection nobody waits for what is used a minute later.

import { _ } from "../design/texts.js";
import { byId } from "../design/elements.js";
import { readDraft, writeDraft } from "./draft.js";
import { readFields, showFields } from "./fields.js";
import { PlaceStep } from "./place-step.js";
import { Steps } from "./steps.js";

/** @typedef {import("./later.js").LaterSteps} LaterSteps */
/** @typedef {{intake: string, bounds: [number, number, number, number], streets: any, categories: Record<string, {required: boolean}>}} Page */
/**
 * @typedef {object} Shared what all steps share
 * @property {Page} page what the server told
 * @property {HTMLFormElement} form
 * @property {import("./draft.js").Draft} draft
 * @property {PlaceStep} place
 * @property {Steps} steps
 * @property {() => void} changed to be called when the draft or a field is another
 */

const NEAR_ZOOM = 12; // the middle of a map that shows more is no place anybody meant

/** @type {Page} */
const page = JSON.parse(byId("page").textContent ?? "{}");
const form = byId("report", HTMLFormElement);
/** @type {LaterSteps | null} until they have come */
let later = null;
/** @type {Shared} */
const shared = {
  page,
  form,
  draft: readDraft(),
  place: new PlaceStep(page, () => shared.draft, changed),
  steps: new Steps(form, mayLeave, shown),
  changed,
};

fromAddress(new URLSearchParams(location.search));
showFields(form, shared.draft);
form.addEventListener("input", changed);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  whenComplete((steps) => steps.submit());
});
shared.place.show();
changed();
shared.steps.show(location.hash.slice(1), false);
const complete = import("./later.js").then(
  ({ LaterSteps }) => {
    later = new LaterSteps(shared);
  },
  () => null, // the connection is gone: said to who goes on
);
complete.then(() => afterEverythingElse(showMap));

/** @param {URLSearchParams} query what another page knows already */
function fromAddress(query) {
  const [longitude, latitude] = [Number(query.get("longitude")), Number(query.get("latitude"))];
  const near = Number(query.get("zoom") ?? NEAR_ZOOM) >= NEAR_ZOOM;
  if (near && query.has("longitude") && query.has("latitude")) shared.draft = { ...shared.draft, longitude, latitude, place: undefined, unit: undefined };
  const category = query.get("category") ?? "";
  if (category in page.categories) shared.draft.category = category;
  shared.draft.continues = query.get("continues") ?? shared.draft.continues;
}

function changed() {
  readFields(form, shared.draft);
  writeDraft(shared.draft);
  later?.changed();
}

/** @param {(steps: LaterSteps) => void} act once all of the form is there; where it can't be had, that is said */
function whenComplete(act) {
  complete.then(() => {
    if (later) {
      act(later);
      return;
    }
    shared.steps.go("place");
    shared.place.say(_("The rest of the form could not be loaded. Check the connection, and load this page again: what you filled in is kept."));
  });
}

/**
 * @param {string} name
 * @returns {boolean}
 */
function mayLeave(name) {
  if (later) return later.mayLeave(name);
  whenComplete(() => shared.steps.leave(name));
  return false;
}

/** @param {string} name */
function shown(name) {
  shared.place.placeMap();
  if (later) showMap();
  later?.shown(name);
}

/** Where it is seen: in the step, or beside all of them. */
function showMap() {
  if (shared.steps.current === "place" || shared.steps.wide) shared.place.showMap();
}

/** @param {() => void} act once the page is whole, when the browser has nothing better to do */
function afterEverythingElse(act) {
  const idle = () => ("requestIdleCallback" in window ? requestIdleCallback(act) : setTimeout(act, 200));
  if (document.readyState === "complete") idle();
  else window.addEventListener("load", idle, { once: true });
}
