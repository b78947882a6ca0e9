// Words that read like an emergency stop the form, once for each wording, and show 112.

import { readsLikeEmergency } from "./emergency-words.js";
import { byId } from "../design/elements.js";

/** @type {Promise<import("./emergency-words.js").EmergencyWords | null> | null} */
let lists = null;

/** The lists, asked for while the description is written, so that they are there when it ends. */
export function loadEmergencyWords() {
  lists ??= fetch("/v1/emergency-words")
    .then((response) => (response.ok ? response.json() : null))
    .catch(() => {
      lists = null; // asked for again the next time
      return null;
    });
  return lists;
}

/**
 * Whether the form may go on; asks where the text reads like an emergency.
 * @param {import("./draft.js").Draft} draft what was once said not to be urgent is not asked about again
 * @returns {Promise<boolean>}
 */
export async function mayGoOn(draft) {
  if (!draft.description.trim() || draft.notUrgent === draft.description) return true;
  const words = await loadEmergencyWords();
  if (!words || !readsLikeEmergency(draft.description, words)) return true;
  if (!(await saysNotUrgent())) return false;
  draft.notUrgent = draft.description;
  return true;
}

/** @returns {Promise<boolean>} */
function saysNotUrgent() {
  const dialog = byId("emergency", HTMLDialogElement);
  return new Promise((resolve) => {
    dialog.returnValue = "";
    const close = (/** @type {Event} */ event) => {
      if (event.target instanceof HTMLButtonElement) dialog.close(event.target.value);
    };
    dialog.addEventListener("click", close);
    dialog.addEventListener(
      "close",
      () => {
        dialog.removeEventListener("click", close);
        resolve(dialog.returnValue === "not-urgent");
      },
      { once: true },
    );
    dialog.showModal();
  });
}
