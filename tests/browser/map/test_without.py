"""The map page for those who have no mouse, no WebGL, a slow connection or none any more."""

from collections.abc import Callable

import pytest
from browser.conftest import Opening
from browser.map.conftest import Place, Public
from browser.map.test_drawing import LAND, LETTERS, WATER, drawn
from playwright.sync_api import Locator, Route, expect
from support.browser.map_page import NEW, SLOW, MapPage
from support.browser.people import Citizen
from support.wait import eventually

pytestmark = pytest.mark.timeout(400)  # each state on six screens, each looked at

BIG = "**/vendor/maplibre-gl.mjs"
SEJNY = (23.347, 54.108)


def search(shown: MapPage, words: str) -> None:
    """Type a name, and take the first place there is."""
    shown.page.locator("#place-search").press_sequentially(words)
    expect(shown.page.locator("#place-options [role=option]").first).to_contain_text(words)
    shown.page.keyboard.press("ArrowDown")
    shown.page.keyboard.press("Enter")


def test_without_webgl_the_list_tells_all_of_it(window: Opening, public: Public) -> None:
    report = public.report(SEJNY)
    shown = MapPage(window(webgl=False))
    shown.window.forgive("WebGL|webgl")
    shown.window.open("public_map")
    expect(shown.page.locator("#map-notice")).to_contain_text("nie narysuje mapy")
    expect(shown.canvas).to_have_count(0)
    shown.settled()
    shown.examine("no-webgl")
    search(shown, "Sejny")
    expect(shown.item(report["report_id"])).to_be_visible()
    shown.item(report["report_id"]).click()
    shown.page.get_by_role("button", name="Potwierdzam").click()
    expect(shown.page.locator("#chosen")).to_contain_text("Dziękujemy")
    shown.window.open("public_map", f"/u/{report['unit']}")
    expect(shown.page.locator("#map-notice")).to_be_visible()
    expect(shown.page.locator("#latest li")).not_to_have_count(0)
    shown.examine("no-webgl-unit", dark_at=[360])


def test_by_keyboard_alone(window: Opening, public: Public) -> None:
    report = public.report(SEJNY, "speeding")
    citizen = Citizen(window())
    shown, keys = MapPage(citizen.window), citizen.page.keyboard
    shown.window.open("public_map")
    citizen.tab_to("#place-search")
    search(shown, "Sejny")
    expect(shown.item(report["report_id"])).to_be_visible()
    citizen.tab_to(".maplibregl-canvas")
    zoom = float(shown.parameter("zoom") or 0)
    keys.press("+")
    eventually(lambda: float(shown.parameter("zoom") or 0) > zoom, what="a closer look")
    latitude = float(shown.parameter("latitude") or 0)
    keys.press("ArrowUp")
    eventually(lambda: float(shown.parameter("latitude") or 0) > latitude, what="a look further north")
    citizen.tab_to("#statuses input")
    keys.press("Space")
    eventually(lambda: shown.parameter("status") == "new", what="a filter")
    shown.window.examine("keyboard")
    citizen.tab_to(f"[data-report='{report['report_id']}']")
    keys.press("Enter")
    expect(shown.page.locator("#chosen")).to_be_focused()
    citizen.tab_to("#chosen [data-part=act]")
    keys.press("Enter")
    expect(shown.page.locator("#chosen")).to_contain_text("Dziękujemy")
    keys.press("Escape")
    expect(shown.item(report["report_id"])).to_be_focused()


