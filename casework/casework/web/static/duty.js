// The roster: who is on duty and who will be, who stands in for whom; the coordinator keeps it here.

import { _, formatInstant } from "./design/texts.js";
import { Failed, del, get, post } from "./api.js";
import { roleName } from "./describe.js";
import { byId, fill, h, icon } from "./design/elements.js";
import { clearRefusal, field, said, showRefusal } from "./fields.js";
import { say } from "./messages.js";
import { enter, showFailed, showWho } from "./session.js";
import { localInput } from "./times.js";

/** @typedef {import("./types.js").Roster} Roster */
/** @typedef {import("./types.js").DutyEntry} DutyEntry */
/** @typedef {import("./types.js").Me} Me */

const HOURS = 12;

/** @param {Me} me @param {Roster} roster */
function show(me, roster) {
  showWho(me, roster);
  showNow(roster);
  const entries = roster.entries.map((entry) => entryRow(entry, me, roster));
  const names = [_("From"), _("Until"), _("Who"), _("Messages go to"), ...(roster.keeps ? [_("Change")] : [])];
  const none = h("p", { class: "muted" }, _("Nothing is on the roster. Urgent messages go to the unit's own address."));
  fill(byId("entries"), entries.length ? table(_("What is to come"), names, entries) : none);
  const changes = roster.changes.map(changeLine);
  fill(byId("changes"), changes.length ? h("ol", { class: "timeline" }, ...changes) : h("p", { class: "muted" }, _("Nobody has yet.")));
}

/** @param {Roster} roster */
function showNow({ on_duty: now }) {
  const name = h("p", { class: "duty-name" }, icon(now ? "ui-user" : "ui-warning"), h("strong", {}, now ? now.officer : _("Nobody is on the roster now")));
  const instead = now?.instead_of ? h("p", {}, _("instead of %(name)s", { name: now.instead_of })) : null;
  const until = now ? h("p", {}, _("until %(when)s", { when: formatInstant(now.until) })) : null;
  const where = now?.email ?? _("Urgent messages go to the unit's own address.");
  fill(byId("now"), h("h3", {}, _("On duty now")), name, instead, until, h("p", { class: "muted" }, where));
}

/** @param {string} label @param {string[]} names @param {HTMLElement[]} rows */
function table(label, names, rows) {
  const heads = names.map((name) => h("th", { scope: "col" }, name));
  const made = h("table", { class: "table" }, h("thead", {}, h("tr", {}, ...heads)), h("tbody", {}, ...rows));
  return h("section", { class: "table-scroll", tabindex: 0, "aria-label": label }, made);
}

/** @param {DutyEntry} entry @param {Me} me @param {Roster} roster */
function entryRow(entry, me, roster) {
  const begun = new Date(entry.starts_at).getTime() <= Date.now();
  const instead = entry.principal ? h("small", { class: "muted" }, _("instead of %(name)s", { name: entry.principal })) : null;
  const words = begun ? _("End now") : _("Take out");
  const name = `${words}: ${entry.officer}, ${formatInstant(entry.starts_at)}`;
  const end = h("button", { type: "button", class: "button button-small", "aria-label": name, onclick: () => change(me, () => del(`/v1/duty/${entry.entry_id}`), _("The roster is changed")) }, words);
  return h(
    "tr",
    { class: begun ? "duty-begun" : null },
    h("td", {}, formatInstant(entry.starts_at)),
    h("td", {}, formatInstant(entry.ends_at)),
    h("td", {}, h("strong", {}, entry.officer), " ", instead),
    h("td", {}, entry.email ?? _("the unit's own address")),
    roster.keeps ? h("td", {}, end) : null,
  );
}

