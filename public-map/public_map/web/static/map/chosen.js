// One report in full: status, what comes next, when what happened, who answers, who else saw it, "me too", a link to share.

import { h, icon, fill } from "../design/elements.js";
import { _, formatInstant } from "../design/texts.js";
import { OPEN, categoryMark, meaning, statusMark, supportersInWords } from "./describe.js";
import { sendSupport } from "./questions.js";

/** @typedef {import("./questions.js").Report} Report */

const KEPT = "kmzb-supported";

export class Chosen {
  /** @type {Report | null} */
  report = null;
  /** @type {string | null} whose support was sent just now */
  thanked = null;

  /**
   * @param {HTMLElement} element
   * @param {{intake: string}} page
   * @param {() => void} onClose
   */
  constructor(element, page, onClose) {
    this.element = element;
    this.page = page;
    this.onClose = onClose;
    element.addEventListener("keydown", (event) => event.key === "Escape" && onClose());
  }

  /**
   * @param {Report} report
   * @param {boolean} [focus] somebody chose it just now; otherwise it may have changed, and whoever is in it stays where they are
   */
  show(report, focus = true) {
    if (!focus && !this.element.hidden && same(report, this.report)) return;
    const held = document.activeElement instanceof HTMLElement && this.element.contains(document.activeElement) ? document.activeElement : null;
    const part = held?.closest("[data-part]")?.getAttribute("data-part");
    this.report = report;
    const open = OPEN.includes(report.status);
    fill(
      this.element,
      this.back(),
      h("div", { class: "chosen-head" }, categoryMark(report), h("div", {}, h("h2", { id: "chosen-title" }, report.category_name), statusMark(report, true))),
      h("p", { class: "next" }, report.imported ? _("It was reported on the former map, and nobody works on it here. If it is still there, report it.") : meaning(report.status)),
      timeline(report),
      facts(report),
      h("div", { class: "actions" }, open && !report.imported ? this.support(report) : again(report), share()),
      h("p", { class: "muted" }, h("small", {}, _("Times are to the hour, and for some categories the place is shown roughly, so that nobody is recognised."))),
    );
    this.element.hidden = false;
    const heldNow = part && this.element.querySelector(`[data-part="${part}"]`);
    if (focus) this.element.focus({ preventScroll: true });
    else if (held) (heldNow instanceof HTMLElement ? heldNow : this.element).focus({ preventScroll: true });
  }

  gone() {
    this.report = null;
    const words = _("This report is not public any more, or lies elsewhere.");
    fill(this.element, this.back(), h("div", { class: "empty" }, icon("ui-search"), h("h2", { id: "chosen-title" }, _("Nothing to show")), h("p", {}, words)));
    this.element.hidden = false;
  }

  hide() {
    this.report = null;
    this.element.hidden = true;
    fill(this.element);
  }

  back() {
    return h("button", { type: "button", class: "button button-quiet back", "data-part": "back", onclick: this.onClose }, icon("ui-back"), _("All reports here"));
  }

  /** @param {Report} report */
  support(report) {
    const said = h("span", { role: "status" });
    const button = h("button", { type: "button", class: "button button-primary", "data-part": "act" }, icon("ui-users"), _("I see it, too"));
    if (this.thanked === report.report_id) said.textContent = _("Thank you. The police see that you saw it, too.");
    const thanks = () => {
      fill(button, icon("ui-check"), _("You confirmed it"));
      button.setAttribute("aria-disabled", "true");
    };
    if (supported().includes(report.report_id)) thanks();
    button.addEventListener("click", async () => {
      if (button.getAttribute("aria-disabled") || button.getAttribute("aria-busy")) return;
      button.setAttribute("aria-busy", "true");
      try {
        await sendSupport(this.page.intake, report.report_id);
        keepSupported(report.report_id);
        this.thanked = report.report_id;
        thanks();
        said.textContent = _("Thank you. The police see that you saw it, too.");
      } catch {
        said.textContent = _("This could not be sent. Try again in a minute.");
      }
      button.removeAttribute("aria-busy");
    });
    return h("span", { class: "row" }, button, said);
  }
}

/** @param {Report} report @param {Report | null} other @returns {boolean} whether both read the same; how far away it is, is not said here */
function same(report, other) {
  return JSON.stringify({ ...report, metres: 0 }) === JSON.stringify({ ...other, metres: 0 });
}

/** @param {Report} report */
function timeline(report) {
  const open = OPEN.includes(report.status);
  const last = report.status !== "new" && h(
    "li", { class: `now status-${report.status}` }, icon(`status-${report.status}`), h("strong", {}, report.status_name),
    h("span", {}, _("since %(instant)s", { instant: formatInstant(report.changed_at) })),
  );
  const first = h(
    "li", { class: report.status === "new" ? "now status-new" : "done status-new" }, icon("status-new"), h("strong", {}, _("Reported")),
    h("span", {}, formatInstant(report.submitted_at)),
  );
  const next = open && !report.imported && h("li", { class: "future" }, icon("ui-clock"), h("strong", {}, ahead(report.status)));
  return h("ol", { class: "timeline", "aria-label": _("What has happened") }, first, last, next);
}

/** @param {string} status */
function ahead(status) {
  if (status === "new") return _("The police take it up");
  return status === "verification" ? _("The police decide") : _("It is removed");
}

/** @param {Report} report */
function facts(report) {
  return h(
    "dl", { class: "facts" },
    h("dt", {}, report.imported ? _("The police unit there") : _("Who answers")),
    h("dd", {}, h("a", { href: `/u/${encodeURIComponent(report.unit)}`, "data-part": "unit" }, report.unit_name)),
    report.supporters > 0 && h("dt", {}, _("Others")),
    report.supporters > 0 && h("dd", {}, supportersInWords(report.supporters)),
  );
}

/** @param {Report} report */
function again({ report_id: id, category, longitude, latitude, imported }) {
  const query = new URLSearchParams({ category, longitude: String(longitude), latitude: String(latitude), zoom: "16" });
  if (!imported) query.set("continues", id); // no case of ours goes on from it
  return h("a", { class: "button button-primary", "data-part": "act", href: `/report?${query}` }, icon("ui-plus"), _("It is still there"));
}

function share() {
  const words = h("span", {}, _("Share"));
  const button = h("button", { type: "button", class: "button", "data-part": "share" }, icon("ui-share"), words);
  button.addEventListener("click", async () => {
    const url = location.href;
    try {
      if (navigator.share) await navigator.share({ url, title: document.title });
      else await navigator.clipboard.writeText(url);
      if (!navigator.share) words.textContent = _("Link copied");
    } catch {
      words.textContent = _("Copy the address of this page");
    }
  });
  return button;
}

/** @returns {string[]} what was confirmed in this browser: the button remembers, nobody else does */
function supported() {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? "[]");
  } catch {
    return [];
  }
}

/** @param {string} id */
function keepSupported(id) {
  try {
    localStorage.setItem(KEPT, JSON.stringify([...supported(), id].slice(-200)));
  } catch {
    // A browser that keeps nothing offers the button again; intake counts each sender once.
  }
}
