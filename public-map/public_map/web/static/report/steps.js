// The four steps: one at a time on a phone, with the browser's own way back; all on one page where it is wide.

export const STEPS = ["place", "category", "details", "check"];
const WIDE = window.matchMedia("(min-width: 60rem)");

export class Steps {
  /**
   * @param {HTMLFormElement} form
   * @param {(name: string) => boolean} mayLeave asked before a step is left forwards; says itself what is missing
   * @param {(name: string) => void} onShown
   */
  constructor(form, mayLeave, onShown) {
    this.form = form;
    this.mayLeave = mayLeave;
    this.onShown = onShown;
    form.addEventListener("click", (event) => this.onClick(event));
    window.addEventListener("popstate", () => this.show(location.hash.slice(1), true));
    WIDE.addEventListener("change", () => this.show(this.current, false));
  }

  get current() {
    return this.form.dataset.step ?? "place";
  }

  get wide() {
    return WIDE.matches;
  }

  /** @param {Event} event */
  onClick(event) {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    if (!button) return;
    if (button.dataset.next) this.leave(button.dataset.next);
    if (button.dataset.go) this.go(button.dataset.go);
    if ("back" in button.dataset) history.back();
  }

  /** @param {string} name the step that is left */
  leave(name) {
    const next = STEPS[STEPS.indexOf(name) + 1];
    if (next && this.mayLeave(name)) this.go(next);
  }

  /** @param {string} name */
  go(name) {
    if (name !== this.current && !this.wide) history.pushState(null, "", `#${name}`);
    this.show(name, true);
  }

  /**
   * @param {string} name
   * @param {boolean} focus
   */
  show(name, focus) {
    const step = STEPS.includes(name) ? name : "place";
    this.form.dataset.step = step;
    for (const section of this.form.querySelectorAll(".step")) {
      const here = section instanceof HTMLElement && section.dataset.name === step;
      section.classList.toggle("is-current", here);
    }
    this.onShown(step);
    if (!focus) return;
    document.getElementById(`step-${step}-title`)?.focus({ preventScroll: true });
    const section = document.getElementById(`step-${step}`);
    if (this.wide) section?.scrollIntoView({ block: "start" });
    else window.scrollTo(0, 0);
  }
}
