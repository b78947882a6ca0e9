// What the queue shows, kept in the address: view, filters, search, the case that is open.

/**
 * @typedef {object} Filters
 * @property {string} view "todo", "overdue", "mine" or "all"
 * @property {string} status
 * @property {string} category
 * @property {string} unit
 * @property {string} q
 * @property {string} open the report that is open
 */

/** @type {Filters} */
const NOTHING = { view: "todo", status: "", category: "", unit: "", q: "", open: "" };
const NAMES = /** @type {(keyof Filters)[]} */ (Object.keys(NOTHING));
const CODE = /^[A-Za-z0-9/_.-]{1,129}$/;

/** @returns {Filters} */
export function fromAddress() {
  const address = new URLSearchParams(location.search);
  const found = { ...NOTHING };
  for (const name of NAMES) {
    const value = (address.get(name) ?? "").trim();
    if (CODE.test(value)) found[name] = value;
  }
  return found;
}

/**
 * @param {Filters} filters
 * @param {boolean} push whether going back should lead to what was before
 */
export function toAddress(filters, push = false) {
  const address = new URLSearchParams(location.search);
  for (const name of NAMES) {
    if (filters[name] && filters[name] !== NOTHING[name]) address.set(name, filters[name]);
    else address.delete(name);
  }
  const text = address.size ? `${location.pathname}?${address}` : location.pathname;
  if (text === location.pathname + location.search) return;
  if (push) history.pushState(null, "", text);
  else history.replaceState(null, "", text);
}

/**
 * The query of the API's list.
 * @param {Filters} filters
 * @param {string | null} beat the officer's own
 */
export function listQuery(filters, beat) {
  const query = new URLSearchParams();
  if (filters.status) query.set("status", filters.status);
  if (filters.category) query.set("category", filters.category);
  if (filters.unit) query.set("unit", filters.unit);
  if (filters.q) {
    query.set("q", filters.q);
    return query;
  }
  if (filters.view === "overdue") query.set("overdue", "true");
  if (filters.view === "mine" && beat) query.set("beat", beat);
  if (filters.view !== "all") query.set("order", "due");
  return query;
}
