"""An agency answers on the page behind its link; desk and receipt say where the threat lies; a letter is a page."""

import re
from uuid import UUID

import pytest
from browser.conftest import Opening
from journeys.journey import Journey, Receipt
from journeys.secured.agency import handed_over_to
from notifier.links import Purpose, signed_link
from playwright.sync_api import expect
from support.browser.desk import SLOW, DeskWindow
from support.wait import eventually

UNIT, PLACE = "KPP-1608", (18.4123, 50.8712)


@pytest.fixture
def sent(system: Journey) -> Receipt:
    return system.send(*PLACE)


@pytest.fixture
def referral(system: Journey, sent: Receipt) -> UUID:
    """The referral of a report to the city guard, once the notifier knows it."""
    referral = UUID(handed_over_to(system, sent.report_id, system.officer(UNIT, "OPO"), "city-guard"))
    path = link(system, Purpose.ANSWER, referral)
    eventually(lambda: system.http.get(system.url("notifier", path)).is_success, 30)
    return referral


def link(system: Journey, purpose: Purpose, referral: UUID) -> str:
    return signed_link("", purpose, referral, bytes.fromhex(system.addresses["KMZB_NOTIFIER_LINK_SECRET"]))


def test_what_an_agency_presses_is_seen_at_the_desk_and_on_the_receipt(
    system: Journey, window: Opening, sent: Receipt, referral: UUID
) -> None:
    path = link(system, Purpose.ANSWER, referral)
    agency = window(360, language="uk", dark=True)
    agency.open("notifier", path)
    assert agency.overflow() <= 0
    agency.examine("asked")
    agency.page.get_by_role("button", name="Ми прийняли справу").click()
    expect(agency.page.get_by_text("Відповідь записано.")).to_be_visible()
    agency.examine("acknowledged")

    citizen = window(360, language="en")
    citizen.open("public_map", f"/r/{sent.receipt}")

    def said() -> bool:
        citizen.page.reload()
        return citizen.page.get_by_text("The other body has it").is_visible()

    eventually(said, 30)
    desk = DeskWindow(window(1440, language="en"), UNIT)
    desk.page.goto(desk.window.url("casework", f"/desk?open={sent.report_id}"))
    expect(desk.page.get_by_text("they have it since")).to_be_visible(timeout=SLOW)

    agency = window(1440, language="en")
    agency.open("notifier", path)
    agency.page.get_by_label("Who answers for it instead?").fill("zarządca drogi")
    agency.page.get_by_role("button", name="Give it back").click()
    expect(agency.page.get_by_text("The case goes back to the police unit")).to_be_visible()
    agency.examine("given-back")
    desk.page.reload()
    expect(desk.page.get_by_text("they name: zarządca drogi")).to_be_visible(timeout=SLOW)
    desk.status("confirmed")
    desk.keys("r")
    named = desk.page.get_by_role("radio", name="Zarządca drogi named by the one that declined")
    expect(named).to_be_checked(timeout=SLOW)
    expect(named).to_be_focused()
    expect(desk.page.get_by_role("radio", name="Straż miejska / gminna has declined")).not_to_be_checked()
    desk.window.examine("refer-again")


def test_a_letter_is_one_page_of_a4_in_polish(system: Journey, window: Opening, referral: UUID) -> None:
    unit = window(1440, language="de")
    unit.open("notifier", link(system, Purpose.LETTER, referral))
    expect(unit.page.get_by_role("heading", name="Potwierdzone zagrożenie")).to_be_visible()
    assert link(system, Purpose.ANSWER, referral) in unit.page.locator(".letter-link").inner_text().replace("\n", "")
    unit.examine("letter")
    printed = unit.page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
    [(width, height)] = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed)
    assert (round(float(width) / 72 * 25.4), round(float(height) / 72 * 25.4)) == (210, 297)


def test_an_answer_that_is_not_understood_is_asked_again_and_an_old_link_says_whom_to_ask(
    system: Journey, window: Opening, referral: UUID
) -> None:
    agency = window(1440, language="de", dark=True)
    agency.forgive("status of 422|status of 404")

    def examine(state: str) -> None:
        for width in (360, 768, 1440):
            agency.page.set_viewport_size({"width": width, "height": 900})
            assert agency.overflow() <= 0
            agency.screenshot(state)
        agency.examine(state)

    agency.open("notifier", link(system, Purpose.ANSWER, referral))
    named = agency.page.get_by_label("Wer ist stattdessen zuständig?")
    for wrong, said in (("", "Nennen Sie, wer zuständig ist."), ("Straßenbauamt " * 20, "höchstens 200 Zeichen")):
        named.evaluate("field => { field.required = false; field.removeAttribute('maxlength') }")
        named.fill(wrong)
        agency.page.get_by_role("button", name="Zurückgeben").click()
        expect(named).to_have_accessible_description(re.compile(said))
        expect(named).to_be_focused()
        examine(f"asked-again-{len(wrong)}")
    agency.page.get_by_role("button", name="Die Gefahr ist beseitigt").click()
    expect(agency.page.get_by_text("erfahren, dass die Gefahr beseitigt ist")).to_be_visible()
    examine("removed")
    agency.page.goto(agency.url("notifier", link(system, Purpose.ANSWER, UUID(int=0))))
    examine("no-longer-valid")
