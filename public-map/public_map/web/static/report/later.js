// The steps after the place: what happens there, its details, and sending. They come when the place can be chosen.

import { _, language, ngettext } from "../design/texts.js";
import { searchCategories } from "./categories.js";
import { showPromises, showSummary } from "./check.js";
import { watchDescription } from "./description.js";
import { deleteDraft, emptyDraft } from "./draft.js";
import { byId } from "../design/elements.js";
import { loadEmergencyWords, mayGoOn } from "./emergency.js";
import { clearErrors, clearMended, missing, showErrors, stepOf } from "./errors.js";
import { showFields } from "./fields.js";
import { findNearby, showNearby, support } from "./nearby.js";
import { Photos } from "./photos/field.js";
import { discardParcel, pack, reportBody, send, waitingParcel } from "./sending.js";
import { showRefusal, showSending, showWaiting } from "./sending-words.js";
import { STEPS } from "./steps.js";
import { dayInPoland, OLDEST_DAYS } from "./times.js";

export class LaterSteps {
  stop = new AbortController();
  /** For what the last step last asked. */
  checked = "";

  /** @param {import("./main.js").Shared} shared */
  constructor(shared) {
    this.shared = shared;
    this.description = byId("description", HTMLTextAreaElement);
    this.photos = new Photos(shared.page.intake, () => shared.draft, shared.changed);
    const day = byId("day", HTMLInputElement);
    [day.min, day.max] = [dayInPoland(Date.now(), OLDEST_DAYS), dayInPoland(Date.now())];
    searchCategories(shared.changed);
    watchDescription(this.description);
    this.description.addEventListener("focus", loadEmergencyWords);
    byId("start-over", HTMLButtonElement).addEventListener("click", () => this.startOver());
    byId("send-now", HTMLButtonElement).addEventListener("click", () => window.dispatchEvent(new Event("kmzb-send-now")));
    byId("send-stop", HTMLButtonElement).addEventListener("click", () => this.stopSending());
    window.addEventListener("storage", () => !waitingParcel() && this.stop.abort());
    this.changed();
    this.shown(shared.steps.current);
    if (!waitingParcel()) return;
    shared.steps.show("check", false);
    this.sendWaiting(); // of an earlier visit, which the connection or the battery ended
  }

  get category() {
    return this.shared.page.categories[this.shared.draft.category ?? ""];
  }

  changed() {
    byId("description-required").hidden = !this.category?.required;
    this.photos.measure();
    clearMended(missing(this.shared.draft, this.category));
    if (this.shared.steps.wide) this.showCheck();
  }

  /**
   * @param {string} name
   * @returns {boolean}
   */
  mayLeave(name) {
    const { draft, steps, changed } = this.shared;
    const reached = STEPS.slice(0, STEPS.indexOf(name) + 1);
    const here = showErrors(missing(draft, this.category).filter((error) => reached.includes(stepOf(error))));
    if (here) {
      this.goTo(here);
      return false;
    }
    if (name !== "details") return true;
    mayGoOn(draft).then((may) => {
      changed();
      if (may) steps.go("check");
      else this.description.focus();
    });
    return false;
  }

  /** @param {string} name */
  shown(name) {
    if (name === "details") loadEmergencyWords();
    if (name === "check") this.showCheck();
  }

  async showCheck() {
    const { draft } = this.shared;
    showSummary(draft, this.photos.photos.length);
    const { category, longitude, latitude, unit } = draft;
    const about = JSON.stringify([category, longitude, latitude, unit]);
    if (about === this.checked || !category || longitude === undefined || latitude === undefined) return;
    this.checked = about;
    showPromises(category, unit);
    showNearby(await findNearby({ category, longitude, latitude }), (report, button) => this.confirmInstead(report, button));
  }

  async submit() {
    const { draft, steps } = this.shared;
    const wrong = showErrors(missing(draft, this.category));
    if (wrong) {
      this.goTo(wrong);
      return;
    }
    if (!(await mayGoOn(draft))) {
      steps.go("details");
      this.description.focus();
      return;
    }
    showSending();
    await this.photos.settled();
    if (this.photos.failed) {
      this.refuse({ kind: "refused", status: 0, errors: [{ field: "photos", detail: "" }], retryAfter: 0 });
      return;
    }
    pack(reportBody(draft, language, Date.now(), this.photos.tokens));
    await this.sendWaiting();
  }

  async sendWaiting() {
    const { form, page } = this.shared;
    this.stop = new AbortController();
    form.classList.add("is-sending");
    showSending();
    const answer = await send(page.intake, showWaiting, this.stop.signal);
    form.classList.remove("is-sending");
    if (answer?.kind === "sent") {
      deleteDraft();
      location.replace(`/r/${answer.receipt.receipt}?lang=${language}&sent=1`);
      return;
    }
    if (answer?.errors.some(({ field }) => field === "photos")) this.photos.clear();
    this.refuse(answer);
  }

  /** @param {import("./sending.js").Refused | null} answer null: it was not sent from here */
  refuse(answer) {
    const wrong = answer ? showErrors(answer.errors) : null;
    showRefusal(answer);
    if (wrong) this.goTo(wrong);
  }

  stopSending() {
    discardParcel();
    this.stop.abort();
  }

  /** @param {{field: HTMLElement, step: string}} wrong */
  goTo(wrong) {
    this.shared.steps.go(wrong.step);
    wrong.field.focus();
    this.shared.place.say("");
  }

  /**
   * @param {import("./nearby.js").NearbyReport} report
   * @param {HTMLButtonElement} button
   */
  async confirmInstead(report, button) {
    button.disabled = true;
    const failed = await support(this.shared.page.intake, report.report_id);
    const said = byId("sending");
    button.disabled = false;
    if (failed) {
      said.textContent = failed;
      return;
    }
    deleteDraft();
    this.shared.form.classList.add("is-done");
    said.textContent = `${_("Thank you, it counts.")} ${ngettext(
      "You and %(num)s other person saw it.",
      "You and %(num)s other people saw it.",
      report.supporters + 1,
    )}`;
    said.focus();
  }

  startOver() {
    const { form, place, steps } = this.shared;
    discardParcel();
    deleteDraft();
    this.shared.draft = emptyDraft();
    showFields(form, this.shared.draft);
    clearErrors();
    place.show();
    this.photos.clear();
    this.description.dispatchEvent(new Event("input"));
    steps.go("place");
  }
}
