// Alarms: many reports came to one place within minutes. They stay until somebody says that they have it in hand.

import { _, ngettext, formatInstant } from "./design/texts.js";
import { get, post } from "./api.js";
import { ago, roleName } from "./describe.js";
import { h, icon } from "./design/elements.js";

/** @typedef {import("./types.js").Alarm} Alarm */

/** @returns {Promise<Alarm[]>} */
export async function readAlarms() {
  return /** @type {{alarms: Alarm[]}} */ (await get("/v1/alarms")).alarms;
}

/** @param {Alarm} alarm */
export function isOpen(alarm) {
  return alarm.acknowledged_at === null;
}

/**
 * What a list of alarms says, to see whether it has changed.
 * @param {Alarm[]} alarms
 */
export function alarmsKey(alarms) {
  return alarms.map((alarm) => [alarm.surge_id, alarm.reports, alarm.told, alarm.acknowledged_at].join("|")).join();
}

/**
 * One alarm, with the button that says one has it in hand.
 * @param {Alarm} alarm
 * @param {(alarms: Alarm[]) => void} onAnswer what there is after acknowledging
 */
export function alarmCard(alarm, onAnswer) {
  const count = ngettext("%(num)s report at one place", "%(num)s reports at one place", alarm.reports);
  const first = alarm.cases[0];
  const see = first ? h("a", { class: "button", href: `/desk?view=all&open=${first.report_id}` }, _("See the first report")) : null;
  return h(
    "article",
    { class: isOpen(alarm) ? "alarm alarm-open" : "alarm", "data-surge": alarm.surge_id },
    icon(isOpen(alarm) ? "ui-bell" : "ui-check"),
    h("strong", {}, count),
    h("p", {}, [alarm.unit_name, whenWords(alarm)].filter(Boolean).join(" · ")),
    h("p", { class: "muted" }, toldWords(alarm)),
    isOpen(alarm) ? h("div", { class: "row" }, takeButton(alarm, onAnswer), see) : null,
  );
}

/**
 * @param {Alarm} alarm
 * @param {(alarms: Alarm[]) => void} onAnswer
 */
function takeButton(alarm, onAnswer) {
  /** @param {Event} event */
  const take = async ({ currentTarget }) => {
    const button = /** @type {HTMLButtonElement} */ (currentTarget);
    button.setAttribute("aria-busy", "true");
    try {
      const answer = /** @type {{alarms: Alarm[]}} */ (await post(`/v1/alarms/${alarm.surge_id}/acknowledge`));
      onAnswer(answer.alarms);
    } catch {
      button.removeAttribute("aria-busy");
      button.after(h("span", { class: "error", role: "alert" }, icon("ui-warning"), _("This was not taken: try again.")));
    }
  };
  return h("button", { type: "button", class: "button button-primary alarm-take", onclick: take }, icon("ui-check"), _("I have it in hand"));
}

/** @param {Alarm} alarm */
function whenWords(alarm) {
  return _("raised %(time)s", { time: ago(alarm.raised_at, Date.now()) });
}

/** @param {Alarm} alarm */
function toldWords(alarm) {
  if (alarm.acknowledged_at) {
    const who = `${alarm.acknowledged_by} (${roleName(alarm.acknowledged_role ?? "")})`;
    return _("In hand: %(who)s, %(when)s", { who, when: formatInstant(alarm.acknowledged_at) });
  }
  if (alarm.told === "headquarters") return _("Nobody has it in hand. Headquarters have been called.");
  const next = alarm.escalate_at ? formatInstant(alarm.escalate_at) : "";
  if (alarm.told === "garrison") return _("The garrison has been called. To headquarters at %(when)s.", { when: next });
  return _("The unit has been called. To the garrison at %(when)s.", { when: next });
}
