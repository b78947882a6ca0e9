// Somebody else changed the case meanwhile: what was seen and what is now stand side by side; what was typed stays.

import { _, formatInstant } from "./design/texts.js";
import { happened, placeWords, roleName, timeNow } from "./describe.js";
import { h, icon } from "./design/elements.js";
import { categoryName, statusName } from "./page.js";

/** @typedef {import("./types.js").Detail} Detail */

/**
 * @param {Detail} seen
 * @param {Detail} now
 * @param {boolean} still whether the change is still allowed
 * @param {{onAgain: () => void, onLeave: () => void}} handlers
 */
export function conflict(seen, now, still, { onAgain, onLeave }) {
  const by = now.history.filter((entry) => (entry.version ?? 0) > seen.version);
  const what = by.map((entry) => {
    const who = [roleName(entry.role), entry.officer].filter(Boolean).join(", ");
    return h("li", {}, `${happened(entry.what)} · ${who} · ${formatInstant(entry.at)}`);
  });
  const again = still
    ? h("button", { type: "button", class: "button button-primary", onclick: onAgain }, _("Do it all the same"))
    : h("p", {}, _("What you wanted is not possible any more."));
  return h(
    "section",
    { class: "card conflict", role: "alertdialog", "aria-labelledby": "conflict-title", tabindex: -1 },
    h("h3", { id: "conflict-title" }, icon("ui-warning"), _("Somebody changed this case meanwhile")),
    what.length ? h("ul", {}, ...what) : null,
    versions(seen, now),
    h("p", {}, _("What you typed is still below.")),
    h("div", { class: "row" }, again, h("button", { type: "button", class: "button", onclick: onLeave }, _("Leave it as it is now"))),
  );
}

/** @param {Detail} seen @param {Detail} now */
function versions(seen, now) {
  const rows = shown(seen).map(([name, before], index) => {
    const after = shown(now)[index][1];
    const differs = before !== after;
    return h(
      "tr",
      { class: differs ? "differs" : null },
      h("th", { scope: "row" }, name),
      h("td", {}, before),
      h("td", {}, differs ? h("strong", {}, after) : after),
    );
  });
  const names = ["", _("As you saw it"), _("As it is now")].map((name) => (name ? h("th", { scope: "col" }, name) : h("td")));
  const table = h("table", { class: "table" }, h("thead", {}, h("tr", {}, ...names)), h("tbody", {}, ...rows));
  return h("section", { class: "table-scroll", tabindex: 0, "aria-label": _("Both versions") }, table);
}

/**
 * @param {Detail} detail
 * @returns {[string, string][]}
 */
function shown(detail) {
  return [
    [_("Status"), statusName(detail.status)],
    [_("Category"), categoryName(detail.category)],
    [_("Answers"), placeWords(detail)],
    [_("Checks"), String(detail.checks.length)],
    [_("Others"), String(detail.supporters)],
    [_("Due"), timeNow(detail.due_at)],
    [_("Version"), String(detail.version)],
  ];
}
