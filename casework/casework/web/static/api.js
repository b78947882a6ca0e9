// Casework's API, as the officer who is signed in.

import { said } from "./design/unpressed.js";
import { accessToken } from "./oidc.js";

/** @typedef {{field: string, detail: string}} FieldError */
/** @typedef {import("./types.js").Summary} Summary */
/** @typedef {import("./types.js").Detail} Detail */

/** What the API refused, or that it could not be reached (status 0). */
export class Failed extends Error {
  /**
   * @param {number} status
   * @param {{detail?: string, title?: string, errors?: FieldError[], allowed?: string[], status_of_case?: string}} problem
   */
  constructor(status, problem) {
    super(problem.detail ?? problem.title ?? String(status));
    this.status = status;
    this.problem = problem;
  }
}

/**
 * @param {string} path
 * @param {{method?: string, body?: unknown, headers?: Record<string, string>, signal?: AbortSignal}} [options]
 * @returns {Promise<Response>} one that is 2xx or 304; else Failed is thrown, 401 also where nobody is signed in
 */
async function request(path, { method = "GET", body, headers = {}, signal } = {}) {
  const token = await accessToken();
  if (!token) throw new Failed(401, {});
  /** @type {Record<string, string>} */
  const sent = { Authorization: `Bearer ${token}`, ...headers };
  if (body !== undefined) sent["Content-Type"] = "application/json";
  let answer;
  try {
    const text = body === undefined ? undefined : JSON.stringify(body);
    answer = await fetch(path, { method, headers: sent, body: text, signal, cache: "no-store", credentials: "omit" });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Failed(0, {});
  }
  if (answer.ok || answer.status === 304) return answer;
  throw new Failed(answer.status, await answer.json().catch(() => ({})));
}

/**
 * @template T
 * @param {string} path
 * @param {AbortSignal} [signal]
 * @returns {Promise<T>}
 */
export async function get(path, signal) {
  return said(await request(path, { signal }));
}

/**
 * What a page can't begin without: asked again each second while casework is away, or has just started.
 * @template T
 * @param {string} path
 * @returns {Promise<T>}
 */
export async function getPatiently(path) {
  for (;;) {
    try {
      return await get(path);
    } catch (error) {
      if (!(error instanceof Failed) || ![0, 502, 503].includes(error.status)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}

/**
 * A list, unless it is still as its ETag says.
 * @param {URLSearchParams} query
 * @param {string | null} etag
 * @returns {Promise<{cases: Summary[], next: string | null, etag: string | null} | null>} null for unchanged
 */
export async function getList(query, etag) {
  const answer = await request(`/v1/cases?${query}`, { headers: etag ? { "If-None-Match": etag } : {} });
  return answer.status === 304 ? null : { ...(await said(answer)), etag: answer.headers.get("ETag") };
}

/**
 * @param {string} reportId
 * @param {string} [purpose] why it is read, where that is not that somebody opened it; it stands in the audit
 * @returns {Promise<Detail>}
 */
export function getCase(reportId, purpose = "") {
  return get(`/v1/cases/${reportId}${purpose && `?${new URLSearchParams({ purpose })}`}`);
}

/**
 * A file, which comes in parts of any number; each is told as text. One that breaks off is an error.
 * @param {string} path
 * @param {AbortSignal} signal
 * @param {(text: string) => void} progress
 * @returns {Promise<Blob>}
 */
export async function download(path, signal, progress) {
  const answer = await request(path, { signal });
  /** @type {Uint8Array<ArrayBuffer>[]} */
  const parts = [];
  const reader = answer.body?.getReader();
  const decoder = new TextDecoder();
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
    parts.push(part.value);
    progress(decoder.decode(part.value, { stream: true }));
  }
  return new Blob(parts, { type: answer.headers.get("Content-Type") ?? "" });
}

/**
 * @param {string} path
 * @param {unknown} [body]
 * @returns {Promise<unknown>}
 */
export async function post(path, body) {
  return said(await request(path, { method: "POST", body }));
}

/**
 * @param {string} path
 * @returns {Promise<unknown>}
 */
export async function del(path) {
  return said(await request(path, { method: "DELETE" }));
}

/**
 * A photo the citizen sent.
 * @param {string} reportId
 * @param {number} number 1 for the first
 * @returns {Promise<Blob>}
 */
export async function getPhoto(reportId, number) {
  return (await request(`/v1/cases/${reportId}/photos/${number}`)).blob();
}

/**
 * Change a case from the version that was seen.
 * @param {string} reportId
 * @param {number} version
 * @param {string} change
 * @param {Record<string, unknown>} body
 * @param {string} [key] by which the same is known again when it is sent again
 * @returns {Promise<{version: number, status: string, allowed: string[]}>}
 */
export async function change(reportId, version, change, body, key) {
  /** @type {Record<string, string>} */
  const headers = { "If-Match": `"${version}"` };
  if (key) headers["Idempotency-Key"] = key;
  return said(await request(`/v1/cases/${reportId}/${change}`, { method: "POST", body, headers }));
}
