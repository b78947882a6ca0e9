"""Officers at their desk in a browser: signing in, working cases by keyboard and mouse, conflicts, other units."""

from browser.conftest import Opening
from journeys.journey import Journey, Receipt
from playwright.sync_api import expect
from support.browser.desk import SLOW, DeskWindow
from support.wait import eventually

UNIT, GARRISON = "KMP-1661", "OPO"
OPOLE = (17.925, 50.668)


def reported(system: Journey, category: str = "parking", north: float = 0.0) -> Receipt:
    """A report in Opole whose case is open."""
    receipt = system.send(
        OPOLE[0], OPOLE[1] + north, category=category, description="Auta na chodniku <b>co wieczór</b>."
    )
    officer = system.officer(UNIT, GARRISON)
    eventually(lambda: system.case(receipt.report_id, officer).is_success, 30)
    return receipt


def test_a_case_is_worked_by_keyboard_from_new_to_eliminated(system: Journey, window: Opening) -> None:
    receipt = reported(system)
    desk = DeskWindow(window(), UNIT)
    desk.open(receipt.report_id)
    expect(desk.case).to_contain_text("Auta na chodniku <b>co wieczór</b>.", timeout=SLOW)
    desk.window.examine("case")
    desk.keys("p", "Enter")
    desk.says("Podjęto")
    desk.open(receipt.report_id)
    desk.status("verification")
    desk.keys("s")
    expect(desk.page.locator(".action-form")).to_be_visible(timeout=SLOW)
    desk.window.examine("check")
    desk.keys("z", "t")
    desk.says("Potwierdzone")
    desk.open(receipt.report_id)
    desk.status("confirmed")
    desk.keys("Enter")
    desk.keys("Enter")
    desk.says("Wyeliminowano")
    desk.keys("u")
    desk.says("Cofnięto")
    desk.status("verification")


def test_a_conflict_shows_both_versions_and_keeps_what_was_typed(system: Journey, window: Opening) -> None:
    receipt = reported(system, north=0.01)
    desk = DeskWindow(window(768, dark=True), UNIT)
    desk.window.forgive("412")
    desk.open(receipt.report_id)
    desk.keys("o")
    desk.page.locator("#field-note").fill("nic tam nie ma")
    assert system.change(receipt.report_id, "take-up", system.officer(UNIT, GARRISON)).is_success
    desk.page.locator(".action-form").get_by_role("button", name="Żart lub pomyłka").click()
    expect(desk.page.locator(".conflict")).to_contain_text("Podjęto", timeout=SLOW)
    expect(desk.page.locator("#field-note")).to_have_value("nic tam nie ma")
    desk.window.examine("conflict")
    desk.page.get_by_role("button", name="Zrób to mimo to").click()
    desk.says("Uznano za żart")
    assert system.case(receipt.report_id, system.officer(UNIT, GARRISON)).json()["status"] == "rejected"


def test_an_officer_of_another_unit_sees_nothing_of_it(system: Journey, window: Opening) -> None:
    receipt = reported(system, north=0.02)
    other = DeskWindow(window(360, language="en"), "KPP-1601")
    expect(other.line(receipt.report_id)).to_have_count(0)
    other.window.forgive("404")
    other.window.open("casework", f"/desk?open={receipt.report_id}")
    expect(other.page.locator("#who")).to_be_visible(timeout=SLOW)
    expect(other.page.locator("body")).not_to_contain_text("co wieczór")
    assert other.window.overflow() == 0
    other.window.examine("nothing")
