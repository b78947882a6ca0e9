// The form of an action: as little as it takes, so that a letter and Enter are enough where nothing has to be said.

import { _, ngettext } from "./design/texts.js";
import { apart, executorName, findingName } from "./describe.js";
import { h } from "./design/elements.js";
import { choiceField, field, noteField, said, selectField, textField } from "./fields.js";
import { categoryName, page, statusName } from "./page.js";
import { localInput } from "./times.js";

/** @typedef {import("./types.js").Detail} Detail */
/** @typedef {import("./actions.js").Action} Action */

/**
 * @typedef {object} FormContext
 * @property {Detail} detail the case; of several, the one that is open
 * @property {number} several how many are acted on
 * @property {import("./types.js").Named[]} agencies
 * @property {() => Promise<import("./types.js").Similar[]>} similar those near and of its kind, as soon as they are read
 * @property {(words: string) => Promise<import("./types.js").Named[]>} findDistricts
 */

/** @typedef {{change: string, body: Record<string, unknown>}} Step */

const EXECUTORS = ["beat_officer", "patrol", "traffic", "criminal", "juvenile", "water"];
const DIGITS = "123456789";

/**
 * The fields of an action.
 * @param {Action} action
 * @param {FormContext} context
 * @returns {(Node | null)[]}
 */
export function fieldsOf(action, context) {
  switch (action.change) {
    case "checks": return checkFields();
    case "unconfirm": return [reasonField()];
    case "refer": return [...agencyFields(context), noteField()];
    case "ask": return [reporterField(_("Question"))];
    case "uphold": return [reporterField(_("Why the decision stands"))];
    case "task": return taskFields(context);
    case "correct": return correctFields(context);
    case "transfer": return transferFields(context);
    case "merge": return mergeFields(context);
    default: return [noteField()];
  }
}

function checkFields() {
  const findings = [
    { value: "found", label: findingName("found"), key: "z" },
    { value: "not_found", label: findingName("not_found"), key: "n" },
  ];
  const when = h("input", { type: "datetime-local", value: localInput(new Date()), required: true });
  return [
    choiceField("finding", _("What was found?"), findings, null),
    field("checked_at", _("When"), when),
    noteField(),
  ];
}

/** Ready to be written in: Enter confirms from here, too, where nothing has to be said. */
function reasonField() {
  const made = textField("reason", _("Reason, where the checks do not say it"));
  made.querySelector("textarea")?.setAttribute("data-first", "");
  return made;
}

/** @param {FormContext} context */
function agencyFields({ agencies, detail, several }) {
  const proposed = several ? [] : detail.proposed_agencies;
  const likely = several ? null : detail.likely_agency;
  const others = agencies.filter(({ code }) => !proposed.some((known) => known.code === code));
  const few = agencies.length <= DIGITS.length;
  const choices = [...proposed, ...(few ? others : [])].map(({ code, name }, index) => ({
    value: code,
    label: name,
    key: DIGITS[index],
    hint: several ? undefined : agencyHint(code, detail),
  }));
  const field = choices.length ? choiceField("agency", _("Which agency?"), choices, likely) : null;
  const fields = few ? [field] : [field, ...otherAgencyField(others, !choices.length)];
  return several || likely ? fields : [unknownAgency(detail), ...fields];
}

/** @param {Detail} detail whom the agency that was asked last named in its place */
function namedInstead({ referrals }) {
  return referrals[referrals.length - 1]?.responsible_agency;
}

/** @param {string} code @param {Detail} detail */
function agencyHint(code, detail) {
  if (detail.referrals.some(({ agency, outcome }) => agency === code && outcome === "declined")) return _("has declined");
  if (code !== detail.likely_agency) return undefined;
  return namedInstead(detail) ? _("named by the one that declined") : _("usual for this category");
}

/** @param {Detail} detail */
function unknownAgency(detail) {
  const agency = namedInstead(detail);
  return agency ? h("p", { class: "hint" }, _("Who declined names: %(agency)s. Choose whom that means.", { agency })) : null;
}

/** @param {import("./types.js").Named[]} others @param {boolean} alone */
function otherAgencyField(others, alone) {
  const known = h("datalist", { id: "agencies" }, ...others.map(({ code, name }) => h("option", { value: code }, name)));
  const input = h("input", { type: "text", list: "agencies", required: alone, maxlength: 40, autocomplete: "off" });
  const label = alone ? _("Which agency?") : _("or another agency");
  return [field("other_agency", label, input, _("Its code; begin with its code or name.")), known];
}

/** @param {string} label */
function reporterField(label) {
  const hint = _("The one who reported reads it on the page of their receipt, up to 500 characters. Please name nobody.");
  return field("text", label, h("textarea", { rows: 3, maxlength: 500, required: true }), hint);
}

