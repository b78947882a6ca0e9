// The queue: one line for each case, its time left first; a list of links with a box to select each.

import { _, ngettext } from "./design/texts.js";
import { dueMark } from "./describe.js";
import { fill, h, icon } from "./design/elements.js";
import { categoryName, statusName } from "./page.js";
import { marks, marksKey } from "./said.js";

/** @typedef {import("./types.js").Summary} Summary */

/**
 * @typedef {object} QueueState
 * @property {Summary[]} cases
 * @property {string | null} next
 * @property {string} open
 * @property {Set<string>} selected
 * @property {boolean} units whether each line names its unit
 */

/**
 * @typedef {object} QueueHandlers
 * @property {(reportId: string) => void} onOpen
 * @property {(reportId: string) => void} onSelect
 * @property {() => void} onMore
 */

/**
 * Show the queue; lines that say the same stay the elements they were, so that nothing jumps and focus stays.
 * @param {HTMLElement} list
 * @param {QueueState} state
 * @param {QueueHandlers} handlers
 */
export function showQueue(list, state, handlers) {
  const known = new Map(Array.from(list.children).map((line) => [/** @type {HTMLElement} */ (line).dataset.key, line]));
  const lines = state.cases.map((summary) => {
    const key = lineKey(summary, state);
    return known.get(key) ?? line(summary, key, state, handlers);
  });
  const focused = document.activeElement?.closest?.("li")?.getAttribute("data-report");
  if (state.next) lines.push(moreLine(handlers));
  if (!same(list.children, lines)) {
    list.replaceChildren(...lines);
    if (focused && focused === state.open && document.activeElement === document.body) focusOpen(list);
  }
}

/** @param {HTMLElement} list */
export function focusOpen(list) {
  const link = list.querySelector('a[aria-current="true"]');
  if (link instanceof HTMLElement) {
    link.focus({ preventScroll: true });
    link.scrollIntoView({ block: "nearest" });
  }
}

/**
 * @param {HTMLCollection} before
 * @param {Element[]} after
 */
function same(before, after) {
  return before.length === after.length && after.every((element, index) => element === before[index]);
}

/**
 * @param {Summary} summary
 * @param {QueueState} state
 */
function lineKey(summary, state) {
  const shown = [summary.report_id, summary.version, summary.due_at, marksKey(summary)];
  return [...shown, summary.report_id === state.open, state.selected.has(summary.report_id)].join("|");
}

/**
 * @param {Summary} summary
 * @param {string} key
 * @param {QueueState} state
 * @param {QueueHandlers} handlers
 */
function line(summary, key, state, handlers) {
  const open = summary.report_id === state.open;
  const box = h("input", {
    type: "checkbox",
    checked: state.selected.has(summary.report_id),
    "aria-label": _("Select %(number)s", { number: summary.number }),
    onchange: () => handlers.onSelect(summary.report_id),
  });
  const link = h(
    "a",
    {
      class: "card-link queue-link",
      href: `?open=${summary.report_id}`,
      "aria-current": open ? "true" : null,
      onclick: (/** @type {MouseEvent} */ event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        handlers.onOpen(summary.report_id);
      },
    },
    ...lineWords(summary, state),
  );
  const label = h("label", { class: "queue-box" }, box);
  return h("li", { "data-key": key, "data-report": summary.report_id, class: "queue-line" }, label, link);
}

/**
 * @param {Summary} summary
 * @param {QueueState} state
 */
function lineWords(summary, state) {
  const beat = summary.owner.beat ? _("beat %(code)s", { code: summary.owner.beat }) : "";
  const where = state.units ? [summary.owner.unit_name, beat].filter(Boolean).join(", ") : beat;
  const mark = h("span", { class: `status status-${summary.status}` }, icon(`status-${summary.status}`));
  mark.append(h("span", { class: "visually-hidden" }, statusName(summary.status)));
  const more = [summary.number, where, summary.supporters ? `+${summary.supporters}` : ""].filter(Boolean);
  return [
    h("span", { class: "queue-first" }, mark, h("strong", {}, categoryName(summary.category))),
    ...marks(summary),
    dueMark(summary.due_at),
    h("small", { class: "muted" }, more.join(" · ")),
  ];
}

/** @param {QueueHandlers} handlers */
function moreLine(handlers) {
  const button = h("button", { type: "button", class: "button button-block", onclick: handlers.onMore }, _("Show more"));
  return h("li", { "data-key": "more", class: "queue-more" }, button);
}

/**
 * @param {HTMLElement} place
 * @param {string} words
 * @param {string} hint
 */
export function showEmpty(place, words, hint) {
  fill(place, h("div", { class: "empty" }, icon("ui-check"), h("strong", {}, words), h("p", {}, hint)));
}

/** @param {number} number */
export function countWords(number) {
  return ngettext("%(num)s case", "%(num)s cases", number);
}
