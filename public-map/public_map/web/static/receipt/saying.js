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
  if (button) button.disabled = true;
  const fields = Object.fromEntries([...new FormData(form)].filter(([, value]) => String(value).trim()));
  const failed = await post(`${page.intake}/v1/receipts/${page.receipt}/${form.dataset.say}`, {
    report_id: page.report_id,
    ...fields,
  });
  if (button) button.disabled = false;
  const said = document.getElementById("said");
  if (!said) return;
  said.hidden = false;
  said.textContent = failed || thanks(form.dataset.say ?? "");
  if (failed) return;
  form.reset();
  const details = form.closest("details");
  if (details) {
    details.open = false;
    details.hidden = true;
  }
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
    case "contest": return _("Noted. The coordinator sees it first.");
    case "erasure": return _("What you wrote is being erased.");
    case "withdrawal": return _("Noted. Officers see that you have withdrawn the report.");
    default: return _("Sent. Thank you.");
  }
}
