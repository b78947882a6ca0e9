// The form: draft, steps and sending put together.

import { _, language, ngettext } from "../design/texts.js";
import { searchCategories } from "./categories.js";
import { showPromises, showSummary } from "./check.js";
import { watchDescription } from "./description.js";
import { deleteDraft, emptyDraft, readDraft, writeDraft } from "./draft.js";
import { byId } from "../design/elements.js";
import { loadEmergencyWords, mayGoOn } from "./emergency.js";
import { clearErrors, missing, readFields, reportBody, showErrors, showFields } from "./fields.js";
import { findNearby, showNearby, support } from "./nearby.js";
import { Photos } from "./photos/field.js";
import { PlaceStep } from "./place-step.js";
import { discardParcel, pack, send, waitingParcel } from "./sending.js";
import { showRefusal, showSending, showWaiting } from "./sending-words.js";
import { STEPS, Steps } from "./steps.js";
import { dayInPoland, OLDEST_DAYS } from "./times.js";

/** @type {{intake: string, bounds: [number, number, number, number], streets: any, categories: Record<string, {required: boolean}>}} */
const page = JSON.parse(byId("page").textContent ?? "{}");
const form = byId("report", HTMLFormElement);
const description = byId("description", HTMLTextAreaElement);
let draft = readDraft();
let stop = new AbortController();
const NEAR_ZOOM = 12; // the middle of a map that shows more is no place anybody meant
/** For what the last step last asked. */
let checked = "";

const place = new PlaceStep(page, () => draft, changed);
const photos = new Photos(page.intake, () => draft, changed);
const steps = new Steps(form, mayLeave, shown);

begin();

function begin() {
  fromAddress(new URLSearchParams(location.search));
  const day = byId("day", HTMLInputElement);
  [day.min, day.max] = [dayInPoland(Date.now(), OLDEST_DAYS), dayInPoland(Date.now())];
  showFields(form, draft);
  searchCategories(changed);
  watchDescription(description);
  form.addEventListener("input", changed);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  description.addEventListener("focus", loadEmergencyWords);
  byId("start-over", HTMLButtonElement).addEventListener("click", startOver);
  byId("send-now", HTMLButtonElement).addEventListener("click", () => window.dispatchEvent(new Event("kmzb-send-now")));
  byId("send-stop", HTMLButtonElement).addEventListener("click", stopSending);
  window.addEventListener("storage", () => !waitingParcel() && stop.abort());
  place.show();
  changed();
  steps.show(waitingParcel() ? "check" : location.hash.slice(1), false);
  if (waitingParcel()) sendWaiting(); // of an earlier visit, which the connection or the battery ended
}

/** @param {URLSearchParams} query what another page knows already */
function fromAddress(query) {
  const [longitude, latitude] = [Number(query.get("longitude")), Number(query.get("latitude"))];
  const near = Number(query.get("zoom") ?? NEAR_ZOOM) >= NEAR_ZOOM;
  if (near && query.has("longitude") && query.has("latitude")) draft = { ...draft, longitude, latitude, place: undefined, unit: undefined };
  const category = query.get("category") ?? "";
  if (category in page.categories) draft.category = category;
  draft.continues = query.get("continues") ?? draft.continues;
}

function changed() {
  readFields(form, draft);
  writeDraft(draft);
  const required = page.categories[draft.category ?? ""]?.required ?? false;
  byId("description-required").hidden = !required;
  photos.measure();
  if (steps.wide) showCheck();
}

/**
 * @param {string} name
 * @returns {boolean}
 */
function mayLeave(name) {
  const errors = missing(draft, page.categories[draft.category ?? ""]);
  const here = showErrors(errors);
  if (here && STEPS.indexOf(here.step) <= STEPS.indexOf(name)) {
    goTo(here);
    return false;
  }
  clearErrors();
  if (name !== "details") return true;
  mayGoOn(draft).then((may) => {
    changed();
    if (may) steps.go("check");
    else description.focus();
  });
  return false;
}

/** @param {string} name */
function shown(name) {
  place.placeMap();
  if (name === "place" || steps.wide) afterEverythingElse(() => place.showMap());
  if (name === "details") loadEmergencyWords();
  if (name === "check") showCheck();
}

/** @param {() => void} act once the page is whole, when the browser has nothing better to do */
function afterEverythingElse(act) {
  const idle = () => ("requestIdleCallback" in window ? requestIdleCallback(act) : setTimeout(act, 200));
  if (document.readyState === "complete") idle();
  else window.addEventListener("load", idle, { once: true });
}

async function showCheck() {
  showSummary(draft, photos.photos.length);
  const { category, longitude, latitude, unit } = draft;
  const about = JSON.stringify([category, longitude, latitude, unit]);
  if (about === checked || !category || longitude === undefined || latitude === undefined) return;
  checked = about;
  showPromises(category, unit);
  showNearby(await findNearby({ category, longitude, latitude }), confirmInstead);
}

async function submit() {
  const wrong = showErrors(missing(draft, page.categories[draft.category ?? ""]));
  if (wrong) {
    goTo(wrong);
    return;
  }
  if (!(await mayGoOn(draft))) {
    steps.go("details");
    description.focus();
    return;
  }
  showSending();
  await photos.settled();
  if (photos.failed) {
    refuse({ kind: "refused", status: 0, errors: [{ field: "photos", detail: "" }], retryAfter: 0 });
    return;
  }
  pack(reportBody(draft, language, Date.now(), photos.tokens));
  await sendWaiting();
}

async function sendWaiting() {
  stop = new AbortController();
  form.classList.add("is-sending");
  showSending();
  const answer = await send(page.intake, showWaiting, stop.signal);
  form.classList.remove("is-sending");
  if (answer?.kind === "sent") {
    deleteDraft();
    location.replace(`/r/${answer.receipt.receipt}?lang=${language}&sent=1`);
    return;
  }
  if (answer?.errors.some(({ field }) => field === "photos")) photos.clear();
  refuse(answer);
}

/** @param {import("./sending.js").Refused | null} answer null: it was not sent from here */
function refuse(answer) {
  const wrong = answer ? showErrors(answer.errors) : null;
  showRefusal(answer);
  if (wrong) goTo(wrong);
}

function stopSending() {
  discardParcel();
  stop.abort();
}

/** @param {{field: HTMLElement, step: string, words: string}} wrong */
function goTo(wrong) {
  steps.go(wrong.step);
  wrong.field.focus();
  place.say(wrong.step === "place" ? wrong.words : "");
}

/**
 * @param {import("./nearby.js").NearbyReport} report
 * @param {HTMLButtonElement} button
 */
async function confirmInstead(report, button) {
  button.disabled = true;
  const failed = await support(page.intake, report.report_id);
  const said = byId("sending");
  button.disabled = false;
  if (failed) {
    said.textContent = failed;
    return;
  }
  deleteDraft();
  form.classList.add("is-done");
  said.textContent = `${_("Thank you, it counts.")} ${ngettext(
    "You and %(num)s other person saw it.",
    "You and %(num)s other people saw it.",
    report.supporters + 1,
  )}`;
  said.focus();
}

function startOver() {
  discardParcel();
  deleteDraft();
  draft = emptyDraft();
  showFields(form, draft);
  clearErrors();
  place.show();
  photos.clear();
  description.dispatchEvent(new Event("input"));
  steps.go("place");
}
