"""A citizen reports on the pages, as people do."""

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