def test_list_and_search_do_not_wait_for_the_map(window: Opening, public: Public, place: Place) -> None:
    here, there = public.report(place), public.report(SEJNY)
    held: list[Route] = []
    shown = MapPage(window())
    shown.page.route(BIG, lambda route: held.append(route))
    # Playwright waits for the whole page otherwise, and the map never comes.
    shown.window.open("public_map", f"/?longitude={place[0]}&latitude={place[1]}&zoom=15", wait_until="commit")
    expect(shown.item(here["report_id"])).to_be_visible()
    search(shown, "Sejny")
    expect(shown.item(there["report_id"])).to_be_visible()
    eventually(lambda: held, what="the map's module asked for")
    shown.window.examine("before-the-map")
    held[0].continue_()
    expect(shown.canvas).to_be_visible()
    shown.settled()
    expect(shown.item(there["report_id"])).to_be_visible()
    assert abs(float(shown.parameter("longitude") or 0) - SEJNY[0]) < 0.05


def test_a_map_that_cannot_be_had_leaves_the_list(window: Opening, public: Public, place: Place) -> None:
    report = public.report(place)
    shown = MapPage(window(360))
    shown.window.forgive("ERR_FAILED|Failed to fetch")
    shown.page.route(BIG, lambda route: route.abort())
    shown.open(place, 15)
    expect(shown.page.locator("#map-notice")).to_contain_text("Nie udało się wczytać mapy")
    expect(shown.item(report["report_id"])).to_be_visible()


def test_without_a_connection_it_says_so_and_tries_again(window: Opening, public: Public, place: Place) -> None:
    report = public.report(place)
    shown = MapPage(window())
    shown.window.forgive("ERR_INTERNET_DISCONNECTED|[Ff]ailed to|net::|vendor/maplibre-gl")  # its own tiles
    shown.open(place, 15)
    shown.window.context.set_offline(True)
    notice = shown.page.locator("#listing-notice")
    expect(notice).to_contain_text("Brak połączenia")
    expect(shown.item(report["report_id"])).to_be_visible()
    shown.examine("offline", dark_at=[360])
    notice.get_by_role("button").click()
    expect(notice).to_contain_text("Brak połączenia")  # still none
    shown.window.context.set_offline(False)
    expect(notice).to_be_empty()  # by itself


def keep_away(shown: MapPage, pattern: str) -> Callable[[], None]:
    """Nothing of these addresses comes, until what is given back is called."""

    def abort(route: Route) -> None:
        route.abort()

    shown.window.forgive("ERR_FAILED|Failed to fetch")
    shown.window.context.route(pattern, abort)
    return lambda: shown.window.context.unroute(pattern, abort)


def trouble(shown: MapPage, words: str) -> Locator:
    """What the map says of it."""
    said = shown.page.locator(".map-trouble")
    expect(said).to_be_visible(timeout=SLOW * 1000)
    expect(said).to_contain_text(words)
    expect(shown.page.locator("body")).not_to_contain_text("Failed to fetch")
    assert shown.window.overflow() == 0
    return said


def test_a_ground_that_cannot_be_had_is_had_when_one_tries_again(window: Opening) -> None:
    shown = MapPage(window(360, language="de"))
    let_in = keep_away(shown, "**/poland.pmtiles")
    shown.window.open("public_map")
    said = trouble(shown, "Ein Teil der Karte konnte nicht geladen werden")
    shown.window.examine("no-ground")
    let_in()
    said.get_by_role("button", name="Noch einmal versuchen").click()
    eventually(lambda: drawn(shown, LAND, WATER, LETTERS), SLOW)
    expect(said).to_be_hidden(timeout=SLOW * 1000)


@pytest.mark.parametrize("pattern", ["**/v1/tiles/**", "**/icons.svg"])
def test_reports_that_cannot_be_drawn_are_drawn_later_by_themselves(
    window: Opening, public: Public, place: Place, pattern: str
) -> None:
    public.report(place)
    shown = MapPage(window(1440, language="cs"))
    let_in = keep_away(shown, pattern)
    shown.open(place, 14)
    said = trouble(shown, "Část mapy se nepodařilo načíst")
    assert shown.nearest(NEW) is None
    shown.window.screenshot("no-reports")
    let_in()
    expect(said).to_be_hidden(timeout=SLOW * 1000)
    eventually(lambda: shown.nearest(NEW), SLOW, what="the report's mark")
