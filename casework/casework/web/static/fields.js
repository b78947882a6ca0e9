// Fields of the forms, each with its label, a hint and a place for what is wrong with it.

import { _ } from "./design/texts.js";
import { fill, h, icon } from "./design/elements.js";
import { refusal, statusRefusal } from "./refusals.js";

/** @typedef {import("./design/elements.js").Child} Child */
/** @typedef {import("./api.js").Failed} Failed */
/** @typedef {{value: string, label: string, key?: string, hint?: string}} Choice */

/**
 * @param {string} name
 * @param {string} label
 * @param {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} control
 * @param {string} [hint]
 */
export function field(name, label, control, hint) {
  control.id = `field-${name}`;
  control.name = name;
  control.setAttribute("aria-describedby", `error-${name}`);
  const said = hint ? h("p", { class: "hint" }, hint) : null;
  const wrong = h("p", { class: "error", id: `error-${name}`, hidden: true });
  return h("div", { class: "field" }, h("label", { for: control.id }, label), said, control, wrong);
}

/**
 * One of several, as radio buttons; a letter or digit chooses.
 * @param {string} name
 * @param {string} legend
 * @param {Choice[]} choices
 * @param {string | null} chosen
 */
export function choiceField(name, legend, choices, chosen) {
  const lines = choices.map(({ value, label, key, hint }) => {
    const input = h("input", { type: "radio", name, value, checked: value === chosen, "data-key": key });
    const words = h("span", {}, label, hint ? h("small", {}, hint) : null);
    return h("label", { class: "choice" }, input, words, key ? h("kbd", { "aria-hidden": "true" }, key) : null);
  });
  const wrong = h("p", { class: "error", id: `error-${name}`, hidden: true });
  return h("fieldset", { class: "field" }, h("legend", {}, legend), h("div", { class: "choices" }, ...lines), wrong);
}

/** @param {string} name @param {string} label @param {string} [hint] */
export function textField(name, label, hint) {
  return field(name, label, h("textarea", { rows: 2, maxlength: 4000 }), hint);
}

/** @param {string} [label] */
export function noteField(label = _("Note (stays with the case; may be left empty)")) {
  return textField("note", label);
}

/**
 * @param {string} name
 * @param {string} label
 * @param {Choice[]} choices
 * @param {string} chosen
 */
export function selectField(name, label, choices, chosen) {
  const options = choices.map((choice) =>
    h("option", { value: choice.value, selected: choice.value === chosen }, choice.label),
  );
  return field(name, label, h("select", {}, ...options));
}

/**
 * What the form says: its named values that are not empty.
 * @param {HTMLFormElement} form
 * @returns {Record<string, string>}
 */
export function said(form) {
  /** @type {Record<string, string>} */
  const values = {};
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string" && value.trim()) values[name] = value.trim();
  }
  return values;
}

/**
 * Say in words what was refused, at its field where it has one.
 * @param {HTMLFormElement} form
 * @param {Failed} failed
 * @param {string} [prefix] before the ids of the form's fields, where there are several forms
 */
export function showRefusal(form, failed, prefix = "") {
  clearRefusal(form);
  const general = [];
  for (const error of failed.problem.errors ?? []) {
    const name = error.field.split(".").pop() ?? "";
    const place = form.querySelector(`#${CSS.escape(prefix)}error-${CSS.escape(name)}`);
    const control = form.querySelector(`[name="${CSS.escape(name)}"]`);
    if (!place || !control) general.push(refusal(error.detail));
    else {
      fill(place, icon("ui-warning"), refusal(error.detail));
      place.removeAttribute("hidden");
      control.setAttribute("aria-invalid", "true");
    }
  }
  if (!failed.problem.errors?.length) general.push(statusRefusal(failed.status));
  if (general.length) sayAbove(form, general.join(" "));
  const first = form.querySelector('[aria-invalid="true"]');
  if (first instanceof HTMLElement) first.focus();
}

/** @param {HTMLFormElement} form */
export function clearRefusal(form) {
  for (const control of form.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
  for (const place of form.querySelectorAll(".error")) place.setAttribute("hidden", "");
  form.querySelector(".notice")?.remove();
}

/** @param {HTMLFormElement} form @param {string} words */
function sayAbove(form, words) {
  form.prepend(h("div", { class: "notice notice-error", role: "alert" }, icon("ui-warning"), h("p", {}, words)));
}
