"""An officer at the desk, in a browser's window: signs in, waits for the queue, presses keys."""

import json
from datetime import datetime
from time import monotonic

from playwright.sync_api import Locator, Page, expect
from support.browser.window import Window

SLOW = 30_000
"""Milliseconds: how long a machine that does much else may take to show what was done."""

# When each line of the queue came up, by the clock of this machine, which is that of the services, too.
_WATCH = """() => {
  window.seenAt = {};
  const queue = document.getElementById("queue");
  const look = () => {
    for (const { dataset } of queue.querySelectorAll("[data-report]")) window.seenAt[dataset.report] ??= Date.now();
  };
  new MutationObserver(look).observe(queue, { childList: true });
}"""
# As a tab is that its officer signed in at before: once, so that signing out is for good.
_SIGNED_IN = """(([origin, tokens]) => {
  if (location.origin !== origin || sessionStorage.getItem("signed-in-before")) return;
  sessionStorage.setItem("signed-in-before", "yes");
  sessionStorage.setItem("kmzb-desk-tokens", tokens);
})(%s)"""
_GOOD_SECONDS = 300.0
"""The issuer's tokens last three times as long, so that a test that begins with one ends with it."""
_tokens: dict[tuple[str, str, str, str], tuple[str, float]] = {}
"""What the issuer gave an officer, and when."""


def sign_in(page: Page, unit: str, role: str, subject: str) -> None:
    """From the desk to the issuer, and what is to be filled in there."""
    page.locator("#sign-in-button").click()
    page.locator(f'[name="role"][value="{role}"]').check()
    if role in ("coordinator", "beat_officer"):
        page.locator('[name="unit"]').select_option(unit)
    page.locator('[name="subject"]').fill(subject)
    page.get_by_role("button", name="Sign in").click()


class DeskWindow:
    """The desk in a window, once its officer is signed in."""

    def __init__(self, window: Window, unit: str, role: str = "coordinator", subject: str = "officer") -> None:
        self.window, self.page = window, window.page
        officer = (window.url("issuer"), unit, role, subject)
        tokens, given = _tokens.get(officer, ("", 0.0))
        fresh = tokens and monotonic() - given < _GOOD_SECONDS
        if fresh:
            window.context.add_init_script(_SIGNED_IN % json.dumps([window.url("casework", ""), tokens]))
        window.open("casework", "/desk")
        if not fresh:
            sign_in(window.page, unit, role, subject)
        expect(window.page.locator("#who")).to_be_visible(timeout=SLOW)
        expect(window.page.locator("#queue-state")).not_to_be_empty(timeout=SLOW)
        if not fresh:
            _tokens[officer] = window.page.evaluate("() => sessionStorage.getItem('kmzb-desk-tokens')"), monotonic()

    @property
    def case(self) -> Locator:
        """The case that is open."""
        return self.page.locator("#case")

    def line(self, report_id: object) -> Locator:
        """A report's line in the queue."""
        return self.page.locator(f'#queue [data-report="{report_id}"]')

    def watch(self) -> None:
        """Note from now on when each line comes up."""
        self.page.evaluate(_WATCH)

    def seen(self, report_id: object, opened: datetime) -> float:
        """Seconds from when a case was open until its line came up, with nobody touching the desk."""
        expect(self.line(report_id)).to_be_visible(timeout=SLOW)
        at: float = self.page.evaluate("(id) => window.seenAt[id]", str(report_id))
        return at / 1000 - opened.timestamp()

    def open(self, report_id: object) -> None:
        """Open a case by a click, once what was confirmed before is done: the desk goes on to the next by itself."""
        expect(self.page.locator(".action-form[aria-busy]")).to_have_count(0, timeout=SLOW)
        self.line(report_id).locator("a").click()
        expect(self.line(report_id).locator("a")).to_have_attribute("aria-current", "true", timeout=SLOW)
        expect(self.page.locator("#case .actions-bar")).to_be_visible(timeout=SLOW)

    def keys(self, *keys: str) -> int:
        """Press keys one after the other, as a person does; gives how many."""
        for key in keys:
            self.page.keyboard.press(key)
        return len(keys)

    def status(self, name: str) -> None:
        """Wait until the open case has a status."""
        expect(self.page.locator(f"#case .case-head .status-{name}")).to_be_visible(timeout=SLOW)

    def says(self, words: str) -> None:
        """Wait until the desk says what was done."""
        expect(self.page.locator("#messages")).to_contain_text(words, timeout=SLOW)
