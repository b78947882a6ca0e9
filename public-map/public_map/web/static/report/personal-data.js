// Does a description name somebody? A hint before sending, nothing more: it is for officers only, and stays as written.

/** @typedef {"phone" | "email" | "plate" | "name"} PersonalData */

const EMAIL = /[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(\.[\p{L}\p{N}-]+)+/u;
// Nine figures as Poles group them, or an international number.
const PHONE = /(?<![\p{L}\p{N}])(?:(?:\+|00)\d{1,3}[\s-]?)?(?:\d{3}[\s-]?\d{3}[\s-]?\d{3}|\d{2}[\s-]\d{3}[\s-]\d{2}[\s-]\d{2})(?!\d)|\+\d{9,14}/u;
// A Polish plate: two or three letters of the place, then four or five signs of which one is a figure.
const PLATE = /(?<![\p{L}\p{N}])(?!PK[PS]|DK|DW|BMW|KPP|KMP|KWP|NR|WC)[A-Z]{2,3}[ -]?(?=[A-Z]*\d)[0-9A-Z]{4,5}(?![\p{L}\p{N}])/u;
const INTRODUCED = /(?<![\p{L}])(?:pan|pani|pana|panem|panią|nazywa się|nazwisko|niejaki|niejaka|mr|mrs|ms|herr|frau|пан|пані)\s+(?=\p{Lu}\p{Ll})/iu;
const GIVEN_NAMES =
  "adam|adrian|agnieszka|aleksandra|alicja|andrzej|anna|artur|barbara|bartosz|beata|bogdan|damian|daniel|danuta|dariusz|dawid|dominik|dorota|edward|elżbieta|ewa|" +
  "grażyna|grzegorz|halina|henryk|irena|iwona|jacek|jakub|jan|janina|janusz|jerzy|joanna|jolanta|józef|justyna|kamil|karol|karolina|katarzyna|kazimierz|" +
  "krystyna|krzysztof|leszek|łukasz|maciej|magdalena|małgorzata|marcin|marek|maria|mariusz|marta|mateusz|michał|mieczysław|mirosław|monika|natalia|patryk|paulina|" +
  "paweł|piotr|przemysław|rafał|renata|robert|roman|ryszard|sebastian|sławomir|stanisław|stefan|sylwia|szymon|tadeusz|teresa|tomasz|urszula|waldemar|wiesław|wojciech|" +
  "zbigniew|zofia|zdzisław|john|peter|michael|thomas|petr|jana|pavel|іван|олена|олександр|андрій|наталія|сергій|марія";
// A given name in any case of Polish, with another capitalised word after it.
const FULL_NAME = new RegExp(`(?<![\\p{L}])(?:${GIVEN_NAMES.replace(/[ay](?=\||$)/gu, "\\p{Ll}")})\\p{Ll}{0,3}\\s+\\p{Lu}\\p{Ll}{2,}`, "iu");
const CAPITALISED = /^\p{Lu}\p{Ll}+\s+\p{Lu}\p{Ll}+/u;
// Streets and squares are called after people.
const STREET = /(?:ul|ulic\p{Ll}|al|alej\p{Ll}|pl|plac\p{Ll}{0,2}|os|osiedl\p{Ll}{1,2}|rond\p{Ll}{1,2}|szkoł\p{Ll}{1,2}|park\p{Ll}{0,2}|im|imienia|skwer\p{Ll}{0,2}|most\p{Ll}{0,2}|pomnik\p{Ll}{0,2}|św|kości\p{Ll}+|nr)\.?\s+$/iu;

/**
 * What of a person a text seems to name.
 * @param {string} text
 * @returns {PersonalData[]}
 */
export function personalData(text) {
  /** @type {PersonalData[]} */
  const found = [];
  if (EMAIL.test(text)) found.push("email");
  if (PHONE.test(text)) found.push("phone");
  if (PLATE.test(text)) found.push("plate");
  if (namesPerson(text)) found.push("name");
  return found;
}

/** @param {string} text */
function namesPerson(text) {
  const introduced = INTRODUCED.exec(text);
  if (introduced && /^\p{Lu}/u.test(text.slice(introduced.index + introduced[0].length))) return true;
  const everywhere = new RegExp(FULL_NAME, "giu");
  for (const match of text.matchAll(everywhere)) {
    if (CAPITALISED.test(match[0]) && !STREET.test(text.slice(0, match.index))) return true;
  }
  return false;
}
