// Copy the link of the page.

import { _ } from "../design/texts.js";

export function copyLink() {
  document.addEventListener("click", async (event) => {
    if (!(event.target instanceof Element) || !event.target.closest("#copy")) return;
    const link = document.getElementById("link");
    const said = document.getElementById("copied");
    if (!(link instanceof HTMLInputElement) || !said) return;
    try {
      await navigator.clipboard.writeText(link.value);
      said.textContent = _("Copied. Keep it somewhere safe.");
    } catch {
      link.select();
      said.textContent = _("Copy the marked link by hand.");
    }
  });
}
