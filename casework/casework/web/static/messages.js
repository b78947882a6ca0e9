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
  fill(byId("messages"), h("div", { class: `notice notice-${tone}` }, mark, row));
  clearTimeout(timer);
  timer = setTimeout(() => fill(byId("messages")), SHOWN_MS);
}

/** @param {string} key */
export function kbd(key) {
  return h("kbd", { "aria-hidden": "true" }, key);
}
