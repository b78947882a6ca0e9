"""Officers at their desk in a browser: signing in, working cases by keyboard and mouse, conflicts, other units."""

import re

import pytest
from browser.conftest import Opening
from journeys.journey import Journey, Receipt
from playwright.sync_api import expect
from support.browser.desk import SLOW, DeskWindow
from support.wait import eventually
from web.texts.languages import LANGUAGES

UNIT, GARRISON = "KMP-1661", "OPO"
OPOLE = (17.925, 50.668)
# Each quarter of a button's middle line can be pressed.
_BARE = """(button) => {
  const { left, top, width, height } = button.getBoundingClientRect();
  return [0.25, 0.5, 0.75].every((x) => button.contains(document.elementFromPoint(left + x * width, top + height / 2)));
}"""


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
    box, table = (desk.page.locator(f".conflict{part}").bounding_box() for part in ("", " .table-scroll"))
    assert box
    assert table
    assert table["x"] + table["width"] <= box["x"] + box["width"]
    desk.window.examine("conflict")
    desk.page.get_by_role("button", name="Zrób to mimo to").click()
    desk.says("Uznano za żart")
    assert system.case(receipt.report_id, system.officer(UNIT, GARRISON)).json()["status"] == "rejected"


def test_cases_that_may_be_the_same_are_told_apart(system: Journey, window: Opening) -> None:
    others = [reported(system, category="illegal-dump", north=0.07 + north) for north in (0.0, 0.0003)]
    assert system.change(others[1].report_id, "take-up", system.officer(UNIT, GARRISON)).is_success
    receipt = reported(system, category="illegal-dump", north=0.0701)
    desk = DeskWindow(window(1440), UNIT)
    desk.open(receipt.report_id)
    desk.keys("m")
    offered = desk.page.locator(".action-form .offered .choice small")
    expect(offered).to_have_text(
        [re.compile(r"Nowe · \d+ m stąd · .* temu"), re.compile(r"Weryfikacja · \d+ m stąd · .*")]
    )
    desk.window.examine("merge")


def test_what_is_said_covers_nothing_that_is_to_be_pressed(system: Journey, window: Opening) -> None:
    receipt = reported(system, north=0.05)
    desk = DeskWindow(window(360), UNIT)
    desk.open(receipt.report_id)
    desk.keys("o")
    cancel = desk.page.locator(".action-form").get_by_role("button", name="Anuluj")
    cancel.evaluate("(button) => button.scrollIntoView({ block: 'end' })")
    reported(system, north=0.06)
    desk.says("now")
    assert cancel.evaluate(_BARE), "a message covers it"
    desk.window.examine("message")
    cancel.click()
    desk.keys("o")
    assert cancel.evaluate(_BARE), "what was said before covers it"


@pytest.mark.parametrize("width", [360, 768, 1440])
def test_who_is_not_signed_in_can_do_that_and_choose_a_language(window: Opening, width: int) -> None:
    opened = window(width, dark=width == 768)
    opened.open("casework", "/desk")
    expect(opened.page.locator("#sign-in-button")).to_be_visible()
    expect(opened.page.locator("#search")).to_be_hidden()
    assert opened.overflow() == 0
    opened.examine("signed-out")
    opened.page.locator(".languages summary").click()
    opened.page.get_by_role("link", name="Deutsch").click()
    expect(opened.page.locator("html")).to_have_attribute("lang", "de")
    expect(opened.page.locator("#sign-in-button")).to_have_text("Anmelden")


@pytest.mark.parametrize(("width", "dark"), [(360, True), (768, False), (1440, True)])
def test_nothing_of_the_desk_is_cut_off(system: Journey, window: Opening, width: int, dark: bool) -> None:
    receipt = reported(system, north=0.03)
    desk = DeskWindow(window(width, dark=dark), UNIT)
    header = desk.page.locator(".desk-header")
    assert desk.window.overflow() == 0
    box = header.bounding_box()
    assert box is not None
    assert box["height"] < (90 if width >= 768 else 220), "the header is one row where there is room for it"
    for part in desk.page.locator(".desk-filters select").all():
        inside = part.evaluate(
            "e => e.getBoundingClientRect().right <= e.closest('.desk-queue').getBoundingClientRect().right"
        )
        assert inside
    bar = desk.line(receipt.report_id).locator(".bar").bounding_box() if width >= 768 else None
    assert bar is None or bar["width"] > 100, "a length of time can be seen"
    desk.window.screenshot("queue")
    desk.open(receipt.report_id)
    desk.window.examine("case")


@pytest.mark.parametrize("width", [360, 768])
def test_the_field_of_a_case_number_says_so_in_each_language(window: Opening, width: int) -> None:
    desk = DeskWindow(window(width), UNIT)
    for language in LANGUAGES:
        desk.window.open("casework", f"/desk?lang={language}")
        field = desk.page.locator("#search-field")
        expect(field).to_be_visible(timeout=SLOW)
        expect(desk.page.locator("#who")).to_be_visible(timeout=SLOW)
        missing = field.evaluate("(e) => { e.value = e.placeholder; return e.scrollWidth - e.clientWidth; }")
        assert missing <= 0, f"{missing} pixels of it in {language}"
        assert desk.window.overflow() == 0


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


@pytest.mark.parametrize(("width", "dark"), [(360, False), (1440, True)])
def test_a_list_is_exported_with_the_officers_token(system: Journey, window: Opening, width: int, dark: bool) -> None:
    receipt = reported(system, north=0.04)
    desk = DeskWindow(window(width, dark=dark, language="pl"), UNIT)
    desk.page.locator("#export-button").click()
    dialog = desk.page.locator("#export")
    dialog.get_by_text("Z treścią zgłoszeń").click()
    dialog.get_by_label("W jakim celu?").fill("nadzór nad sprawami rejonu")
    desk.window.examine("export")
    with desk.page.expect_download(timeout=SLOW) as waiting:
        dialog.get_by_role("button", name="Eksportuj").click()
    assert waiting.value.suggested_filename == "cases.csv"
    text = waiting.value.path().read_text(encoding="utf-8-sig")
    assert str(receipt.report_id) in text
    assert "Auta na chodniku <b>co wieczór</b>." in text
    expect(dialog).to_contain_text("Plik jest gotowy.", timeout=SLOW)
    desk.window.examine("exported")
    assert desk.window.overflow() == 0