/** @param {FormContext} context */
function taskFields({ detail }) {
  const usual = page.categories[detail.category]?.executor ?? "beat_officer";
  const tomorrow = new Date(Date.now() + 24 * 3_600_000);
  const executors = EXECUTORS.map((value) => ({ value, label: executorName(value) }));
  return [
    selectField("executor", _("Who goes"), executors, usual),
    field("due_at", _("Until when"), h("input", { type: "datetime-local", value: localInput(tomorrow), required: true })),
    noteField(),
  ];
}

/** @param {FormContext} context */
function correctFields({ detail }) {
  const categories = Object.keys(page.categories).map((value) => ({ value, label: categoryName(value) }));
  const degrees = { type: "text", inputmode: "decimal", pattern: "-?[0-9]{1,3}([.,][0-9]+)?", autocomplete: "off" };
  return [
    selectField("category", _("Category"), categories, detail.category),
    field("latitude", _("Latitude, degrees north"), h("input", { ...degrees, value: String(detail.latitude) })),
    field("longitude", _("Longitude, degrees east"), h("input", { ...degrees, value: String(detail.longitude) })),
    noteField(),
  ];
}

/** @param {FormContext} context */
function transferFields({ findDistricts }) {
  const known = h("datalist", { id: "districts" });
  const input = h("input", { type: "text", list: "districts", required: true, maxlength: 129, autocomplete: "off" });
  input.addEventListener("input", async () => {
    const words = input.value.trim();
    if (words.length < 2) return;
    const found = await findDistricts(words);
    known.replaceChildren(...found.map(({ code, name }) => h("option", { value: code }, name)));
  });
  const hint = _("The code of a unit, station or beat; begin with its code or name. KGP is headquarters.");
  return [field("to", _("To whom"), input, hint), known, textField("reason", _("Reason"))];
}

/**
 * The form is there at once, for hands that are quick, and offers what is like the case when that is read.
 * @param {FormContext} context
 */
function mergeFields({ similar }) {
  const input = h("input", { type: "text", maxlength: 64, pattern: "[A-Za-z0-9\\-]+", autocomplete: "off" });
  const number = field("into", _("Number of the case that goes on"), input);
  const offered = h("div", { class: "offered" });
  similar().then((cases) => offer(offered, number, cases));
  return [offered, number, textField("reason", _("Reason (may be left empty)"))];
}

/** @param {HTMLElement} offered @param {HTMLElement} number @param {import("./types.js").Similar[]} similar */
function offer(offered, number, similar) {
  if (!similar.length) return;
  const choices = similar.slice(0, DIGITS.length).map((other, index) => ({
    value: other.number,
    label: other.number,
    key: DIGITS[index],
    hint: `${statusName(other.status)} · ${apart(other)}`,
  }));
  offered.append(choiceField("near", _("The same as"), choices, null));
  const label = number.querySelector("label");
  if (label) label.textContent = _("or the case with this number");
}

/**
 * What the form asks of the API; of a check, also the decision that was asked for with it.
 * @param {Action} action
 * @param {HTMLFormElement} form
 * @param {string | null} then the change to make right afterwards
 * @param {Detail} detail
 * @returns {Step[]}
 */
export function steps(action, form, then, detail) {
  /** @type {Record<string, unknown>} */
  const body = said(form);
  for (const name of ["checked_at", "due_at"]) if (body[name]) body[name] = instant(String(body[name]));
  if (action.change === "merge") {
    body.into ??= body.near;
    delete body.near;
  }
  if (body.other_agency) {
    body.agency = body.other_agency;
    delete body.other_agency;
  }
  if (action.change === "correct") correct(body, detail);
  const first = { change: action.change, body };
  return then ? [first, { change: then, body: {} }] : [first];
}

/** @param {Record<string, unknown>} body @param {Detail} detail */
function correct(body, detail) {
  for (const name of /** @type {const} */ (["latitude", "longitude"])) {
    body[name] = Number(String(body[name] ?? detail[name]).replace(",", "."));
  }
  if (body.latitude === detail.latitude && body.longitude === detail.longitude) {
    delete body.latitude;
    delete body.longitude;
  }
  if (body.category === detail.category) delete body.category;
}

/** @param {string} local what a `datetime-local` says; this minute is now, so that it never lies in the future */
function instant(local) {
  const at = new Date(local);
  return new Date(local === localInput(new Date()) ? Date.now() : at.getTime()).toISOString();
}

/**
 * The words on the button that confirms.
 * @param {Action} action
 * @param {number} several
 */
export function submitWords(action, several) {
  if (several < 2) return action.change === "checks" ? _("Record") : action.label();
  const of = ngettext("%(num)s case", "%(num)s cases", several);
  return _("%(action)s: %(cases)s", { action: action.label(), cases: of });
}
