// What the one who reported says after sending: each form names what it says, and is sent to intake.

import { _ } from "../design/texts.js";

/** @typedef {{intake?: string, receipt?: string, report_id?: string}} Page */

/** @param {Page} page */
export function sayWhatIsSent(page) {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !form.dataset.say) return;
    event.preventDefault();
    submit(page, form);
  });
}

/**
 * @param {Page} page
 * @param {HTMLFormElement} form
 */
async function submit(page, form) {
  const button = form.querySelector("button");
  const missing = form.querySelector("textarea[required]");
  if (missing instanceof HTMLTextAreaElement && !missing.value.trim()) return missing.focus();
  if (button?.getAttribute("aria-busy")) return;
  button?.setAttribute("aria-busy", "true");
  const what = form.dataset.say ?? "";
  const failed = await post(`${page.intake}/v1/receipts/${page.receipt}/${what}`, body(page, form));
  button?.removeAttribute("aria-busy");
  say(form, failed || thanks(what), failed !== "");
  if (failed) return;
  form.reset();
  (form.closest("details") ?? form).hidden = true;
}

/**
 * @param {Page} page
 * @param {HTMLFormElement} form
 */
function body(page, form) {
  const fields = Object.fromEntries([...new FormData(form)].filter(([, value]) => String(value).trim()));
  const { question } = form.dataset;
  return { report_id: page.report_id, ...(question ? { question: Number(question) } : {}), ...fields };
}

/**
 * Say what came of it above the part the form stands in, which is renewed by itself.
 * @param {HTMLFormElement} form
 * @param {string} words
 * @param {boolean} failed
 */
function say(form, words, failed) {
  const said = form.closest("[data-live]")?.previousElementSibling;
  if (!(said instanceof HTMLElement)) return;
  said.className = failed ? "notice notice-error" : "notice notice-success";
  said.hidden = false;
  said.textContent = words;
}

/**
 * @param {string} address
 * @param {object} body
 * @returns {Promise<string>} what to say when it failed; empty when it was taken
 */
async function post(address, body) {
  try {
    const response = await fetch(address, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(20_000),
    });
    if (response.ok) return "";
    if (response.status === 429) return _("That is too much for now. Please try again in an hour.");
    if (response.status === 422) return _("It was not taken: write up to 500 characters, without special ones.");
  } catch {
    // said below
  }
  return _("It could not be sent. Look at your connection and try again; nothing you wrote is lost.");
}

/** @param {string} what */
function thanks(what) {
  switch (what) {
    case "answer": return _("Sent. Officers see your answer with the case.");
    case "contest": return _("Noted. The coordinator sees it first.");
    case "erasure": return _("What you wrote is being erased.");
    case "withdrawal": return _("Noted. Officers see that you have withdrawn the report.");
    default: return _("Sent. Thank you.");
  }
}
