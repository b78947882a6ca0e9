"""The pages of a unit and of a beat, and the map that a command puts on its own website."""

import json
import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_hex
from threading import Thread

import pytest
import shapely
from browser.conftest import Opening
from browser.map.conftest import Place, Public
from deploy.mailbox import messages
from journeys.journey import Journey
from playwright.sync_api import expect
from support.browser.map_page import NEW, SLOW, MapPage
from support.wait import eventually

pytestmark = pytest.mark.timeout(400)  # each state on six screens, each looked at

GRAJEWO = (22.453, 53.647)
"""In a unit where nothing else is reported: its latest changes are these."""
OUTLINE = (0x28, 0x68, 0xC8)
_PAGE = """<!doctype html><html lang="pl"><title>Komenda</title><h1>Komenda</h1>
<iframe src="{}" title="Mapa" width="800" height="480"></iframe>"""


@pytest.fixture
def website() -> Iterator[str]:
    """A command's website: `/?<address>` shows an address in a frame. Its port is what this gives."""

    class Website(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(_PAGE.format(self.path.partition("?")[2]).encode())

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Website) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield str(server.server_port)
        server.shutdown()


def test_a_units_page_shows_its_area_its_reports_and_its_line(window: Opening, public: Public) -> None:
    report, shown = public.report(GRAJEWO), MapPage(window())
    shown.window.open("public_map", f"/u/{report['unit']}")
    expect(shown.page.locator("h1")).to_have_text(report["unit_name"])
    latest = shown.page.locator(f"#latest a[href*='{report['report_id']}']")
    expect(latest).to_be_visible()
    eventually(lambda: shown.nearest(OUTLINE, within=400), SLOW, what="the unit's outline")
    frame = f'<iframe src="{shown.window.url("public_map")}embed/u/{report["unit"]}" title="{report["unit_name"]}" '
    expect(shown.page.locator("#embed-line")).to_have_value(
        f'{frame}width="100%" height="480" loading="lazy"></iframe>'
    )
    shown.page.get_by_text("Ta mapa na własnej stronie").click()
    shown.examine("unit")
    latest.click()
    expect(shown.page.locator("#chosen")).to_contain_text(report["category_name"])
    assert shown.window.context.cookies() == []


def test_a_beats_page_tells_of_this_beat_alone(window: Opening, public: Public) -> None:
    unit, shown = public.report(GRAJEWO)["unit"], MapPage(window())
    shown.window.open("public_map", f"/u/{unit}")
    shown.page.locator("details:has(.unit-districts) summary").click()
    names = shown.page.locator(".unit-districts a").all_inner_texts()[:2]
    shown.page.get_by_role("link", name=names[0], exact=True).click()
    expect(shown.page.locator("h1")).to_have_text(names[0])
    ground = json.loads(shown.page.locator("#page").text_content() or "")["district"]["outline"]
    inside = shapely.from_geojson(json.dumps(ground)).representative_point()
    report = public.report((inside.x, inside.y))
    of_report = f"#latest a[href*='{report['report_id']}']"
    address, shown = shown.page.url, MapPage(window())  # the first one may keep its answer for some seconds
    shown.page.goto(address)
    expect(shown.page.locator(of_report)).to_be_visible()
    eventually(lambda: shown.nearest(OUTLINE, within=400), SLOW, what="the outline")
    shown.examine("beat")
    shown.page.get_by_role("link", name=report["unit_name"]).click()
    shown.page.locator("details:has(.unit-districts) summary").click()
    shown.page.get_by_role("link", name=names[1], exact=True).click()
    expect(shown.page.locator("h1")).to_have_text(names[1])
    expect(shown.page.locator("#latest")).to_have_attribute("aria-busy", "false")
    expect(shown.page.locator(of_report)).to_have_count(0)


def test_the_map_in_a_frame_is_for_those_who_may(window: Opening, public: Public, website: str) -> None:
    report, shown = public.report(GRAJEWO), MapPage(window())
    shown.window.forgive(f"asks a stranger: http://(localhost|127.0.0.1):{website}/")
    embed = shown.window.url("public_map", f"/embed/u/{report['unit']}")
    shown.page.goto(f"http://localhost:{website}/?{embed}")
    inside = shown.page.frame_locator("iframe")
    expect(inside.get_by_role("link", name=report["unit_name"])).to_be_visible()
    expect(inside.locator(".maplibregl-canvas")).to_be_visible()
    shown.window.screenshot("framed")
    shown.window.check()
    assert shown.window.context.cookies() == []
    shown.window.forgive("frame-ancestors|ERR_BLOCKED_BY_RESPONSE")
    others = (f"http://127.0.0.1:{website}/?{embed}", f"http://localhost:{website}/?{shown.window.url('public_map')}")
    for refused in others:
        with shown.page.expect_event("console", lambda message: "frame-ancestors" in message.text):
            shown.page.goto(refused)
        expect(inside.locator(".map-box")).to_have_count(0)  # the browser's own words are there


def test_the_framed_map_alone(window: Opening, public: Public) -> None:
    report, shown = public.report(GRAJEWO), MapPage(window())
    shown.window.open("public_map", f"/embed/u/{report['unit']}")
    eventually(lambda: shown.nearest(NEW, within=300), SLOW, what="the unit's reports")
    shown.examine("embed")
    assert shown.page.locator("header").count() == 0


@pytest.mark.parametrize("language", ["pl", "uk"])
def test_changes_in_a_view_come_by_mail_after_a_second_yes(
    window: Opening, system: Journey, place: Place, language: str
) -> None:
    shown, address = MapPage(window(360, language=language)), f"neighbour-{token_hex(4)}@citizens.example"
    shown.open(place, 14)
    link = shown.page.locator("#by-mail")
    expect(link).to_have_attribute("href", re.compile(r"bbox=2[23]\.\d{1,4},54\.\d{1,4},2[23]\.\d{1,4},54\.\d{1,4}$"))
    link.click()
    shown.page.locator("#email").fill(address)
    shown.window.examine("1-form")
    shown.page.locator("form .button-primary").click()
    expect(shown.page.locator(".notice-success")).to_be_visible()
    shown.window.examine("2-asked")

    def mailed() -> str:
        """The link in the mail."""
        folder = system.system.root / "mail"
        found = [mail.get_content() for mail in messages(folder) if mail["X-RcptTo"] == address]
        return re.findall(r"https?://\S+/v1/subscriptions/\S+", found[0])[0] if found else ""

    shown.page.goto(eventually(mailed, SLOW, what="a mail"))
    shown.window.examine("3-asking")
    shown.page.locator("form .button-primary").click()
    expect(shown.page.locator(".notice-success")).to_be_visible()
    shown.window.examine("4-confirmed")
    shown.page.locator("form .button").click()
    expect(shown.page.locator(".notice-success")).to_be_visible()
    shown.window.examine("5-ended")
    assert shown.window.overflow() == 0