/** @param {import("./types.js").DutyChange} change */
function changeLine({ at, officer, role, what, detail }) {
  const done = what === "added" ? _("Put on the roster") : what === "ended" ? _("Ended early") : _("Taken out");
  const whom = detail.principal ? _("%(name)s instead of %(principal)s", { name: detail.officer, principal: detail.principal }) : detail.officer;
  const when = `${formatInstant(detail.starts_at)} – ${formatInstant(detail.ends_at)}`;
  const who = [roleName(role), officer, detail.deputy_of ? _("instead of %(name)s", { name: detail.deputy_of }) : ""].filter(Boolean).join(", ");
  return h("li", {}, icon("ui-clock"), h("strong", {}, `${done}: ${whom}`), h("small", {}, `${formatInstant(at)} · ${who}`), h("p", {}, when));
}

/**
 * @param {Me} me
 * @param {() => Promise<unknown>} ask
 * @param {string} words
 */
async function change(me, ask, words) {
  try {
    show(me, /** @type {Roster} */ (await ask()));
    say(words);
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    say(_("The roster is not changed: it was changed meanwhile, or there is no connection."), { tone: "error" });
    await read(me);
  }
}

/**
 * A form that puts a line on the roster.
 * @param {Me} me
 * @param {"shifts" | "deputies"} kind
 */
function form(me, kind) {
  const deputy = kind === "deputies";
  const now = new Date();
  now.setSeconds(0, 0);
  const times = [now, new Date(now.getTime() + HOURS * 3_600_000)].map((at) => h("input", { type: "datetime-local", value: localInput(at), required: true }));
  const name = (/** @type {string} */ label, /** @type {string} */ what, /** @type {string} */ hint) =>
    prefixed(kind, field(what, label, h("input", { type: "text", required: true, maxlength: 255, autocomplete: "off" }), hint));
  const made = h(
    "form",
    { class: "card", novalidate: true },
    h("h3", {}, deputy ? _("Let somebody stand in") : _("Put somebody on duty")),
    deputy ? name(_("For whom"), "principal", _("As they sign in.")) : null,
    name(deputy ? _("Who stands in") : _("Who"), "officer", deputy ? _("As they sign in. They may do what a coordinator may, and have the duty.") : _("As they sign in.")),
    prefixed(kind, field("email", _("Address for urgent messages (may be left empty)"), h("input", { type: "email", maxlength: 254, autocomplete: "off" }))),
    prefixed(kind, field("starts_at", _("From"), times[0])),
    prefixed(kind, field("ends_at", _("Until"), times[1])),
    h("div", { class: "actions" }, h("button", { type: "submit", class: "button button-primary" }, _("Put on the roster"))),
  );
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    send(me, kind, made);
  });
  return made;
}

/**
 * Two forms with the same fields stand on the page: each field has the id of its own form.
 * @param {string} kind
 * @param {HTMLElement} part
 */
function prefixed(kind, part) {
  for (const name of ["id", "for", "aria-describedby"]) {
    for (const one of part.querySelectorAll(`[${name}]`)) one.setAttribute(name, `${kind}-${one.getAttribute(name)}`);
  }
  return part;
}

/** @param {Me} me @param {"shifts" | "deputies"} kind @param {HTMLFormElement} made */
async function send(me, kind, made) {
  clearRefusal(made);
  const values = said(made);
  for (const name of ["starts_at", "ends_at"]) if (values[name]) values[name] = new Date(values[name]).toISOString();
  try {
    const roster = /** @type {Roster} */ (await post(`/v1/duty/${kind}`, values));
    show(me, roster);
    made.replaceWith(form(me, kind));
    say(_("The roster is changed"));
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    showRefusal(made, error, `${kind}-`);
  }
}

/** @param {Me} me */
async function read(me) {
  try {
    const roster = /** @type {Roster} */ (await get("/v1/duty"));
    showFailed(null);
    show(me, roster);
    return roster;
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    showFailed(error);
    return null;
  }
}

async function start() {
  const me = await enter();
  if (!me) return;
  const roster = await read(me);
  if (!roster?.keeps) return;
  byId("forms").hidden = false;
  fill(byId("forms"), form(me, "shifts"), me.role === "coordinator" && !me.deputy_of ? form(me, "deputies") : null);
}

start();
