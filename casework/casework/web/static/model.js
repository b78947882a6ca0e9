// What the desk knows: the list as it is filtered, the case that is open, what is selected, what there is to do.

import { Failed, get, getCase, getList } from "./api.js";
import { listQuery, toAddress } from "./filters.js";
import { marksKey } from "./said.js";

/** @typedef {import("./types.js").Summary} Summary */
/** @typedef {import("./types.js").Detail} Detail */
/** @typedef {import("./types.js").Similar} Similar */
/** @typedef {import("./types.js").Workload} Workload */
/** @typedef {"list" | "case" | "work" | "failure" | "arrived"} Part */

const READ_AHEAD = "read ahead by the desk";

export class Desk {
  /**
   * @param {import("./types.js").Me} me
   * @param {import("./filters.js").Filters} filters
   * @param {(part: Part) => void} changed
   */
  constructor(me, filters, changed) {
    this.me = me;
    this.filters = filters;
    this.changed = changed;
    /** @type {Summary[]} */
    this.cases = [];
    /** @type {string | null} */
    this.next = null;
    /** @type {Set<string>} */
    this.selected = new Set();
    /** @type {Detail | null} */
    this.detail = null;
    /** @type {Similar[]} */
    this.similar = [];
    this.reading = Promise.resolve();
    /** @type {Workload[]} */
    this.workload = [];
    /** @type {Failed | null} */
    this.failure = null;
    this.loaded = false;
    this.arrived = 0;
    /** @type {string | null} */
    this.etag = null;
    this.further = 0; // cases beyond the first page that are shown
    /** @type {Map<string, Detail>} */
    this.known = new Map();
  }

  query() {
    return listQuery(this.filters, this.me.beat);
  }

  /**
   * Show another list.
   * @param {Partial<import("./filters.js").Filters>} wanted
   */
  async filter(wanted) {
    this.filters = { ...this.filters, ...wanted };
    toAddress(this.filters, true);
    this.selected.clear();
    await this.reload();
  }

  /** Read the list from its beginning, whatever was there. */
  async reload() {
    this.etag = null;
    this.loaded = false;
    this.further = 0;
    await this.refresh();
  }

  /** Read the first page again, if anything in it changed. */
  async refresh() {
    const query = this.query();
    const page = await this.attempt(() => getList(query, this.etag));
    if (!page || query.toString() !== this.query().toString()) return;
    this.etag = page.etag;
    const first = new Set(page.cases.map((summary) => summary.report_id));
    const before = new Set(this.cases.map((summary) => summary.report_id));
    const rest = this.further ? this.cases.slice(-this.further).filter((summary) => !first.has(summary.report_id)) : [];
    this.arrived = this.loaded ? page.cases.filter((one) => one.status === "new" && !before.has(one.report_id)).length : 0;
    this.cases = [...page.cases, ...rest];
    this.further = rest.length;
    if (!rest.length) this.next = page.next;
    for (const id of this.selected) if (!this.cases.some((one) => one.report_id === id)) this.selected.delete(id);
    this.loaded = true;
    this.changed("list");
    if (this.arrived) this.changed("arrived");
    await this.follow();
  }

  /** Read the next page. */
  async more() {
    const { next } = this;
    if (!next) return;
    const query = this.query();
    query.set("next", next);
    const page = await this.attempt(() => getList(query, null));
    if (!page || this.next !== next) return;
    const known = new Set(this.cases.map((summary) => summary.report_id));
    const added = page.cases.filter((summary) => !known.has(summary.report_id));
    this.cases = [...this.cases, ...added];
    this.further += added.length;
    this.next = page.next;
    this.changed("list");
  }

  /**
   * Open a case; what is known of it is shown at once.
   * @param {string} reportId "" for none
   * @param {boolean} [push]
   */
  async open(reportId, push = false) {
    this.filters.open = reportId;
    toAddress(this.filters, push);
    this.similar = [];
    this.detail = this.known.get(reportId) ?? null;
    this.changed("list");
    this.changed("case");
    if (!reportId) return;
    await (this.reading = this.read(reportId));
    const ahead = this.neighbour(1);
    if (ahead && !this.known.has(ahead)) await this.attempt(async () => this.remember(await getCase(ahead, READ_AHEAD)));
  }

  /**
   * Read a case and what is like it.
   * @param {string} reportId
   */
  async read(reportId) {
    const [detail, near] = await Promise.all([
      this.attempt(() => getCase(reportId)),
      this.attempt(() => /** @type {Promise<{cases: Similar[]}>} */ (get(`/v1/cases/${reportId}/similar`))),
    ]);
    if (detail) this.remember(detail);
    if (this.filters.open !== reportId) return;
    if (!detail) return this.missing();
    this.detail = detail;
    this.similar = near?.cases ?? [];
    this.changed("case");
  }

  /** What is like the open case, once that is read. */
  async similarRead() {
    await this.reading;
    return this.similar;
  }

  /** The case that was to be opened is out of sight, or there is none: then none is open. */
  missing() {
    if (this.failure || this.detail) return;
    this.filters.open = "";
    toAddress(this.filters);
    this.changed("list");
    this.changed("case");
  }

  /** @param {Detail} detail */
  remember(detail) {
    this.known.set(detail.report_id, detail);
    if (this.known.size > 100) this.known.delete(/** @type {string} */ (this.known.keys().next().value));
  }

  /** Read the open case again where the list says that it changed. */
  async follow() {
    const listed = this.cases.find((summary) => summary.report_id === this.filters.open);
    if (!listed || !this.detail) return;
    const changed = listed.version !== this.detail.version || marksKey(listed) !== marksKey(this.detail);
    if (changed) await this.read(listed.report_id);
  }

  /** Read what there is to do. */
  async readWorkload() {
    const found = await this.attempt(() => /** @type {Promise<{units: Workload[]}>} */ (get("/v1/workload")));
    if (!found) return;
    this.workload = found.units;
    this.changed("work");
  }

  /**
   * The case before (-1) or after (1) the open one; the first where none is.
   * @param {number} step
   */
  neighbour(step) {
    const at = this.cases.findIndex((summary) => summary.report_id === this.filters.open);
    if (at < 0) return this.cases[0]?.report_id ?? null;
    return this.cases[at + step]?.report_id ?? null;
  }

  /** @param {string} reportId */
  toggle(reportId) {
    if (!this.selected.delete(reportId)) this.selected.add(reportId);
    this.changed("list");
  }

  /**
   * What an attempt gives, or null where it failed, which is shown.
   * @template T
   * @param {() => Promise<T>} attempt
   * @returns {Promise<T | null>}
   */
  async attempt(attempt) {
    try {
      const result = await attempt();
      if (this.failure) {
        this.failure = null;
        this.changed("failure");
      }
      return result;
    } catch (error) {
      if (!(error instanceof Failed)) throw error;
      if (error.status === 404) return null; // it went out of sight meanwhile
      this.failure = error;
      this.changed("failure");
      return null;
    }
  }
}
