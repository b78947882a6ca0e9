// Acting on a case, or on all that are selected: the form, sending it from the version that was seen, what came of it.

import { _, ngettext } from "./design/texts.js";
import { actionOf } from "./actions.js";
import { change, Failed, get, getCase } from "./api.js";
import { conflict } from "./conflict.js";
import { byId, fill, h } from "./design/elements.js";
import { clearRefusal, showRefusal } from "./fields.js";
import { fieldsOf, steps, submitWords } from "./forms.js";
import { kbd, say } from "./messages.js";
import { actInBulk } from "./bulk.js";

/** @typedef {import("./actions.js").Action} Action */
/** @typedef {import("./types.js").Detail} Detail */
/** @typedef {import("./types.js").Named} Named */
/** @typedef {import("./model.js").Desk} Desk */

export class Work {
  /**
   * @param {Desk} desk
   * @param {Named[]} agencies
   * @param {() => void} focusQueue
   */
  constructor(desk, agencies, focusQueue) {
    this.desk = desk;
    this.agencies = agencies;
    this.focusQueue = focusQueue;
    /** @type {Action | null} */
    this.action = null;
    /** @type {HTMLFormElement | null} */
    this.form = null;
    /** @type {Detail | null} what the officer saw when the form opened, whatever was read since */
    this.seen = null;
    /** @type {(() => void) | null} */
    this.undo = null;
  }

  /**
   * Show the form of an action, ready to be confirmed.
   * @param {Action} action
   */
  begin(action) {
    const { detail, selected } = this.desk;
    if (!detail) return;
    const several = action.bulk ? selected.size : 0;
    const context = { detail, several, agencies: this.agencies, similar: () => this.desk.similarRead(), findDistricts };
    const submit = h("button", { type: "submit", class: "button button-primary" }, submitWords(action, several), kbd("Enter"));
    const leave = h("button", { type: "button", class: "button", onclick: () => this.leave() }, _("Cancel"), kbd("Esc"));
    const form = h(
      "form",
      { class: "card action-form", "aria-label": action.label(), novalidate: true },
      h("h3", {}, action.label()),
      ...fieldsOf(action, context),
      h("div", { class: "actions" }, submit, ...decisions(action, detail, (then) => this.send(then)), leave),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send(null);
    });
    this.action = action;
    this.form = form;
    this.seen = detail;
    fill(byId("form-place"), form);
    focusFirst(form, submit);
    form.scrollIntoView({ block: "nearest" });
  }

  /** Close the form, and go back to the queue. */
  leave() {
    this.action = this.form = null;
    document.getElementById("form-place")?.replaceChildren();
    this.focusQueue();
  }

  /** Whether what the form says is on its way. */
  get sends() {
    return Boolean(this.form?.getAttribute("aria-busy"));
  }

  /**
   * Send what the form says.
   * @param {string | null} then the change to make right afterwards
   */
  async send(then) {
    const { action, form, seen: detail } = this;
    const { selected } = this.desk;
    if (!action || !form || !detail || this.sends) return;
    clearRefusal(form);
    const wanted = steps(action, form, then, detail);
    form.setAttribute("aria-busy", "true");
    try {
      if (action.bulk && selected.size) await actInBulk(this.desk, action, wanted[0].body, () => this.leave());
      else await this.sendOne(action, form, wanted, detail);
    } finally {
      form.removeAttribute("aria-busy");
    }
  }

  /**
   * @param {Action} action
   * @param {HTMLFormElement} form
   * @param {import("./forms.js").Step[]} wanted
   * @param {Detail} detail
   */
  async sendOne(action, form, wanted, detail) {
    let { version } = detail;
    const left = [...wanted];
    try {
      while (left.length) {
        const step = left[0];
        ({ version } = await change(detail.report_id, version, step.change, step.body));
        left.shift();
      }
    } catch (error) {
      if (!(error instanceof Failed)) throw error;
      if (left.length < wanted.length) await this.desk.read(detail.report_id); // the first part is done, and stays
      if (this.form !== form) return notDone(action, detail); // the officer has gone elsewhere, and is told there
      if (error.status === 412) return await this.clash(form, detail);
      return showRefusal(form, error);
    }
    await this.succeeded(actionOf(wanted[wanted.length - 1].change) ?? action, detail, version);
  }

  /**
   * The next case is there, unless the officer has gone to another meanwhile; what was done is said, with the way back.
   * @param {Action} action
   * @param {Detail} detail
   * @param {number} version
   */
  async succeeded(action, detail, version) {
    const { desk } = this;
    const here = desk.filters.open === detail.report_id;
    const ahead = action.stays ? detail.report_id : (desk.neighbour(1) ?? desk.neighbour(-1) ?? "");
    this.undo = action.undo ? () => this.takeBack(action, detail.report_id, version) : null;
    if (this.seen === detail) this.leave();
    say(`${detail.number}: ${action.done()}`, this.undo ? { undo: this.undo } : {});
    desk.known.delete(detail.report_id);
    const opened = here && desk.open(ahead);
    await desk.refresh();
    await opened;
    if (here) this.focusQueue();
    await desk.readWorkload();
  }

  /**
   * @param {Action} action
   * @param {string} reportId
   * @param {number} version
   */
  async takeBack(action, reportId, version) {
    this.undo = null;
    const back = actionOf(action.undo ?? "");
    if (!back) return;
    try {
      await change(reportId, version, back.change, { note: _("Taken back right away") });
      say(_("Undone: %(action)s", { action: back.done() }), { tone: "note" });
    } catch (error) {
      if (!(error instanceof Failed)) throw error;
      say(_("This could not be undone: the case has changed meanwhile."), { tone: "error" });
    }
    this.desk.known.delete(reportId);
    await this.desk.refresh();
    await this.desk.open(reportId);
  }

  /**
   * @param {HTMLFormElement} form
   * @param {Detail} seen
   */
  async clash(form, seen) {
    const now = await this.desk.attempt(() => getCase(seen.report_id));
    if (!now || !this.action) return;
    const still = now.allowed.includes(this.action.change);
    const box = conflict(seen, now, still, {
      onAgain: () => {
        this.settle(now, box);
        this.send(null);
      },
      onLeave: () => {
        this.leave();
        this.settle(now, box);
        this.desk.changed("case");
      },
    });
    form.before(box);
    box.focus();
  }

  /** @param {Detail} now @param {HTMLElement} box */
  settle(now, box) {
    box.remove();
    this.desk.remember(now);
    this.desk.detail = this.seen = now;
  }
}

