// What is wrong with a report, and how it is said at the field it concerns.

import { _ } from "../design/texts.js";
import { countCharacters } from "./characters.js";
import { h } from "../design/elements.js";

/** @typedef {import("./draft.js").Draft} Draft */
/** @typedef {import("./sending.js").FieldError} FieldError */

export const TEXT_MAX = 500;
const LONG = "long";

/** The field of the page for a field of the report, and the step it stands in. */
const PLACES = new Map(
  Object.entries({
    longitude: ["place-search", "place"],
    latitude: ["place-search", "place"],
    category: ["category-search", "category"],
    occurred_at: ["day", "details"],
    weekdays: ["weekday-1", "details"],
    time_of_day: ["time-of-day-", "details"],
    description: ["description", "details"],
    "contact.email": ["email", "details"],
    contact: ["email", "details"],
    photos: ["photo-add", "details"],
  }),
);

/**
 * What is still wrong with a draft, before anything is sent.
 * @param {Draft} draft
 * @param {{required: boolean} | undefined} category
 * @returns {FieldError[]}
 */
export function missing(draft, category) {
  const characters = countCharacters(draft.description);
  /** @type {[boolean, string, string][]} */
  const looked = [
    [draft.longitude === undefined, "longitude", ""],
    [!category, "category", ""],
    [Boolean(draft.time && !draft.day), "occurred_at", ""],
    [characters > TEXT_MAX, "description", LONG],
    [Boolean(category?.required) && characters === 0, "description", ""],
    [Boolean(draft.email) && !/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(draft.email), "contact.email", ""],
  ];
  return looked.filter(([wrong]) => wrong).map(([, field, detail]) => ({ field, detail, ours: true }));
}

/** @param {FieldError} error @returns {string} the step in which its field stands; "" for none */
export function stepOf(error) {
  return PLACES.get(error.field)?.[1] ?? "";
}

/**
 * Put errors at their fields.
 * @param {FieldError[]} errors
 * @returns {{field: HTMLElement, step: string} | null} the first of them, to go to; null where none has a field
 */
export function showErrors(errors) {
  clearErrors();
  let first = null;
  for (const error of errors) {
    const [id, step] = PLACES.get(error.field) ?? [];
    const field = id && document.getElementById(id);
    if (!field || !step) continue;
    const words = inWords(error);
    const note = h("p", { class: "error", id: `${id}-error`, "data-ours": error.ours && error.field }, words);
    const around = field.closest("[data-field]");
    around?.classList.add("field-error");
    around?.append(note);
    field.setAttribute("aria-invalid", "true");
    // Screen readers announce descriptions more reliably than aria-errormessage.
    describe(field, [...descriptions(field), note.id]);
    first ??= { field, step };
  }
  return first;
}

export function clearErrors() {
  document.querySelectorAll(".field-error").forEach(clear);
}

/**
 * What was wrong before anything was sent, and is not any more, is not called wrong any longer.
 * @param {FieldError[]} left what is still wrong
 */
export function clearMended(left) {
  const wrong = new Set(left.map(({ field }) => field));
  for (const note of document.querySelectorAll(".error[data-ours]")) {
    const around = note.closest(".field-error");
    if (around && !wrong.has(note.getAttribute("data-ours") ?? "")) clear(around);
  }
}

/** @param {Element} around */
function clear(around) {
  around.classList.remove("field-error");
  around.querySelectorAll(".error").forEach((note) => note.remove());
  around.querySelectorAll("[aria-invalid]").forEach((field) => {
    field.removeAttribute("aria-invalid");
    describe(field, descriptions(field).filter((id) => !id.endsWith("-error")));
  });
}

/** @param {Element} field */
function descriptions(field) {
  return (field.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean);
}

/**
 * @param {Element} field
 * @param {string[]} ids of what describes it
 */
function describe(field, ids) {
  if (ids.length) field.setAttribute("aria-describedby", ids.join(" "));
  else field.removeAttribute("aria-describedby");
}

/** @param {FieldError} error */
function inWords(error) {
  switch (error.field) {
    case "longitude":
    case "latitude": return _("Choose the place: search for it, use your position, or tap the map. It has to be in Poland.");
    case "category": return _("Choose what is happening there.");
    case "occurred_at": return _("Choose a day within the last 30 days; a time needs a day, and can't be in the future.");
    case "description":
      if (error.detail === LONG) return _("This is too long: shorten it to 500 characters.");
      return _("Say in up to 500 characters what is happening there. This category needs it.");
    case "contact":
    case "contact.email": return _("Write one address, such as name@example.org, or leave it empty.");
    case "photos":
      return error.detail ? _("The photos are gone by now: without a report they are kept for a day. Please add them again.") : _("A photo could not be sent. Try it again, or remove it.");
    default: return error.detail;
  }
}
