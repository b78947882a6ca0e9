// Menus that open over the page (the choice of a language): Escape closes them, and so does going elsewhere.

const MENUS = ".languages details[open]";

/** @param {Element | null} inside where somebody goes on; a menu that holds it stays open */
function closeOthers(inside) {
  for (const menu of document.querySelectorAll(MENUS)) {
    if (!inside || !menu.contains(inside)) menu.removeAttribute("open");
  }
}

document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector(MENUS);
  if (!menu) return;
  event.stopPropagation(); // of what lies under the menu nothing is to close with it
  if (menu.contains(document.activeElement)) menu.querySelector("summary")?.focus();
  closeOthers(null);
}, true);
document.addEventListener("pointerdown", ({ target }) => target instanceof Element && closeOthers(target));
document.addEventListener("focusin", ({ target }) => target instanceof Element && closeOthers(target));
