// What happened, said once and politely at the foot of the page; with a way back where there is one.

import { _ } from "./design/texts.js";
import { byId, fill, h, icon } from "./design/elements.js";

const SHOWN_MS = 12_000;
/** @type {number | undefined} */
let timer;

/**
 * @param {string} words
 * @param {{tone?: "success" | "error" | "note", undo?: () => void}} [options]
 */
export function say(words, { tone = "success", undo } = {}) {
  const mark = icon(tone === "error" ? "ui-warning" : tone === "success" ? "ui-check" : "ui-info");
  const back = undo
    ? h("button", { type: "button", class: "button button-small", onclick: undo }, icon("ui-undo"), _("Undo"), kbd("u"))
    : null;
  const row = h("div", { class: "row" }, h("span", {}, words), back);
  const message = h("div", { class: `notice notice-${tone}` }, mark, row);
  fill(byId("messages"), message);
  uncover(message);
  clearTimeout(timer);
  timer = setTimeout(() => fill(byId("messages")), SHOWN_MS);
}

/**
 * Move the end of a form that is open, with all that can be pressed there, out from under a message.
 * @param {HTMLElement} message
 */
function uncover(message) {
  const { top, bottom } = message.getBoundingClientRect();
  for (const actions of document.querySelectorAll(".action-form .actions")) {
    const box = actions.getBoundingClientRect();
    if (box.bottom > top && box.top < bottom) actions.scrollIntoView({ block: "nearest" });
  }
}

/** @param {string} key */
export function kbd(key) {
  return h("kbd", { "aria-hidden": "true" }, key);
}
