"""What the map draws: the country at first sight, each report from close by, and from afar how many there are."""

import re

import pytest
from browser.conftest import Opening
from browser.map.conftest import Place, Public
from playwright.sync_api import expect
from support.browser.map_page import NEW, SLOW, MapPage
from support.wait import eventually

pytestmark = pytest.mark.timeout(400)  # each state on six screens, each looked at

LAND, WATER, LETTERS = (0xFA, 0xF8, 0xF3), (0xC9, 0xDD, 0xE9), (0x1B, 0x23, 0x2C)
LAND_AT_NIGHT, WATER_AT_NIGHT, LETTERS_AT_NIGHT = (0x1A, 0x23, 0x2D), (0x0D, 0x22, 0x33), (0xF1, 0xF4, 0xF7)


def drawn(
    shown: MapPage, land: tuple[int, int, int], water: tuple[int, int, int], letters: tuple[int, int, int]
) -> bool:
    """Land, the sea and names of cities, as much of each as the whole country has."""
    of_land, of_water, of_letters = shown.shares(land, water, letters)
    assert of_land > 0.3, f"land: {of_land:.2%} of the map"
    assert of_water > 0.02, f"water: {of_water:.2%} of the map"
    assert of_letters > 0.0002, f"letters: {of_letters:.3%} of the map"
    return True


def test_the_country_is_drawn_by_day_and_by_night(window: Opening) -> None:
    shown = MapPage(window(1440))
    shown.window.open("public_map")
    eventually(lambda: drawn(shown, LAND, WATER, LETTERS), SLOW)
    shown.page.emulate_media(color_scheme="dark")
    eventually(lambda: drawn(shown, LAND_AT_NIGHT, WATER_AT_NIGHT, LETTERS_AT_NIGHT), SLOW)
    shown.examine("country")
    assert shown.window.context.cookies() == []


def test_a_report_is_a_point_from_zoom_12_on(window: Opening, public: Public, place: Place) -> None:
    report, shown = public.report(place), MapPage(window())
    shown.open(place, 12)
    shown.click_on(NEW)
    expect(shown.page.locator("#chosen")).to_contain_text(report["unit_name"])
    assert shown.parameter("report") == report["report_id"]


def test_from_afar_reports_are_counted_and_a_click_comes_closer(window: Opening, public: Public, place: Place) -> None:
    public.report(place)
    shown = MapPage(window())
    shown.open(place, 9)
    shown.click_on(NEW, within=200)
    expect(shown.page).to_have_url(re.compile(r"zoom=11\.2"))
    expect(shown.page.locator("#chosen")).to_be_hidden()
