// The same change to all that are selected, each from the version the list shows; what was refused stays selected.

import { _, ngettext } from "./design/texts.js";
import { change, Failed } from "./api.js";
import { say } from "./messages.js";

/**
 * @param {import("./model.js").Desk} desk
 * @param {import("./actions.js").Action} action
 * @param {Record<string, unknown>} body
 * @param {() => void} leave
 */
export async function actInBulk(desk, action, body, leave) {
  const wanted = desk.cases.filter((summary) => desk.selected.has(summary.report_id));
  let done = 0;
  for (const summary of wanted) {
    try {
      await change(summary.report_id, summary.version, action.change, body);
      desk.selected.delete(summary.report_id);
      desk.known.delete(summary.report_id);
      done += 1;
    } catch (error) {
      if (!(error instanceof Failed)) throw error;
      if (error.status === 0 || error.status === 401) break; // the others would fail as well
    }
  }
  leave();
  const left = wanted.length - done;
  const words = ngettext("%(num)s case: %(what)s", "%(num)s cases: %(what)s", done, { what: action.done() });
  const refused = _("%(num)s did not take it and are still selected", { num: left });
  say(left ? `${words}. ${refused}.` : words, left ? { tone: "error" } : {});
  await desk.refresh();
  if (!desk.cases.some((summary) => summary.report_id === desk.filters.open)) await desk.open(desk.neighbour(0) ?? "");
  else await desk.read(desk.filters.open);
  await desk.readWorkload();
}
