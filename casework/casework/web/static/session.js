// Who sits at the desk, on each of its pages: signed in, or asked to; and who is on duty there.

import { _ } from "./design/texts.js";
import { Failed, getPatiently } from "./api.js";
import { byId, fill, h, icon } from "./design/elements.js";
import { roleName } from "./describe.js";
import { accessToken, canSignIn, endSession, returned, signIn, signOut } from "./oidc.js";
import { noProvider, noRole, refusal } from "./refusals.js";

/** @typedef {import("./types.js").Me} Me */

/**
 * Show the page to whoever is signed in, and let all others sign in.
 * @returns {Promise<Me | null>} null for nobody
 */
export async function enter() {
  const failed = await returned();
  if (!(await accessToken())) return askToSignIn(failed);
  try {
    const me = /** @type {Me} */ (await getPatiently("/v1/me"));
    byId("sign-in").hidden = true;
    for (const id of ["desk", "account", "pages"]) byId(id).hidden = false;
    byId("overview-page").hidden = !oversees(me);
    byId("sign-out").addEventListener("click", endSession);
    keepAddress();
    showWho(me);
    return me;
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    if ([401, 403].includes(error.status)) signOut(); // the same account would be refused again
    if (error.status === 403) refuse();
    return askToSignIn(true);
  }
}

/** The account is a good one, and not for here. */
function refuse() {
  byId("sign-in-why").textContent = noRole();
  fill(byId("sign-in-button"), icon("ui-user"), _("Sign in with another account"));
}

/** In another language the page is where it was: filters, the case that is open. */
function keepAddress() {
  for (const link of document.querySelectorAll(".languages a")) {
    link.addEventListener("click", () => {
      const address = new URLSearchParams(location.search);
      address.set("lang", link.getAttribute("hreflang") ?? "");
      link.setAttribute("href", `?${address}`);
    });
  }
}

/** @param {Me} me */
export function oversees(me) {
  return me.role === "garrison" || me.role === "headquarters";
}

/** Whose desk it is, in words. @param {Me} me */
export function placeOf(me) {
  if (me.role === "headquarters") return _("Poland");
  return me.unit_name ?? me.garrison_name ?? me.unit ?? me.garrison ?? "";
}

/**
 * @param {Me} me
 * @param {import("./types.js").Roster | null} [roster]
 */
export function showWho(me, roster = null) {
  const parts = [roleName(me.role), me.subject];
  if (me.beat) parts.push(_("beat %(code)s", { code: me.beat }));
  if (me.deputy_of) parts.push(_("instead of %(name)s", { name: me.deputy_of }));
  if (roster?.on_duty) parts.push(_("on duty: %(name)s", { name: roster.on_duty.officer }));
  fill(byId("who"), h("strong", {}, placeOf(me)), h("small", {}, parts.join(" · ")));
}

/**
 * What keeps the page from being as things are; null for nothing.
 * @param {Failed | null} failed
 */
export function showFailed(failed) {
  const place = byId("failure");
  place.hidden = !failed;
  if (!failed) return;
  const said = h("span", {}, failedWords(failed));
  const anew = failed.status === 403;
  const go = () => {
    if (anew) signOut();
    signIn().catch(() => (said.textContent = noProvider()));
  };
  const words = anew ? _("Sign in with another account") : _("Sign in again");
  const button = h("button", { type: "button", class: "button button-small", onclick: go }, words);
  fill(place, icon("ui-warning"), h("div", { class: "row" }, said, failed.status === 401 || anew ? button : null));
}

/** @param {Failed} failed */
function failedWords({ status, problem }) {
  switch (status) {
    case 0: return _("There is no connection to the desk. It goes on by itself once there is.");
    case 401: return _("You are no longer signed in.");
    case 403: return noRole();
    default: return problem.errors?.map((error) => refusal(error.detail)).join(" ") || _("The desk does not answer as it should.");
  }
}

/**
 * Do something again and again while somebody looks.
 * @param {number} milliseconds
 * @param {() => Promise<unknown>} work
 */
export async function repeat(milliseconds, work) {
  if (document.visibilityState === "visible") await work();
  setTimeout(() => repeat(milliseconds, work), milliseconds);
}

/**
 * @param {boolean} failed
 * @returns {null}
 */
function askToSignIn(failed) {
  byId("sign-in").hidden = false;
  byId("sign-in-failed").hidden = !failed;
  byId("sign-in-none").hidden = canSignIn();
  byId("sign-in-button").hidden = !canSignIn();
  byId("sign-in-button").addEventListener("click", () => {
    signIn().catch(() => {
      byId("sign-in-why").textContent = noProvider();
      byId("sign-in-failed").hidden = false;
    });
  });
  return null;
}
