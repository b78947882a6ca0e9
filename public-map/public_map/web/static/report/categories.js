// The list of categories, searched without regard to case and diacritics.

import { _, ngettext } from "../design/texts.js";
import { words } from "./emergency-words.js";
import { byId } from "../design/elements.js";

/** @param {(code: string) => void} onChosen */
export function searchCategories(onChosen) {
  const search = byId("category-search", HTMLInputElement);
  const notice = byId("category-notice");
  const list = byId("categories", HTMLFieldSetElement);
  const entries = [...list.querySelectorAll(".category")].map((entry) => ({
    entry: /** @type {HTMLElement} */ (entry),
    said: words(entry instanceof HTMLElement ? `${entry.dataset.search}` : ""),
  }));

  search.addEventListener("input", () => {
    const typed = words(search.value);
    let shown = 0;
    for (const { entry, said } of entries) {
      const found = typed.every((part) => said.some((word) => word.includes(part)));
      const chosen = entry.querySelector("input")?.checked ?? false;
      entry.hidden = !found && !chosen;
      shown += Number(found);
    }
    notice.textContent = found(typed.length, shown);
  });
  search.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    const first = entries.find(({ entry }) => !entry.hidden)?.entry.querySelector("input");
    if (!first || !search.value.trim()) return;
    first.checked = true;
    first.focus();
    onChosen(first.value);
  });
  list.addEventListener("change", (event) => {
    if (event.target instanceof HTMLInputElement) onChosen(event.target.value);
  });
}

/**
 * @param {number} typed how many words
 * @param {number} shown how many categories
 */
function found(typed, shown) {
  if (typed === 0) return "";
  return shown === 0
    ? _("No category fits. Try another word, or look through the list.")
    : ngettext("%(num)s category", "%(num)s categories", shown);
}
