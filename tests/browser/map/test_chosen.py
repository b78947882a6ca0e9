"""One report, chosen on the map: what is said of it, "me too", and that it stays true while somebody reads."""

from datetime import datetime

import pytest
from browser.conftest import Opening
from browser.map.conftest import Place, Public
from playwright.sync_api import expect
from support.browser.map_page import NEW, SLOW, MapPage
from support.wait import eventually

pytestmark = pytest.mark.timeout(400)  # each state on six screens, each looked at


@pytest.fixture
def shown(window: Opening) -> MapPage:
    return MapPage(window())


def test_a_click_tells_what_is_known_and_takes_a_me_too(shown: MapPage, public: Public, place: Place) -> None:
    report = public.report(place)
    public.change(report, "take-up")
    report = public.until(report["report_id"], place, "verification")
    shown.open(place, 15)
    shown.item(report["report_id"]).click()
    chosen, me_too = shown.page.locator("#chosen"), shown.page.get_by_role("button", name="Potwierdzam")
    expect(chosen).to_be_focused()
    expect(chosen.locator(".status-chip")).to_have_text("Weryfikacja")
    steps = chosen.locator(".timeline > li")
    expect(steps).to_have_count(3)
    expect(steps.first).to_contain_text(str(datetime.fromisoformat(report["submitted_at"]).year))
    expect(chosen.get_by_role("link", name=report["unit_name"])).to_have_attribute("href", f"/u/{report['unit']}")
    shown.examine("chosen")
    me_too.click()
    # The map hears of it from the other side, and tells it without taking the answer or the focus away.
    expect(chosen.locator(".facts")).to_contain_text("1 ")
    expect(chosen.get_by_role("status")).to_contain_text("Dziękujemy")
    expect(chosen.get_by_role("button", name="Potwierdzone przez Ciebie")).to_be_focused()
    shown.examine("supported", dark_at=[360])
    shown.page.reload()
    expect(chosen.locator("button[aria-disabled=true]")).to_be_visible()


def test_a_closed_report_leads_to_a_new_one(shown: MapPage, public: Public, place: Place) -> None:
    report = public.report(place)
    public.change(report, "take-up")
    public.change(report, "checks", checked_at=public.system.now().isoformat(), finding="found")
    public.change(report, "confirm")
    public.change(report, "eliminate")
    public.until(report["report_id"], place, "eliminated")
    shown.open(place, 16, report=report["report_id"])
    again = shown.page.locator("#chosen a.button-primary")
    expect(again).to_be_visible()
    shown.examine("closed", dark_at=[360])
    again.click()
    expect(shown.page.locator("#place-chosen")).to_be_visible()
    assert report["report_id"] in shown.page.url


def test_who_reads_a_report_sees_it_leave_the_map(shown: MapPage, public: Public, place: Place) -> None:
    report = public.report(place)
    shown.open(place, 15)
    eventually(lambda: shown.nearest(NEW), SLOW)
    shown.item(report["report_id"]).click()
    public.change(report, "reject")
    expect(shown.page.locator("#chosen")).to_contain_text("nie jest już publiczne")
    shown.examine("gone", dark_at=[360])
    shown.page.get_by_role("button", name="Wszystkie zgłoszenia").click()
    expect(shown.item(report["report_id"])).to_have_count(0)
    eventually(lambda: shown.nearest(NEW) is None)
