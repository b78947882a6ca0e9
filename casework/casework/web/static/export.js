// The list as a file: received with the officer's token, a part at a time, then handed to the browser to keep.

import { _, formatNumber, ngettext } from "./design/texts.js";
import { Failed, download } from "./api.js";
import { byId, fill, h, icon } from "./design/elements.js";
import { refusal } from "./refusals.js";

/** @typedef {import("./model.js").Desk} Desk */

/** @param {Desk} desk */
export function bindExport(desk) {
  const dialog = byId("export", HTMLDialogElement);
  const form = byId("export-form", HTMLFormElement);
  const words = byId("export-words", HTMLInputElement);
  const purpose = byId("export-purpose", HTMLInputElement);
  /** @type {AbortController | null} */
  let running = null;
  byId("export-words-line").hidden = desk.me.role !== "coordinator";
  byId("export-button").addEventListener("click", () => {
    fill(byId("export-state"));
    dialog.showModal();
  });
  words.addEventListener("change", () => showPurpose(words.checked));
  byId("export-close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => running?.abort());
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (running) return;
    running = new AbortController();
    form.setAttribute("aria-busy", "true");
    const format = new FormData(form).get("format") === "geojson" ? "geojson" : "csv";
    const query = desk.query();
    if (words.checked) {
      query.set("words", "true");
      query.set("purpose", purpose.value);
    }
    await received(`/v1/exports/cases.${format}?${query}`, `cases.${format}`, running.signal);
    form.removeAttribute("aria-busy");
    running = null;
  });
}

/** @param {boolean} needed */
function showPurpose(needed) {
  byId("export-purpose-field").hidden = !needed;
  byId("export-purpose", HTMLInputElement).required = needed;
}

/**
 * Receive a file, say how it goes, and give it to the browser.
 * @param {string} path
 * @param {string} name
 * @param {AbortSignal} signal
 */
async function received(path, name, signal) {
  const state = byId("export-state");
  const end = name.endsWith("csv") ? "\r\n" : "\n"; // a line end in what citizens wrote is not one of the file
  let lines = 0;
  const going = h("span", {}, _("Asking …"));
  fill(state, h("progress", { class: "bar", "aria-label": _("Export") }), going);
  try {
    const file = await download(path, signal, (text) => {
      lines += text.split(end).length - 1;
      going.textContent = ngettext("%(num)s line received", "%(num)s lines received", lines, { num: formatNumber(lines) });
    });
    keep(file, name);
    fill(state, h("div", { class: "notice notice-success" }, icon("ui-check"), h("p", {}, _("The file is ready."))));
  } catch (error) {
    if (signal.aborted) return fill(state);
    fill(state, h("div", { class: "notice notice-error" }, icon("ui-warning"), h("p", {}, failure(error))));
  }
}

/** @param {unknown} error */
function failure(error) {
  if (!(error instanceof Failed)) return _("The file broke off before its end, so nothing was kept. Export again.");
  if (error.status === 503) return _("Others export at the moment. Try again in a while.");
  if (error.status === 401) return _("You are no longer signed in.");
  if (error.status === 0) return _("There is no connection to the desk. It goes on by itself once there is.");
  return error.problem.errors?.map((each) => refusal(each.detail)).join(" ") ?? _("The desk does not answer as it should.");
}

/** @param {Blob} file @param {string} name */
function keep(file, name) {
  const address = URL.createObjectURL(file);
  const link = h("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
