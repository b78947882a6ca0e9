// The description while it is written: how much room is left, and a hint where it names a person.

import { _, ngettext } from "../design/texts.js";
import { countCharacters } from "./characters.js";
import { byId } from "../design/elements.js";
import { TEXT_MAX } from "./errors.js";
import { personalData } from "./personal-data.js";

const NEARLY = 50;

/** @param {HTMLTextAreaElement} field */
export function watchDescription(field) {
  const count = byId("description-count");
  const hint = byId("personal-data");
  const words = byId("personal-words");
  const show = () => {
    const left = TEXT_MAX - countCharacters(field.value);
    count.textContent =
      left >= 0
        ? ngettext("%(num)s character left", "%(num)s characters left", left)
        : ngettext("%(num)s character too many", "%(num)s characters too many", -left);
    count.classList.toggle("is-over", left < 0);
    count.classList.toggle("is-near", left >= 0 && left < NEARLY);
    const named = personalData(field.value).map(inWords);
    hint.hidden = named.length === 0;
    words.textContent = named.length
      ? _("This seems to name a person: %(what)s. You can leave it: only officers read it. But they don't need it.", {
          what: named.join(", "),
        })
      : "";
  };
  field.addEventListener("input", show);
  show();
}

/** @param {import("./personal-data.js").PersonalData} kind */
function inWords(kind) {
  switch (kind) {
    case "email": return _("an e-mail address");
    case "phone": return _("a phone number");
    case "plate": return _("a number plate");
    default: return _("a name");
  }
}
