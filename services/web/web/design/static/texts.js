// The words of a page's scripts, in the page's language: what the server embedded as JSON, and English where it has none.
// Times are those of Europe/Warsaw. `web/texts/phrases.py` says the same on the server.

/** @typedef {{plurals: Record<string, number>, messages: Record<string, string | string[]>}} Catalogue */
/** @typedef {Record<string, string | number>} Values */

const TIME_ZONE = "Europe/Warsaw";
const CONTEXT_END = "\u0004"; // as in gettext's compiled catalogues

/** The page's language: pl, en, uk, de or cs. */
export const language = document.documentElement.lang || "pl";
const locale = language === "en" ? "en-GB" : language;
/** @type {Catalogue} */
const catalogue = JSON.parse(document.getElementById("texts")?.textContent || '{"plurals": {}, "messages": {}}');
const pluralRules = new Intl.PluralRules(locale);

/**
 * A message with its placeholders, `%(name)s`, filled in; `%%` is a percent sign.
 * @param {string} message English, spelt out where it is called, so that it is found for the catalogue
 * @param {Values} [values]
 * @returns {string}
 */
export function _(message, values = {}) {
  return filled(found(message) ?? message, values);
}

/**
 * A message that English says with one word for two meanings; the context tells translators which.
 * @param {string} context
 * @param {string} message
 * @param {Values} [values]
 * @returns {string}
 */
export function pgettext(context, message, values = {}) {
  return filled(found(context + CONTEXT_END + message) ?? message, values);
}

/**
 * A message in the form that the number asks for; `%(num)s` is the number, as in templates.
 * @param {string} singular
 * @param {string} plural
 * @param {number} number
 * @param {Values} [values]
 * @returns {string}
 */
export function ngettext(singular, plural, number, values = {}) {
  const forms = catalogue.messages[singular];
  const english = number === 1 ? singular : plural;
  const form = Array.isArray(forms) ? forms[catalogue.plurals[pluralRules.select(number)] ?? forms.length - 1] : english;
  return filled(form, { num: number, ...values });
}

/** @param {string} key */
function found(key) {
  const message = catalogue.messages[key];
  return Array.isArray(message) ? message[0] : message;
}

/**
 * @param {string} message
 * @param {Values} values
 */
function filled(message, values) {
  return message.replace(/%(?:%|\((\w+)\)[sd])/g, (placeholder, name) => {
    if (name === undefined) return "%";
    const value = values[name];
    if (value === undefined) return placeholder;
    return typeof value === "number" ? formatNumber(value) : value;
  });
}

/**
 * `1 250` with the language's own marks.
 * @param {number} number
 * @param {Intl.NumberFormatOptions} [options]
 */
export function formatNumber(number, options = {}) {
  return new Intl.NumberFormat(locale, options).format(number);
}

/**
 * A day, `28 listopada 2026`.
 * @param {Date | string | number} instant
 * @param {Intl.DateTimeFormatOptions} [options] other parts of it
 */
export function formatDate(instant, options = { dateStyle: "long" }) {
  return new Intl.DateTimeFormat(locale, { timeZone: TIME_ZONE, ...options }).format(new Date(instant));
}

/**
 * `14:05`.
 * @param {Date | string | number} instant
 */
export function formatTime(instant) {
  return formatDate(instant, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
}

/**
 * `28 listopada 2026, 14:05`.
 * @param {Date | string | number} instant
 */
export function formatInstant(instant) {
  return `${formatDate(instant)}, ${formatTime(instant)}`;
}

/**
 * `do soboty 28 listopada, 14:05`: until when, for what is due within weeks.
 * @param {Date | string | number} instant
 */
export function formatDeadline(instant) {
  const values = { day: formatDate(instant, { day: "numeric", month: "long" }), time: formatTime(instant) };
  const weekday = new Intl.DateTimeFormat("en", { timeZone: TIME_ZONE, weekday: "short" }).format(new Date(instant));
  switch (weekday) {
    case "Mon": return _("by Monday %(day)s, %(time)s", values);
    case "Tue": return _("by Tuesday %(day)s, %(time)s", values);
    case "Wed": return _("by Wednesday %(day)s, %(time)s", values);
    case "Thu": return _("by Thursday %(day)s, %(time)s", values);
    case "Fri": return _("by Friday %(day)s, %(time)s", values);
    case "Sat": return _("by Saturday %(day)s, %(time)s", values);
    default: return _("by Sunday %(day)s, %(time)s", values);
  }
}

/** @type {[Intl.RelativeTimeFormatUnit, number][]} */
const UNITS = [["year", 31536000], ["month", 2592000], ["week", 604800], ["day", 86400], ["hour", 3600], ["minute", 60]];

/**
 * `za 3 godziny`, `2 dni temu`: how far off an instant is, in its largest unit.
 * @param {Date | string | number} instant
 * @param {Date | number} [now]
 */
export function formatRelative(instant, now = Date.now()) {
  const seconds = (new Date(instant).getTime() - new Date(now).getTime()) / 1000;
  const [unit, length] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? ["second", 1];
  return new Intl.RelativeTimeFormat(locale, { numeric: "always" }).format(Math.trunc(seconds / length), unit);
}
