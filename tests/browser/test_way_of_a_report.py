"""A citizen reports on the pages, as people do: on a phone, by keyboard alone, in a hurry."""

from time import monotonic

import pytest
from browser.conftest import Opening
from playwright.sync_api import expect
from support.browser.people import Citizen

OPOLE = "Opole"
STANDING = {"pl": "Komenda Miejska Policji w Opolu", "uk": "Komenda Miejska Policji w Opolu"}


@pytest.mark.parametrize("language", ["pl", "uk"])
def test_a_citizen_reports_by_the_name_of_a_place_on_a_phone(window: Opening, language: str) -> None:
    citizen = Citizen(window(360, language=language))
    page = citizen.page
    citizen.window.open("public_map", "/report")
    expect(page.locator("html")).to_have_attribute("lang", language)
    citizen.window.examine("1-where")
    citizen.search("opole", OPOLE)
    expect(page.locator("#place-unit")).to_contain_text(STANDING[language])
    citizen.window.examine("2-this-place")
    citizen.go_on("place")
    citizen.window.examine("3-what")
    citizen.choose_category("parking")
    citizen.go_on("category")
    citizen.describe("Auta stoją na trawniku, codziennie wieczorem.")
    citizen.window.examine("4-details")
    citizen.go_on("details")
    expect(page.locator("#promises")).not_to_be_empty()
    expect(page.locator("#summary-place")).to_contain_text(OPOLE)
    citizen.window.examine("5-check")
    citizen.send()
    expect(page.locator("#live")).to_have_attribute("data-status", "new")
    citizen.window.examine("6-receipt")
    assert citizen.window.overflow() == 0


def test_a_citizen_reports_by_keyboard_alone(window: Opening) -> None:
    citizen = Citizen(window(1440))
    page, keys = citizen.page, citizen.page.keyboard
    citizen.window.open("public_map", "/report")
    citizen.tab_to("#place-search")
    keys.type("opole")
    expect(page.locator("#place-options [role=option]").first).to_contain_text(OPOLE)
    keys.press("ArrowDown")
    keys.press("Enter")
    expect(page.locator("#place-unit")).to_contain_text(STANDING["pl"])
    citizen.tab_to("#category-search")
    keys.type("predkosc")
    keys.press("Enter")
    expect(page.locator("input[value=speeding]")).to_be_checked()
    citizen.window.examine("wide")
    citizen.tab_to("#send")
    citizen.window.examine("wide-send")
    keys.press("Enter")
    citizen.receipt()
    expect(page.locator("#live")).to_have_attribute("data-status", "new")


def test_a_report_takes_twenty_seconds_and_twelve_interactions(window: Opening) -> None:
    citizen = Citizen(window(360))
    citizen.window.open("public_map", "/report")
    began = monotonic()
    citizen.search("opole", OPOLE)
    citizen.go_on("place")
    citizen.choose_category("speeding")
    citizen.go_on("category")
    citizen.describe("Auta pędzą tędy wieczorami.")
    citizen.go_on("details")
    citizen.send()
    taken = monotonic() - began
    print(f"a report in {taken:.1f} s and {citizen.interactions} interactions")
    assert citizen.interactions <= 12
    assert taken <= 20
