// What the API refuses, in the page's language. Its own words are English, for programs.

import { _ } from "./design/texts.js";

/** @type {[RegExp, (found: RegExpExecArray) => string][]} */
const KNOWN = [
  [/^lies in the future$/, () => _("This lies in the future.")],
  [/^lies before the beginning$/, () => _("This lies before the beginning.")],
  [/^is longer than (\d+) days after the beginning$/, ([, days]) => _("This is more than %(days)s days after the beginning.", { days })],
  [/^stands in for themselves$/, () => _("Nobody can stand in for themselves.")],
  [/^is not for a deputy to name/, () => _("A deputy can't name deputies.")],
  [/^(.+) has it then already$/, ([, name]) => _("%(name)s has it then already: end that first, or choose another time.", { name })],
  [/^the roster holds (\d+) lines already$/, ([, lines]) => _("The roster holds %(lines)s lines already.", { lines })],
  [/^not one plain e-mail address$/, () => _("This is no e-mail address.")],
  [/^lies before the report was sent$/, () => _("This lies before the report was sent.")],
  [
    /^(\d+) of (\d+) checks are recorded/,
    ([, done, needed]) =>
      _("%(done)s of %(needed)s checks are recorded: record more, or give a reason in words.", { done, needed }),
  ],
  [
    /^no check was inside the days and hours/,
    () => _("No check was inside the days and hours the reporter named: check then, or give a reason in words."),
  ],
  [/^has passed$/, () => _("This has passed.")],
  [/^lies more than (\d+) days ahead$/, ([, days]) => _("This lies more than %(days)s days ahead.", { days })],
  [/^is none of the categories/, () => _("There is no such category now.")],
  [/^the place lies outside Poland$/, () => _("This place lies outside Poland.")],
  [/^nothing is corrected/, () => _("Nothing is corrected: choose another category or another place.")],
  [/^goes with latitude/, () => _("Give both coordinates, or neither.")],
  [/^is no unit, station, beat or area/, () => _("There is no such unit, station or beat now.")],
  [/^may be several: say which, (.+)$/, ([, which]) => _("Several have this code. Say which: %(which)s", { which })],
  [/^already answers for the case$/, () => _("They answer for the case already.")],
  [/^is not another open case$/, () => _("This is no other open case.")],
  [
    /^is less far than this one/,
    () => _("That case is less far than this one: merge that one into this one."),
  ],
  [/^is no agency's code$|^nothing is handed to .+ any more$/, () => _("There is no such agency.")],
  [
    /^is another region's, and an agency has the case/,
    () => _("Another region answers there, and an agency has the case: take it back from the agency first."),
  ],
  [
    /^is another region's, and other cases ended in this one/,
    () => _("Another region answers there, and other cases ended in this one: it stays where they are."),
  ],
  [/^is needed with citizens' words/, () => _("Say what you read the citizens' words for.")],
  [/reason in words/, () => _("Give a reason in words.")],
  [/something in words/, () => _("Write something in words.")],
  [/more than (\d+) characters/, ([, most]) => _("Write at most %(most)s characters.", { most })],
  [/^is no case number/, () => _("This is no case number: something in it is mistyped.")],
];

/**
 * @param {string} detail as the API says it
 * @returns {string}
 */
export function refusal(detail) {
  detail = detail.replace(/^Value error, /, "");
  for (const [pattern, words] of KNOWN) {
    const found = pattern.exec(detail);
    if (found) return words(found);
  }
  return detail;
}

/** Of an account that is a good one, and not for here. */
export function noRole() {
  return _("Your account has no role at this desk. Sign in with another one, or ask your administrator for a role.");
}

/** Where there is nobody to sign in at. */
export function noProvider() {
  return _("The service at which you sign in can't be reached. Look at your connection, and try again in a minute.");
}

/**
 * What was refused without naming a field.
 * @param {number} status of the answer; 0: there was none
 */
export function statusRefusal(status) {
  switch (status) {
    case 0: return _("There is no connection. What you typed is still here: send it again.");
    case 401: return _("You are no longer signed in. Sign in again; then repeat this.");
    case 403: return _("Your role may not do this.");
    case 404: return _("This case is out of your sight now.");
    case 409: return _("The case does not take this any more: it has another status now.");
    case 429: return _("That was too much at once. Wait a minute, then send it again.");
    case 503: return _("The service did not answer in time. Look whether it was done, and if not, send it again.");
    default: return _("This did not work. Try again; if it goes on, tell your administrator.");
  }
}
