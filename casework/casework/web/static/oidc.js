// Signing in at the police's identity provider: authorization code with PKCE, as a public client (RFC 9700). The token
// stays in this tab: in memory, and in sessionStorage so that a reload does not sign out. No cookie, so nothing to forge.

import { page } from "./page.js";

/** @typedef {{authorization: string, token: string, ending?: string}} Endpoints */
/** @typedef {{access: string, refresh: string | null, identity: string | null, until: number}} Tokens */

const TOKENS = "kmzb-desk-tokens";
const ASKED = "kmzb-desk-asked";
const ANEW = "kmzb-desk-anew"; // who left, or was refused: their provider may know them still, and would not ask again
const EARLY = 30_000; // renewed before it ends: clocks differ
/** @type {Promise<Tokens | null> | null} */
let renewing = null;

/** Whether there is anywhere to sign in at. */
export function canSignIn() {
  return Boolean(page.sign_in);
}

/** A token that is good now, renewed if need be; null for nobody signed in. */
export async function accessToken() {
  const tokens = kept();
  if (!tokens) return null;
  if (tokens.until - EARLY > Date.now()) return tokens.access;
  renewing ??= renewed(tokens).finally(() => (renewing = null));
  return (await renewing)?.access ?? null;
}

/**
 * Go and sign in; afterwards the desk is back at the address it had. After `signOut`, the provider asks who it is, whoever
 * it knows still.
 */
export async function signIn() {
  const { authorization } = await endpoints();
  const verifier = random();
  const state = random();
  sessionStorage.setItem(ASKED, JSON.stringify({ verifier, state, back: location.pathname + location.search }));
  const address = new URL(authorization);
  const asked = {
    client_id: client(),
    response_type: "code",
    redirect_uri: redirectUri(),
    scope: "openid",
    state,
    code_challenge: await challenge(verifier),
    code_challenge_method: "S256",
    ...(sessionStorage.getItem(ANEW) ? { prompt: "login" } : {}),
  };
  for (const [name, value] of Object.entries(asked)) address.searchParams.set(name, value);
  location.assign(address);
}

/** Forget who is signed in, here; whoever signs in next in this tab is asked who they are. */
export function signOut() {
  sessionStorage.removeItem(TOKENS);
  sessionStorage.setItem(ANEW, "yes");
}

/**
 * Sign out, here and at the provider, if that says where (OpenID Connect RP-Initiated Logout 1.0): whoever sits down next at
 * this computer, in whichever tab, is nobody it knows. Afterwards the desk is there again.
 */
export async function endSession() {
  const identity = kept()?.identity;
  signOut();
  const { ending } = await endpoints().catch(() => /** @type {Partial<Endpoints>} */ ({}));
  const address = new URL(ending ?? redirectUri());
  if (ending) {
    address.searchParams.set("client_id", client());
    address.searchParams.set("post_logout_redirect_uri", redirectUri());
    if (identity) address.searchParams.set("id_token_hint", identity);
  }
  location.assign(address);
}

/**
 * Where the address holds the issuer's answer, take the tokens it stands for and give the address the desk had.
 * @returns {Promise<boolean>} whether signing in failed
 */
export async function returned() {
  const answer = new URLSearchParams(location.search);
  if (!answer.has("state") || !(answer.has("code") || answer.has("error"))) return false;
  const asked = JSON.parse(sessionStorage.getItem(ASKED) ?? "null");
  sessionStorage.removeItem(ASKED);
  const code = answer.get("code");
  const ours = asked && asked.state === answer.get("state");
  const back = ours && new URL(asked.back, location.origin);
  history.replaceState(null, "", back && back.pathname === location.pathname ? asked.back : "/desk");
  if (ours && !code) signOut(); // refused there: asked again, it would refuse the same one again
  if (!ours || !code) return true;
  const form = { grant_type: "authorization_code", code, redirect_uri: redirectUri(), code_verifier: asked.verifier };
  const tokens = await requested(form);
  if (tokens) sessionStorage.removeItem(ANEW);
  // Signing in was begun on another of the desk's pages: there it goes on.
  if (tokens && new URL(asked.back, location.origin).pathname !== location.pathname) location.replace(asked.back);
  return !tokens;
}

/** @returns {Tokens | null} */
function kept() {
  return JSON.parse(sessionStorage.getItem(TOKENS) ?? "null");
}

/** @param {Tokens} tokens */
async function renewed(tokens) {
  const renewal = tokens.refresh ? await requested({ grant_type: "refresh_token", refresh_token: tokens.refresh }) : null;
  // Refused is signed out; an issuer that can't be reached is asked again once there is a connection.
  if (renewal === null && tokens.until <= Date.now()) sessionStorage.removeItem(TOKENS);
  return renewal ?? (tokens.until > Date.now() ? tokens : null);
}

/**
 * @param {Record<string, string>} form
 * @returns {Promise<Tokens | null | undefined>} null where the issuer refuses, undefined where it can't be reached
 */
async function requested(form) {
  try {
    const { token } = await endpoints();
    const body = new URLSearchParams({ ...form, client_id: client() });
    const answer = await fetch(token, { method: "POST", body, credentials: "omit", cache: "no-store" });
    if (!answer.ok) return null;
    const said = await answer.json();
    const until = Date.now() + 1000 * (said.expires_in ?? 60);
    const identity = said.id_token ?? kept()?.identity ?? null;
    const tokens = { access: said.access_token, refresh: said.refresh_token ?? null, identity, until };
    sessionStorage.setItem(TOKENS, JSON.stringify(tokens));
    return tokens;
  } catch {
    return undefined;
  }
}

/** @returns {Promise<Endpoints>} */
async function endpoints() {
  const { discovery, authorization, token } = page.sign_in ?? {};
  if (authorization && token) return { authorization, token };
  const answer = await fetch(discovery ?? "", { credentials: "omit" });
  const found = await answer.json();
  return { authorization: found.authorization_endpoint, token: found.token_endpoint, ending: found.end_session_endpoint };
}

function client() {
  return page.sign_in?.client ?? "";
}

function redirectUri() {
  return `${location.origin}/desk`;
}

function random() {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

/** @param {string} verifier */
async function challenge(verifier) {
  return base64url(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier))));
}

/** @param {Uint8Array} bytes */
function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
