"""The panel beside the map: filters that stay in the address, and numbers of what is in view and of a unit."""

import re

import pytest
from browser.conftest import Opening
from browser.map.conftest import Place, Public
from playwright.sync_api import Page, Route, expect
from support.browser.map_page import NEW, SLOW, VERIFICATION, MapPage
from support.wait import eventually

pytestmark = pytest.mark.timeout(400)  # each state on six screens, each looked at

ELK = (22.36, 53.83)
"""In a unit, and in a tile of zoom 10, of which no other test counts anything."""
MINIMUM = 10


def chip(page: Page, group: str, value: str) -> None:
    """Press a filter's chip; its box lies invisible over the whole of it."""
    page.locator(f"#{group} input[value='{value}']").click()


def test_filters_stay_in_the_address_and_outlive_a_reload(window: Opening, public: Public, place: Place) -> None:
    new, taken_up = public.report(place, "parking"), public.report(place, "speeding")
    public.change(taken_up, "take-up")
    public.until(taken_up["report_id"], place, "verification")
    shown = MapPage(window())
    shown.open(place, 16)
    expect(shown.page.locator("#listing li")).to_have_count(2)
    chip(shown.page, "statuses", "new")
    expect(shown.page.locator("#listing li")).to_have_count(1)
    expect(shown.item(new["report_id"])).to_be_visible()
    eventually(lambda: shown.nearest(NEW) and not shown.nearest(VERIFICATION), SLOW, what="the new one alone")
    shown.page.locator("#more-filters summary").click()
    chip(shown.page, "periods", "7")
    chip(shown.page, "categories", "parking")
    shown.examine("filtered")
    assert [shown.parameter(name) for name in ("status", "days", "category")] == ["new", "7", "parking"]
    shown.page.reload()
    shown.settled()
    expect(shown.page.locator("#statuses input:checked")).to_have_value("new")
    expect(shown.page.locator("#periods input:checked")).to_have_value("7")
    expect(shown.page.locator("#categories input:checked")).to_have_value("parking")
    expect(shown.page.locator("#filters-active")).to_have_text("2")
    expect(shown.page.locator("#listing li")).to_have_count(1)
    shown.page.go_back()
    shown.page.go_back()
    expect(shown.page.locator("#categories input:checked")).to_have_count(0)
    expect(shown.page.locator("#statuses input:checked")).to_have_value("new")
    chip(shown.page, "statuses", "new")
    chip(shown.page, "statuses", "referred")
    expect(shown.page.locator("#listing-notice")).to_contain_text("Żadne zgłoszenie")
    shown.examine("nothing-fits", dark_at=[360])
    shown.page.locator("#listing-notice button").click()
    expect(shown.page.locator("#listing li")).to_have_count(2)
    assert shown.parameter("status") is None


def test_a_filter_pressed_while_tiles_are_on_their_way_holds_for_them(
    window: Opening, public: Public, place: Place
) -> None:
    taken_up = public.report(place, "speeding")
    public.change(taken_up, "take-up")
    public.until(taken_up["report_id"], place, "verification")
    shown = MapPage(window())
    held: list[Route] = []
    shown.page.route(re.compile(r"/v1/tiles/[^?]*$"), lambda route: held.append(route))
    with shown.page.expect_request("**/v1/tiles/**", timeout=1000 * SLOW):
        shown.open(place, 16)
    chip(shown.page, "statuses", "new")
    expect(shown.page.locator("#listing li")).to_have_count(0)
    with shown.page.expect_response(lambda answer: "status=new" in answer.url and "/v1/tiles/" in answer.url):
        for tile in held:
            tile.continue_()
    eventually(lambda: not shown.nearest(VERIFICATION), SLOW, what="nothing, as the filter says")


def test_numbers_of_the_view_and_of_a_unit_need_ten_reports(window: Opening, public: Public) -> None:
    taken_up = [public.report(ELK) for _ in range(MINIMUM)]
    for report in taken_up[1:]:
        public.change(report, "take-up")
        public.until(report["report_id"], ELK, "verification")
    view, unit = MapPage(window()), MapPage(window())
    view.open(ELK, 14)
    unit.window.open("public_map", f"/u/{taken_up[0]['unit']}")
    take_up = "#statistics .figure:first-child"
    for each in (view, unit):
        expect(each.page.locator(take_up)).to_contain_text("za mało danych")
        expect(each.page.locator("#statistics tr.status-verification .number")).to_have_text(str(MINIMUM - 1))
        expect(each.page.locator("#statistics progress").first).to_be_visible()
    public.change(taken_up[0], "take-up")
    expect(view.page.locator(take_up)).to_contain_text(re.compile(rf"1 godz.*z {MINIMUM}"))  # as it happens
    unit.page.reload()
    expect(unit.page.locator(take_up)).to_contain_text(re.compile(rf"1 godz.*z {MINIMUM}"))
    view.examine("numbers", dark_at=[360])
    unit.examine("unit", dark_at=[360])
