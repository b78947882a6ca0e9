"""Duty in a browser: the roster and deputies, alarms on desk and wall, who is late, the queue on a map."""

import re
from functools import partial

import pytest
from browser.conftest import Opening
from browser.test_desk import GARRISON, UNIT, reported
from contracts.events.duty.surges import SurgeRaised
from contracts.events.notices import NoticeSent
from contracts.topics import NOTICE, SURGE
from journeys.journey import Journey, Receipt
from playwright.sync_api import expect
from support.browser.desk import SLOW, DeskWindow
from support.wait import eventually

CROWD = 7
# Units of their own: what other tests send to Opole is a crowd by itself.
IN_NYSA, NYSA = "KPP-1607", (17.334, 50.474)
IN_NAMYSLOW, NAMYSLOW = "KPP-1606", (17.718, 51.076)


def is_open(system: Journey, receipt: Receipt, officer: dict[str, str]) -> bool:
    return system.case(receipt.report_id, officer).is_success


def surge(system: Journey) -> list[str]:
    """So many reports at one place in Nysa, all with a case."""
    sent = [
        system.send(NYSA[0], NYSA[1] + step * 1e-4, category="parking", description=f"Wyścigi, auto nr {step}.")
        for step in range(CROWD)
    ]
    officer = system.officer(IN_NYSA, GARRISON)
    for receipt in sent:
        eventually(partial(is_open, system, receipt, officer), 30)
    return [str(receipt.report_id) for receipt in sent]


def test_a_surge_calls_on_desk_and_wall_until_somebody_has_it_in_hand(system: Journey, window: Opening) -> None:
    wall = DeskWindow(window(), IN_NYSA, subject="dyzurny")
    wall.window.open("casework", "/desk/wall")
    expect(wall.page.locator("#alarms")).to_contain_text("Nie ma otwartego alarmu", timeout=SLOW)
    wall.window.examine("calm")
    sent = surge(system)
    card = wall.page.locator(".alarm-open")
    expect(card).to_have_count(1, timeout=SLOW)
    expect(card).to_contain_text("zgłoszeń w jednym miejscu")
    wall.window.examine("alarm")
    raised = [str(event.report_id) for event in system.events(SURGE) if isinstance(event, SurgeRaised)]
    assert len([report_id for report_id in raised if report_id in sent]) == 1
    told = {"surge-raised"}
    eventually(lambda: told <= {e.kind for e in system.events(NOTICE) if isinstance(e, NoticeSent)}, 30)
    desk = DeskWindow(window(768), IN_NYSA, subject="koordynator")
    expect(desk.page.locator("#alarms .alarm-open")).to_have_count(1, timeout=SLOW)
    desk.window.examine("alarm-at-the-desk")
    phone = DeskWindow(window(360, language="en", dark=True), IN_NYSA)
    phone.window.open("casework", "/desk/wall")
    expect(phone.page.locator(".alarm-open")).to_have_count(1, timeout=SLOW)
    assert phone.window.overflow() == 0
    phone.window.examine("alarm")
    wall.keys("a", "Enter")
    expect(wall.page.locator(".alarm").first).to_contain_text("Zajmuje się: dyzurny (Koordynator)", timeout=SLOW)
    expect(wall.page.locator(".alarm-open")).to_have_count(0)
    wall.window.examine("in-hand")
    expect(desk.page.locator("#alarms")).to_be_hidden(timeout=SLOW)
    others = DeskWindow(window(), "KPP-1601")
    others.window.open("casework", "/desk/wall")
    expect(others.page.locator("#alarms")).to_contain_text("Nie ma otwartego alarmu", timeout=SLOW)
    expect(others.page.locator(".alarm")).to_have_count(0)


