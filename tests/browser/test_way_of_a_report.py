"""A citizen reports, an officer works the case, and everybody sees it happen in the window they have open anyway."""

import re
from collections.abc import Callable
from datetime import datetime
from time import monotonic
from uuid import UUID

import pytest
from browser.conftest import Opening
from journeys.journey import Journey
from playwright.sync_api import Page, expect
from support.browser.desk import SLOW, DeskWindow
from support.browser.people import Citizen
from support.wait import eventually

UNIT, STRANGER, GARRISON = "KMP-1661", "KPP-1601", "OPO"
OPOLE, STANDING = "Opole", "Komenda Miejska Policji w Opolu"
WORDS = "Stoją na trawniku, codziennie wieczorem."
NOTE = "trzy auta, bez kartek"
LIVE_SECONDS = 2.0
_DRAFT = "JSON.stringify(localStorage)"
Way = Callable[[Opening, str], Citizen]


def by_map(window: Opening, language: str) -> Citizen:
    """Look for the town on the map, go from there to the form, and tap the very place."""
    citizen = Citizen(window(768, language=language, has_touch=True))
    page = citizen.page
    citizen.window.open("public_map")
    citizen.search("opole", OPOLE)
    expect(page.locator("#report-here")).to_have_attribute("href", re.compile(r"zoom=1[3-9]"))
    citizen.click(page.locator("#report-here"))
    expect(page.locator("#place-unit")).to_contain_text(STANDING)
    canvas = page.locator("#report-map .maplibregl-canvas")
    expect(page.locator("#report-map .map-pin")).to_be_visible()
    box = canvas.bounding_box()
    assert box
    citizen.interactions += 1
    before = page.evaluate(_DRAFT)
    page.touchscreen.tap(box["x"] + box["width"] * 0.75, box["y"] + box["height"] * 0.3)
    # By where it is, not by what it is called: the place that was tapped may lie in the same town.
    eventually(lambda: page.evaluate(_DRAFT) != before, what="another place")
    expect(page.locator("#place-unit")).to_contain_text(STANDING)
    citizen.window.examine("map-1-tapped")
    citizen.go_on("place")
    citizen.choose_category("road-infrastructure")
    citizen.go_on("category")
    citizen.go_on("details")
    citizen.window.examine("map-2-check")
    return citizen


def by_keyboard(window: Opening, language: str) -> Citizen:
    """With no mouse: by the tabulator from the top of the page to the button, each stop seen."""
    citizen = Citizen(window(1440, language=language))
    page, keys = citizen.page, citizen.page.keyboard
    citizen.window.open("public_map", "/report")
    citizen.tab_to("#place-search")
    keys.type("opole")
    expect(page.locator("#place-options [role=option]").first).to_contain_text(OPOLE)
    keys.press("ArrowDown")
    keys.press("Enter")
    expect(page.locator("#place-unit")).to_contain_text(STANDING)
    citizen.tab_to("#category-search")
    keys.type({"pl": "predkosc", "uk": "швидк"}[language])
    keys.press("Enter")
    expect(page.locator("input[value=speeding]")).to_be_checked()
    citizen.window.examine("keyboard-1-category")
    citizen.tab_to("#send")
    citizen.window.examine("keyboard-2-send")
    keys.press("Enter")
    return citizen


def by_name(window: Opening, language: str) -> Citizen:
    """By the name of the town, step by step on a small phone."""
    citizen = Citizen(window(360, language=language))
    page = citizen.page
    citizen.window.open("public_map", "/report")
    expect(page.locator("html")).to_have_attribute("lang", language)
    citizen.window.examine("name-1-where")
    citizen.search("opole", OPOLE)
    expect(page.locator("#place-unit")).to_contain_text(STANDING)
    citizen.window.examine("name-2-this-place")
    citizen.go_on("place")
    citizen.window.examine("name-3-what")
    citizen.choose_category("parking")
    citizen.go_on("category")
    citizen.describe(WORDS)
    citizen.window.examine("name-4-details")
    citizen.go_on("details")
    expect(page.locator("#promises")).not_to_be_empty()
    expect(page.locator("#summary-place")).to_contain_text(OPOLE)
    citizen.window.examine("name-5-check")
    return citizen


