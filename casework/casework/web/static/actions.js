// What an officer can do to a case: which letter, which words, which one is the likely next. The letters are those of the
// Polish words, the same in every language, so that hands learn them once.

import { _ } from "./design/texts.js";

/** @typedef {import("./types.js").Detail} Detail */

/**
 * @typedef {object} Action
 * @property {string} change as the API spells it
 * @property {string} key
 * @property {() => string} label
 * @property {() => string} done what is said when it is done
 * @property {boolean} stays whether there is more to do to the same case
 * @property {string} [undo] the change that takes it back, where the table of changes has one
 * @property {boolean} [bulk] whether it can be done to several at once
 */

/** @type {Action[]} */
export const ACTIONS = [
  { change: "take-up", key: "p", label: () => _("Take up"), done: () => _("Taken up"), stays: false, bulk: true },
  { change: "checks", key: "s", label: () => _("Record a check"), done: () => _("Check recorded"), stays: true },
  { change: "confirm", key: "t", label: () => _("Confirm"), done: () => _("Confirmed"), stays: false, bulk: true },
  {
    change: "unconfirm",
    key: "n",
    label: () => _("Not confirmed"),
    done: () => _("Set to not confirmed"),
    stays: false,
    undo: "reopen",
    bulk: true,
  },
  {
    change: "reject",
    key: "o",
    label: () => _("Joke or mistake"),
    done: () => _("Set to joke or mistake"),
    stays: false,
    undo: "reopen",
    bulk: true,
  },
  {
    change: "refer",
    key: "r",
    label: () => _("Refer to an agency"),
    done: () => _("Referred"),
    stays: false,
    undo: "return",
    bulk: true,
  },
  { change: "acknowledge", key: "i", label: () => _("The agency has it"), done: () => _("Noted that the agency has it"), stays: true },
  { change: "return", key: "b", label: () => _("Take back from the agency"), done: () => _("Taken back"), stays: false },
  {
    change: "eliminate",
    key: "w",
    label: () => _("Eliminated"),
    done: () => _("Set to eliminated"),
    stays: false,
    undo: "reopen",
    bulk: true,
  },
  { change: "reopen", key: "e", label: () => _("Verify again"), done: () => _("Reopened"), stays: false, bulk: true },
  { change: "uphold", key: "y", label: () => _("Uphold the decision"), done: () => _("Upheld, and answered"), stays: false },
  { change: "ask", key: "a", label: () => _("Ask the reporter"), done: () => _("Asked"), stays: true },
  { change: "task", key: "z", label: () => _("Send somebody"), done: () => _("Tasked"), stays: true, bulk: true },
  { change: "correct", key: "c", label: () => _("Correct"), done: () => _("Corrected"), stays: true },
  { change: "transfer", key: "d", label: () => _("Transfer"), done: () => _("Transferred"), stays: false, bulk: true },
  { change: "merge", key: "m", label: () => _("Merge"), done: () => _("Merged"), stays: false },
];

/** @param {string} change */
export function actionOf(change) {
  return ACTIONS.find((action) => action.change === change) ?? null;
}

/**
 * @param {string} key
 * @param {string[]} allowed
 */
export function actionByKey(key, allowed) {
  return ACTIONS.find((action) => action.key === key && allowed.includes(action.change)) ?? null;
}

/**
 * What is most likely done next, which Enter does.
 * @param {Detail} detail
 * @returns {Action | null}
 */
export function likelyAction(detail) {
  const likely = likelyChanges(detail).find((change) => detail.allowed.includes(change));
  return likely ? actionOf(likely) : null;
}

/**
 * @param {Detail} detail
 * @returns {string[]}
 */
function likelyChanges(detail) {
  const checks = detail.checks.filter((check) => check.round === detail.round);
  switch (detail.status) {
    case "new": return ["take-up"];
    case "verification":
      if (checks.some((check) => check.finding === "found")) return ["confirm"];
      return checks.length > 1 ? ["unconfirm"] : ["checks"];
    case "confirmed": return ["eliminate"];
    case "referred": return ["eliminate"];
    default: return detail.contested ? ["reopen"] : [];
  }
}
