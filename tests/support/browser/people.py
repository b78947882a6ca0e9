"""What people do on the pages, step by step as their hands would: each step says how many interactions it took."""

import re
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect
from support.browser.focus import seen_focus
from support.browser.window import Window

RECEIPT = re.compile(r"/r/(?P<receipt>[\w-]+)")
TABS = 80


@dataclass
class Citizen:
    """Somebody who reports; `interactions` counts clicks, keys that are not text, and fields filled in."""

    window: Window
    interactions: int = 0

    @property
    def page(self) -> Page:
        return self.window.page

    def click(self, target: Locator) -> None:
        self.interactions += 1
        target.click()

    def search(self, words: str, place: str) -> None:
        """Type the name of a place, and take the first of this name."""
        self.interactions += 1
        self.page.locator("#place-search").press_sequentially(words)
        option = self.page.locator("#place-options [role=option]").filter(has=self.page.get_by_text(place, exact=True))
        self.click(option.first)

    def choose_category(self, code: str) -> None:
        self.click(self.page.locator(f"#categories .choice:has(input[value={code}])"))

    def describe(self, words: str) -> None:
        self.interactions += 1
        self.page.locator("#description").fill(words)

    def go_on(self, step: str) -> None:
        """The button that leads on from a step, where they stand one after the other."""
        self.click(self.page.locator(f"[data-next={step}]"))

    def send(self) -> str:
        """Press the button; gives the receipt."""
        self.interactions += 1
        self.page.locator("#send").click()
        return self.receipt()

    def receipt(self) -> str:
        """The receipt whose page comes up."""
        self.page.wait_for_url(RECEIPT)
        # The map may hear of the report a moment after its sender.
        expect(self.page.locator("#live")).not_to_have_attribute("data-status", "unknown")
        found = RECEIPT.search(self.page.url)
        assert found
        return found["receipt"]

    def tab_to(self, selector: str) -> None:
        """Go there by the tabulator alone; at each stop somebody without a mouse sees where they are."""
        for _ in range(TABS):
            self.page.keyboard.press("Tab")
            self.interactions += 1
            seen_focus(self.page)
            if self.page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
                return
        raise AssertionError(f"{TABS} tabs do not lead to {selector}")