class Onlookers:
    """Who has a window open all the time: the citizen, a neighbour, the officer, and an officer of another unit."""

    def __init__(self, system: Journey, window: Opening, language: str) -> None:
        self._system = system
        self._officer = system.officer(UNIT, GARRISON)
        self.desk = DeskWindow(window(1440, language=language), UNIT)
        self.stranger = DeskWindow(window(768, language=language, dark=True), STRANGER)
        self.neighbour = window(1440, language=language)
        self.neighbour.open("public_map", "/?longitude=17.93&latitude=50.67&zoom=12")
        expect(self.neighbour.page.locator("#freshness")).to_have_attribute("data-live", "")
        self.desk.watch()
        self.reports: list[UUID] = []

    def arrived(self, receipt: str) -> UUID:
        """The report of a receipt, once it is in every window where it belongs."""
        url = self._system.url("public_map", f"/v1/receipts/{receipt}")
        report_id = UUID(self._system.http.get(url).json()["report_id"])
        self.reports.append(report_id)
        eventually(lambda: self._system.case(report_id, self._officer).is_success, 30)
        opened = datetime.fromisoformat(self._system.case(report_id, self._officer).json()["history"][0]["at"])
        seconds = self.desk.seen(report_id, opened)
        print(f"at the desk {seconds:.2f} s after its case was open")
        assert seconds <= LIVE_SECONDS
        expect(self.neighbour.page.locator(f'#listing [data-report="{report_id}"]')).to_be_visible()
        self.unseen()
        return report_id

    def unseen(self) -> None:
        """The officer of another unit has nothing of it."""
        for report_id in self.reports:
            expect(self.stranger.line(report_id)).to_have_count(0)

    def see(self, citizen: Citizen, status: str, step: str) -> None:
        """Receipt and map have come to a status by themselves."""
        expect(citizen.page.locator("#live")).to_have_attribute("data-status", status, timeout=SLOW)
        expect(self.neighbour.page.locator(f"#chosen .status-chip.status-{status}")).to_be_visible(timeout=SLOW)
        self.unseen()
        citizen.window.examine(f"{step}-receipt")
        self.neighbour.examine(f"{step}-map")
        self.desk.window.examine(f"{step}-desk")


def never_loads_again(page: Page) -> Callable[[], None]:
    """Fails when called, if the page was loaded anew since."""
    page.evaluate("() => { window.neverLoadedAgain = true }")

    def check() -> None:
        assert page.evaluate("window.neverLoadedAgain === true"), f"{page.url} was loaded again"

    return check


@pytest.mark.timeout(400)  # six windows, some twenty states, each looked at
@pytest.mark.parametrize(("language", "followed"), [("pl", by_name), ("uk", by_map)])
def test_the_way_of_a_report_in_windows_that_stay_open(
    system: Journey, window: Opening, language: str, followed: Way
) -> None:
    around = Onlookers(system, window, language)
    stay = [never_loads_again(page) for page in (around.desk.page, around.stranger.page, around.neighbour.page)]
    sent: dict[Way, Citizen] = {by_keyboard: by_keyboard(window, language)}
    around.arrived(sent[by_keyboard].receipt())
    for way in (by_map, by_name):
        sent[way] = way(window, language)
        reported = around.arrived(sent[way].send())
        if way is followed:
            report_id = reported
    citizen = sent[followed]
    stay.append(never_loads_again(citizen.page))
    around.neighbour.page.locator(f'#listing [data-report="{report_id}"]').click()
    around.desk.open(report_id)
    around.see(citizen, "new", "1-new")
    work(around, citizen, report_id)
    assert citizen.window.overflow() == around.neighbour.overflow() == around.desk.window.overflow() == 0
    for check in stay:
        check()
    knock(around.stranger, report_id)


def work(around: Onlookers, citizen: Citizen, report_id: UUID) -> None:
    """From new to eliminated, by keys; after each the others look at their windows."""
    desk = around.desk
    desk.keys("p", "Enter")
    desk.open(report_id)
    desk.status("verification")
    around.see(citizen, "verification", "2-taken-up")
    desk.keys("s", "z")
    desk.page.locator("#field-note").fill(NOTE)
    desk.window.examine("3-check")
    desk.keys("Enter")
    expect(desk.case).to_contain_text(NOTE, timeout=SLOW)
    desk.keys("t", "Enter")
    desk.open(report_id)
    desk.status("confirmed")
    around.see(citizen, "confirmed", "4-confirmed")
    desk.keys("r")
    desk.window.examine("5-refer")
    desk.keys("Enter")
    desk.open(report_id)
    desk.status("referred")
    around.see(citizen, "referred", "5-referred")
    desk.keys("w", "Enter")
    expect(desk.line(report_id)).to_have_count(0, timeout=SLOW)
    around.see(citizen, "eliminated", "6-eliminated")
    expect(citizen.page.locator("#steps")).not_to_contain_text(NOTE)


def knock(stranger: DeskWindow, report_id: UUID) -> None:
    """The officer of another unit who has the address sees nothing either."""
    stranger.window.forgive("404")
    stranger.window.open("casework", f"/desk?view=all&open={report_id}")
    expect(stranger.page.locator("#who")).to_be_visible(timeout=SLOW)
    expect(stranger.page.locator("#queue-state")).not_to_be_empty(timeout=SLOW)
    expect(stranger.line(report_id)).to_have_count(0)
    expect(stranger.page.locator("body")).not_to_contain_text(WORDS)
    stranger.window.examine("7-stranger")


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
