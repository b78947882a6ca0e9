// What the server tells the desk's scripts, in #page.

/**
 * @typedef {object} Page
 * @property {{client: string, discovery: string | null, authorization: string | null, token: string | null} | null} sign_in
 * @property {Record<string, {name: string, executor: string, agency: string | null}>} categories
 * @property {Record<string, string>} statuses
 * @property {string} worker
 */

/** @type {Page} */
export const page = JSON.parse(document.getElementById("page")?.textContent || "{}");

/** @param {string} code */
export function categoryName(code) {
  return page.categories[code]?.name ?? code;
}

/** @param {string} status */
export function statusName(status) {
  return page.statuses[status] ?? status;
}
