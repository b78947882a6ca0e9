// The list beside the map: the same reports, nearest to its middle first.

import { h, icon, fill } from "../design/elements.js";
import { _, formatNumber, formatRelative, ngettext } from "../design/texts.js";
import { categoryMark, distanceInWords, statusMark } from "./describe.js";

/** @typedef {import("./questions.js").Report} Report */

const SHOWN_AT_FIRST = 20;

export class Listing {
  /** @type {Report[]} */
  reports = [];
  shown = SHOWN_AT_FIRST;
  /** @type {Set<string>} */
  arrived = new Set();

  /**
   * @param {{list: HTMLElement, count: HTMLElement, notice: HTMLElement, more: HTMLElement, said: HTMLElement}} parts
   * @param {(report: Report) => void} onChosen
   */
  constructor(parts, onChosen) {
    this.parts = parts;
    this.onChosen = onChosen;
    parts.more.addEventListener("click", () => {
      const next = this.shown;
      this.shown += SHOWN_AT_FIRST;
      this.draw();
      this.focusOn(this.reports[next]?.report_id);
    });
  }

  loading() {
    this.parts.list.setAttribute("aria-busy", "true");
  }

  /**
   * @param {{reports: Report[], complete: boolean}} found
   * @param {{filtered: boolean, onClear: () => void, onCountry: () => void}} otherwise what to offer when nothing is there
   */
  show({ reports, complete }, otherwise) {
    this.reports = reports;
    this.shown = SHOWN_AT_FIRST;
    const { list, count, notice, said } = this.parts;
    list.setAttribute("aria-busy", "false");
    const number = `${formatNumber(reports.length)}${complete ? "" : "+"}`;
    count.textContent = number;
    count.hidden = reports.length === 0;
    said.textContent = ngettext("%(num)s report in this view", "%(num)s reports in this view", reports.length);
    fill(notice, reports.length === 0 && empty(otherwise));
    this.draw();
  }

  /** @param {() => void} retry */
  failed(retry) {
    this.parts.list.setAttribute("aria-busy", "false");
    const offline = !navigator.onLine;
    const words = offline ? _("You are offline. What you see is how it was before.") : _("The reports could not be loaded.");
    const again = h("button", { type: "button", class: "button button-small", onclick: retry }, icon("ui-refresh"), _("Try again"));
    fill(this.parts.notice, h("div", { class: "notice notice-warning" }, icon(offline ? "ui-offline" : "ui-warning"), h("p", {}, words), h("div", {}, again)));
    if (this.reports.length === 0) fill(this.parts.list);
  }

  draw() {
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.report : undefined;
    const now = this.reports.slice(0, this.shown);
    fill(this.parts.list, ...now.map((report) => this.item(report)));
    this.parts.more.hidden = this.reports.length <= this.shown;
    this.arrived.clear();
    if (focused) this.focusOn(focused);
  }

  /** @param {Report} report */
  item(report) {
    const button = h(
      "button",
      { type: "button", class: "listing-item", "data-report": report.report_id, onclick: () => this.onChosen(report) },
      categoryMark(report),
      h("strong", {}, report.category_name),
      h("span", { class: "away" }, distanceInWords(report.metres)),
      statusMark(report),
      h("small", {}, `${formatRelative(report.changed_at)} · ${report.unit_name}`),
    );
    return h("li", { class: this.arrived.has(report.report_id) && "is-new" }, button);
  }

  /** @param {string | undefined} id */
  focusOn(id) {
    if (!id) return;
    const found = this.parts.list.querySelector(`[data-report="${CSS.escape(id)}"]`);
    if (found instanceof HTMLElement) found.focus();
  }
}

/** @param {{filtered: boolean, onClear: () => void, onCountry: () => void}} otherwise */
function empty({ filtered, onClear, onCountry }) {
  const words = filtered
    ? _("No report here fits the filters.")
    : _("No reports here. Everything that is public and open would be on the map.");
  const action = filtered
    ? h("button", { type: "button", class: "button", onclick: onClear }, icon("ui-undo"), _("Show everything again"))
    : h("button", { type: "button", class: "button", onclick: onCountry }, icon("ui-map"), _("Show the whole country"));
  return h("div", { class: "empty" }, icon(filtered ? "ui-filter" : "ui-map"), h("p", {}, words), action);
}
