// What is said while a report is on its way, and when it was not taken.

import { _ } from "../design/texts.js";
import { byId } from "../design/elements.js";

/** @typedef {import("./sending.js").Waiting} Waiting */
/** @typedef {import("./sending.js").Refused} Refused */

export function showSending() {
  say(_("Sending…"), false);
  button().disabled = true;
}

/** @param {Waiting} waiting */
export function showWaiting({ offline }) {
  say(
    offline
      ? _("There is no connection. The report is kept on this device, and we send it when the connection is back.")
      : _("The server does not answer just now. The report is kept on this device, and we try again by ourselves."),
    true,
  );
}

/** @param {Refused | null | {kind: "sent"}} answer null: sending was stopped, or ended in another window */
export function showRefusal(answer) {
  button().disabled = false;
  if (!answer || answer.kind !== "refused") say(_("The report was not sent from here."), false);
  else if (answer.status === 429) say(tooMuch(answer.retryAfter), false);
  else if (answer.errors.length) say(_("Something is wrong with the report; look at what is marked."), false);
  else say(_("The report was not taken. Look through it and try again."), false);
}

/** @param {number} seconds */
function tooMuch(seconds) {
  const hours = Math.ceil(seconds / 3600);
  return hours > 1
    ? _("From this connection enough was sent about this place for now. Try again in %(hours)s hours; nothing you wrote is lost.", { hours })
    : _("From this connection enough was sent for now. Try again in an hour; nothing you wrote is lost.");
}

/**
 * @param {string} words
 * @param {boolean} choices whether to offer trying now and giving up
 */
function say(words, choices) {
  byId("sending").textContent = words;
  byId("sending-choices").hidden = !choices;
}

function button() {
  return byId("send", HTMLButtonElement);
}
