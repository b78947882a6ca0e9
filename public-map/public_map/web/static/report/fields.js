// Between the form's fields and the draft.

import { byId } from "../design/elements.js";

/** @typedef {import("./draft.js").Draft} Draft */

/**
 * Write what a form says into the draft.
 * @param {HTMLFormElement} form
 * @param {Draft} draft
 */
export function readFields(form, draft) {
  const data = new FormData(form);
  const text = (/** @type {string} */ name) => String(data.get(name) ?? "");
  draft.category = text("category") || undefined;
  draft.day = text("day") || undefined;
  draft.time = text("time") || undefined;
  draft.timeOfDay = text("time_of_day") || undefined;
  draft.weekdays = data.getAll("weekdays").map(Number);
  draft.description = text("description");
  draft.email = text("email").trim();
}

/**
 * Show a draft in the form.
 * @param {HTMLFormElement} form
 * @param {Draft} draft
 */
export function showFields(form, draft) {
  const checked = new Set([`category:${draft.category}`, `time_of_day:${draft.timeOfDay ?? ""}`]);
  for (const day of draft.weekdays) checked.add(`weekdays:${day}`);
  for (const field of form.querySelectorAll("input")) {
    if (field.type === "radio" || field.type === "checkbox") field.checked = checked.has(`${field.name}:${field.value}`);
  }
  byId("day", HTMLInputElement).value = draft.day ?? "";
  byId("time", HTMLInputElement).value = draft.time ?? "";
  byId("description", HTMLTextAreaElement).value = draft.description;
  byId("email", HTMLInputElement).value = draft.email;
}
