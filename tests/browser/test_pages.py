"""What stands on every page, and the pages that need nothing but themselves: for everyone, on any screen."""

import pytest
from browser.conftest import Opening
from playwright.sync_api import expect

LANGUAGES = ["pl", "en", "uk", "de", "cs"]


@pytest.mark.parametrize("width", [320, 1440])
def test_every_component_is_for_everyone_light_and_dark(window: Opening, width: int) -> None:
    opened = window(width, dark=width == 320)  # the page itself; components stand there in both
    opened.open("public_map", "/design")
    opened.examine("components")
    assert opened.overflow() == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_accessibility_statement_speaks_every_language(window: Opening, language: str) -> None:
    opened = window(360, language=language)
    opened.open("public_map", "/accessibility")
    expect(opened.page.locator("html")).to_have_attribute("lang", language)
    opened.examine(f"accessibility-{language}")
    assert opened.overflow() == 0


@pytest.mark.parametrize("width", [360, 1440])
def test_topics_are_documented_for_programmers_on_any_screen(window: Opening, width: int) -> None:
    opened = window(width, language="en", dark=width == 360)
    opened.open("public_map", "/docs/topics")
    for example in opened.page.locator("details > summary:has-text('ordinary')").all():
        example.click()
    opened.examine(f"topics-{width}")
    assert opened.overflow() == 0


def test_a_menu_closes_with_escape_and_when_one_goes_on(window: Opening) -> None:
    opened = window(768)
    opened.open("public_map", "/accessibility")
    menu, summary = opened.page.locator(".languages details"), opened.page.locator(".languages summary")
    summary.click()
    opened.examine("languages")
    opened.page.keyboard.press("Tab")
    opened.page.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    expect(summary).to_be_focused()
    summary.click()
    expect(menu).to_have_attribute("open", "")
    opened.page.mouse.click(20, 700)  # beside the text: the menu may lie over a heading
    expect(menu).not_to_have_attribute("open", "")


def test_what_is_not_there_is_said_on_a_page(window: Opening) -> None:
    opened = window(360)
    opened.forgive("404")
    answer = opened.page.goto(opened.url("public_map", "/nowhere"))
    assert answer is not None
    assert answer.status == 404
    opened.examine("not-found")


def test_text_of_four_times_its_size_needs_no_scrolling_sideways(window: Opening) -> None:
    opened = window(320)  # 1,280 pixels at 400 %: WCAG 1.4.10
    opened.open("public_map", "/accessibility")
    assert opened.overflow() == 0
    opened.page.keyboard.press("Tab")
    skip = opened.page.locator(":focus")
    expect(skip).to_have_attribute("href", "#main")
    expect(skip).to_be_in_viewport()