/** @param {Action} action @param {Detail} detail */
function notDone(action, { number }) {
  say(_("%(number)s: not done: %(what)s. Open the case and look why.", { number, what: action.label() }), { tone: "error" });
}

/**
 * Of a check, the decision that can be made with it.
 * @param {Action} action
 * @param {Detail} detail
 * @param {(then: string) => void} send
 */
function decisions(action, detail, send) {
  if (action.change !== "checks") return [];
  const both = [
    { then: "confirm", key: "t", words: _("Record and confirm") },
    { then: "unconfirm", key: "x", words: _("Record and set to not confirmed") },
  ];
  return both
    .filter(({ then }) => detail.allowed.includes(then))
    .map(({ then, key, words }) =>
      h("button", { type: "button", class: "button", "data-key": key, onclick: () => send(then) }, words, kbd(key)),
    );
}

/** @param {HTMLFormElement} form @param {HTMLElement} submit */
function focusFirst(form, submit) {
  const chosen = form.querySelector('input[type="radio"]:checked');
  const first = chosen ?? form.querySelector('input[type="radio"], [required], [data-first]');
  const typed = first instanceof HTMLInputElement || first instanceof HTMLTextAreaElement;
  const empty = typed && (first.type === "radio" || !first.value);
  (empty ? first : submit).focus({ preventScroll: true });
}

/**
 * @param {string} words
 * @returns {Promise<Named[]>}
 */
async function findDistricts(words) {
  const found = /** @type {{districts: Named[]}} */ (await get(`/v1/districts?q=${encodeURIComponent(words)}`));
  return found.districts;
}

/** @param {number} number */
export function doneWords(number) {
  return ngettext("%(num)s case done", "%(num)s cases done", number);
}
