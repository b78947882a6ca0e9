// The keyboard: j and k move, a letter acts, Enter confirms. Letters do nothing while somebody types, or once turned off.

import { actionByKey, likelyAction } from "./actions.js";
import { byId } from "./design/elements.js";

const OFF = "kmzb-desk-keys-off";

/** Whether single letters act. */
export function keysOn() {
  return localStorage.getItem(OFF) === null;
}

/** @param {boolean} on */
export function turnKeys(on) {
  if (on) localStorage.removeItem(OFF);
  else localStorage.setItem(OFF, "1");
}

/**
 * @param {import("./model.js").Desk} desk
 * @param {import("./work.js").Work} work
 * @param {Record<string, () => void>} others what further keys do
 */
export function listen(desk, work, others) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const target = event.target instanceof HTMLElement ? event.target : document.body;
    if (target.closest("dialog")) return;
    if (event.key === "Escape") return escape(work, target);
    const { form } = work;
    if (form && (form.contains(target) || target === document.body)) {
      if (!work.sends || types(target) || !moves(event, desk)) return inForm(event, form, target);
      return event.preventDefault(); // what is on its way goes on without them
    }
    if (types(target)) return;
    if (act(event, target, desk, work, others)) event.preventDefault();
  });
}

/** @param {import("./work.js").Work} work @param {HTMLElement} target */
function escape(work, target) {
  if (work.form) work.leave();
  else if (types(target)) target.blur();
}

/**
 * In a form, letters and digits choose, and Enter confirms; in a text, with Shift, it begins a line.
 * @param {KeyboardEvent} event
 * @param {HTMLFormElement} form
 * @param {HTMLElement} target
 */
function inForm(event, form, target) {
  if (event.key === "Enter" && !event.shiftKey && !(target instanceof HTMLButtonElement)) {
    event.preventDefault();
    form.requestSubmit();
  }
  if (types(target) || !keysOn()) return;
  const meant = form.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!(meant instanceof HTMLElement)) return;
  event.preventDefault();
  meant.focus();
  meant.click();
}

/** @param {HTMLElement} target */
function types(target) {
  if (target instanceof HTMLInputElement) return !["checkbox", "radio", "button", "submit"].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target.isContentEditable;
}

/**
 * @param {KeyboardEvent} event
 * @param {HTMLElement} target
 * @param {import("./model.js").Desk} desk
 * @param {import("./work.js").Work} work
 * @param {Record<string, () => void>} others
 * @returns {boolean} whether the key meant something
 */
function act(event, target, desk, work, others) {
  const { key } = event;
  const reportId = desk.filters.open;
  if (key === "Enter") {
    const here = target === document.body || target.matches('#main, .case-title, .queue-link[aria-current="true"]');
    const likely = desk.detail && likelyAction(desk.detail);
    if (!here || !likely) return false;
    work.begin(likely);
    return true;
  }
  if (!keysOn()) return false;
  if (moves(event, desk)) return true;
  if (key === "x" && reportId) desk.toggle(reportId);
  else if (key === "u" && work.undo) work.undo();
  else if (key === "/") byId("search-field").focus();
  else if (others[key]) others[key]();
  else {
    const action = desk.detail && actionByKey(key, desk.detail.allowed);
    if (!action) return false;
    work.begin(action);
  }
  return true;
}

/**
 * @param {KeyboardEvent} event
 * @param {import("./model.js").Desk} desk
 * @returns {boolean} whether the key goes to another case
 */
function moves({ key }, desk) {
  if (!keysOn() || (key !== "j" && key !== "k")) return false;
  const to = desk.neighbour(key === "j" ? 1 : -1);
  if (to) desk.open(to);
  return true;
}
