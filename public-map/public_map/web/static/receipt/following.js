// Follow the report: the same page is asked for again, often at first, and what changed on it is shown.

import { _, formatTime } from "../design/texts.js";
import { unpressed } from "../design/unpressed.js";

const AWAITED_MS = 500;
const AWAITED_FOR_MS = 15_000;
const FAST_MS = 2000;
const FAST_FOR_MS = 120_000;
const SLOWEST_MS = 60_000;
const ANSWER_MS = 15_000;
const OLD_AFTER_MS = 10_000; // one question that fails is asked again before anybody is told

let etag = "";
let quietSince = Date.now();
let renewedAt = Date.now();
/** Each part as it was read: what stands here may have been opened and written in since. */
const read = new Map(parts(document).map((part) => [part.id, part.cloneNode(true)]));

/** Ask again and again while somebody looks at the page. */
export async function follow() {
  if (!isAwaited()) history.replaceState(history.state, "", addressToKeep());
  for (;;) {
    await pause(waitMs());
    if (document.hidden) continue;
    try {
      await refresh();
      renewedAt = Date.now();
      showOld(false);
    } catch {
      showOld(!navigator.onLine || Date.now() - renewedAt > OLD_AFTER_MS);
    }
  }
}

/**
 * What stands here stays while it can't be renewed, and says of when it is.
 * @param {boolean} old
 */
function showOld(old) {
  const notice = document.getElementById("old");
  if (!notice || notice.hidden === !old) return;
  const words = _("No connection at the moment. This is how it was at %(time)s; the page goes on by itself.", { time: formatTime(renewedAt) });
  notice.textContent = old ? words : "";
  notice.hidden = !old;
}

/** @returns {number} */
function waitMs() {
  const quiet = Date.now() - quietSince;
  if (isAwaited() && quiet < AWAITED_FOR_MS) return AWAITED_MS;
  return quiet < FAST_FOR_MS ? FAST_MS : Math.min(SLOWEST_MS, quiet / 20);
}

export async function refresh() {
  const headers = { Accept: "text/html", ...(etag ? { "If-None-Match": etag } : {}) };
  const signal = AbortSignal.timeout(ANSWER_MS);
  const response = await fetch(location.pathname + location.search, { headers, cache: "no-store", signal });
  if (response.status >= 500) throw new Error(`the page: ${response.status}`);
  if (response.status !== 200) return;
  if (isAwaited()) {
    location.replace(addressToKeep()); // it knows more than this one: what may be said, and to whom
    return;
  }
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  await unpressed();
  etag = response.headers.get("ETag") ?? "";
  for (const after of parts(fresh)) {
    const before = document.getElementById(after.id);
    if (!before || read.get(after.id)?.isEqualNode(after)) continue;
    quietSince = Date.now();
    if (isWritten(before)) {
      etag = ""; // what is being written is not taken away: it is asked for again
    } else {
      read.set(after.id, after.cloneNode(true));
      before.replaceWith(after);
    }
  }
}

/** Whether this page stands for one that is yet to come. */
function isAwaited() {
  return document.getElementById("live")?.dataset.status === "unknown";
}

/** The page's address, without that it comes from sending. */
function addressToKeep() {
  const address = new URL(location.href);
  address.searchParams.delete("sent");
  return address.href;
}

/**
 * The parts of a page that change while it is looked at.
 * @param {Document} page
 * @returns {Element[]}
 */
function parts(page) {
  return [...page.querySelectorAll("[data-live]")];
}

/** @param {HTMLElement} part */
function isWritten(part) {
  return [...part.querySelectorAll("textarea")].some((field) => field.value.trim() !== "");
}

/**
 * @param {number} milliseconds
 * @returns {Promise<void>} sooner when somebody comes back to the page
 */
function pause(milliseconds) {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    document.addEventListener("visibilitychange", end);
  });
}
