"""What happens is on the map by itself: within two seconds of being public, and where no stream can be had."""

from time import time

import pytest
from browser.conftest import Opening
from browser.map.conftest import Place, Public
from playwright.sync_api import Page, Route, expect
from support.browser.map_page import NEW, VERIFICATION, MapPage
from support.wait import eventually

pytestmark = pytest.mark.timeout(400)  # each state on six screens, each looked at

WITHIN = 2.0
LIVE = "**/v1/live"
_WATCH = """() => {
  window.seen = {};
  new MutationObserver(() => {
    for (const item of document.querySelectorAll("#listing [data-report]")) {
      const status = [...item.querySelector(".status").classList].find((name) => name.startsWith("status-"));
      window.seen[`${item.dataset.report} ${status}`] ??= Date.now();
    }
  }).observe(document.getElementById("listing"), { childList: true, subtree: true });
}"""


def late(page: Page, report_id: str, status: str, since: float) -> float:
    """Seconds from an instant until the list had a report in a status."""
    said = f"{report_id} status-{status}"
    page.wait_for_function("(said) => window.seen[said]", arg=said)
    return float(page.evaluate("(said) => window.seen[said]", said)) / 1000 - since


def test_a_new_report_and_its_change_appear_within_two_seconds(window: Opening, public: Public, place: Place) -> None:
    shown = MapPage(window())
    shown.open(place, 15)
    expect(shown.page.locator("#freshness")).to_have_attribute("data-live", "")
    expect(shown.page.locator("#listing-notice")).not_to_be_empty()
    assert shown.nearest(NEW) is None
    shown.page.evaluate(_WATCH)
    report = public.report(place)
    listed = late(shown.page, report["report_id"], "new", time())
    eventually(lambda: shown.nearest(NEW), WITHIN, what="the new report drawn")
    public.change(report, "take-up")
    public.until(report["report_id"], place, "verification")
    changed = late(shown.page, report["report_id"], "verification", time())
    eventually(lambda: shown.nearest(VERIFICATION), WITHIN, what="the change drawn")
    print(f"live: a new report after {listed:.2f} s, its change after {changed:.2f} s")
    assert listed <= WITHIN
    assert changed <= WITHIN


@pytest.fixture
def cut_off(window: Opening, place: Place) -> MapPage:
    """A page whose clock can be put forward, and which gets no stream."""
    shown = MapPage(window())
    shown.window.forgive("/v1/live|ERR_FAILED")
    shown.page.clock.install()
    shown.page.route(LIVE, lambda route: route.abort())
    shown.open(place, 15)
    return shown


def test_without_a_stream_the_page_looks_again_by_itself(cut_off: MapPage, public: Public, place: Place) -> None:
    cut_off.page.clock.fast_forward(6_000)
    expect(cut_off.page.locator("#freshness")).to_contain_text("stan z")
    report = public.report(place)
    cut_off.page.clock.fast_forward(15_000)
    expect(cut_off.item(report["report_id"])).to_be_visible()
    cut_off.window.examine("not-live")


def test_a_stream_that_was_refused_is_asked_for_again(cut_off: MapPage, public: Public, place: Place) -> None:
    def full(route: Route) -> None:
        route.fulfill(status=503, json={"title": "Not at the moment"})

    cut_off.page.unroute(LIVE)
    cut_off.page.route(LIVE, full)
    cut_off.page.reload()
    cut_off.settled()
    cut_off.page.clock.fast_forward(6_000)
    expect(cut_off.page.locator("#freshness")).to_contain_text("stan z")
    cut_off.page.unroute(LIVE)
    cut_off.page.clock.fast_forward(15_000)
    expect(cut_off.page.locator("#freshness")).to_have_attribute("data-live", "")
    report = public.report(place)
    expect(cut_off.item(report["report_id"])).to_be_visible()


def test_a_page_that_was_left_and_comes_back_catches_up(window: Opening, public: Public, place: Place) -> None:
    shown = MapPage(window())
    shown.open(place, 15)
    expect(shown.page.locator("#freshness")).to_have_attribute("data-live", "")
    shown.page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))")
    missed = public.report(place)
    shown.page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    expect(shown.item(missed["report_id"])).to_be_visible()
    later = public.report(place)
    expect(shown.item(later["report_id"])).to_be_visible()