@pytest.mark.parametrize(("width", "dark"), [(360, False), (768, True), (1440, False)])
def test_a_coordinator_keeps_the_roster_by_keyboard(window: Opening, width: int, dark: bool) -> None:
    desk = DeskWindow(window(width, dark=dark), "KPP-1604", subject="jez")
    desk.window.open("casework", "/desk/duty")
    expect(desk.page.locator("#now")).to_contain_text("Nikogo nie ma teraz w grafiku", timeout=SLOW)
    desk.window.examine("empty")
    desk.window.forgive("422")
    desk.page.locator("#shifts-field-officer").fill(f"nowak-{width}")
    desk.page.locator("#shifts-field-email").fill("nie adres")
    desk.page.keyboard.press("Enter")
    expect(desk.page.locator("#shifts-error-email")).to_contain_text("To nie jest adres e-mail", timeout=SLOW)
    expect(desk.page.locator("#shifts-field-email")).to_be_focused()
    desk.window.examine("refused")
    desk.page.locator("#shifts-field-email").fill("nowak@policja.example")
    desk.page.keyboard.press("Enter")
    expect(desk.page.locator("#now")).to_contain_text(f"nowak-{width}", timeout=SLOW)
    desk.page.locator("#deputies-field-principal").fill(f"nowak-{width}")
    desk.page.locator("#deputies-field-officer").fill("wilk")
    desk.page.keyboard.press("Enter")
    expect(desk.page.locator("#now")).to_contain_text("wilk", timeout=SLOW)
    expect(desk.page.locator("#who")).to_contain_text("dyżur: wilk")
    desk.window.examine("kept")
    assert desk.window.overflow() == 0
    for who in ("wilk", f"nowak-{width}"):
        desk.page.get_by_role("button", name=f"Zakończ teraz: {who}").press("Enter")
        expect(desk.page.get_by_role("button", name=f"Zakończ teraz: {who}")).to_have_count(0, timeout=SLOW)
    expect(desk.page.locator("#now")).to_contain_text("Nikogo nie ma teraz w grafiku")
    expect(desk.page.locator("#changes")).to_contain_text("Zakończono wcześniej: wilk za: nowak")


def test_a_deputy_works_as_the_coordinator_and_a_beat_officer_only_reads(system: Journey, window: Opening) -> None:
    beat = DeskWindow(window(), UNIT, "beat_officer", subject="sowa")
    beat.window.open("casework", "/desk/duty")
    expect(beat.page.locator("#now")).to_be_visible(timeout=SLOW)
    expect(beat.page.locator("#forms")).to_be_hidden()
    beat.window.examine("read-only")
    desk = DeskWindow(window(), UNIT, subject="szef")
    desk.window.open("casework", "/desk/duty")
    desk.page.locator("#deputies-field-principal").fill("szef")
    desk.page.locator("#deputies-field-officer").fill("sowa")
    desk.page.keyboard.press("Enter")
    expect(desk.page.locator("#entries")).to_contain_text("sowa", timeout=SLOW)
    beat.page.reload()
    expect(beat.page.locator("#who")).to_contain_text("zastępuje: szef", timeout=SLOW)
    desk.page.get_by_role("button", name="Zakończ teraz: sowa").click()
    expect(desk.page.locator("#entries")).not_to_contain_text("sowa", timeout=SLOW)


@pytest.mark.parametrize(("width", "dark"), [(360, True), (768, False), (1440, True)])
def test_who_oversees_sees_who_is_late_and_goes_there(system: Journey, window: Opening, width: int, dark: bool) -> None:
    reported(system, north=0.04)
    desk = DeskWindow(window(width, dark=dark), UNIT, "headquarters", subject="kgp")
    desk.window.open("casework", "/desk/overview")
    expect(desk.page.locator("#figures")).to_contain_text("Sprawy do zrobienia", timeout=SLOW)
    desk.page.locator("#late-only").press("Enter")
    link = desk.page.get_by_role("link", name="Komenda Miejska Policji w Opolu")
    expect(link).to_be_visible(timeout=SLOW)
    desk.window.examine("units")
    assert desk.window.overflow() == 0
    link.press("Enter")
    desk.page.wait_for_url(re.compile(r"/desk\?(view=todo&)?unit=OPO%2FKMP-1661"))
    expect(desk.page.locator("#queue-state")).to_contain_text("spraw", timeout=SLOW)


def test_the_queue_is_a_map_where_there_is_room(system: Journey, window: Opening) -> None:
    receipt = system.send(*NAMYSLOW)
    eventually(partial(is_open, system, receipt, system.officer(IN_NAMYSLOW, GARRISON)), 30)
    desk = DeskWindow(window(1920), IN_NAMYSLOW)
    canvas = desk.page.locator("#queue-map canvas")
    expect(canvas).to_be_visible(timeout=SLOW)
    desk.open(receipt.report_id)
    desk.window.examine("map")
    box = canvas.bounding_box()
    assert box is not None
    assert box["height"] > 700
    narrow = DeskWindow(window(1024), IN_NAMYSLOW)
    expect(narrow.page.locator("#queue-map")).to_be_hidden()
