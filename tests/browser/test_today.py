"""A beat officer's phone: today's checks are there and recorded without a connection, and sent once there is one."""

from browser.conftest import Opening
from journeys.journey import Journey, Receipt
from playwright.sync_api import Page, expect
from support.browser.desk import SLOW
from support.browser.window import Window
from support.wait import eventually

UNIT, GARRISON = "KMP-1661", "OPO"


def tasked(system: Journey, north: float) -> Receipt:
    """A report in Opole that somebody is to look at today."""
    receipt = system.send(17.925, 50.668 + north, category="parking", description="Auta <b>na chodniku</b>.")
    officer = system.officer(UNIT, GARRISON)
    eventually(lambda: system.case(receipt.report_id, officer).is_success, 30)
    assert system.change(receipt.report_id, "take-up", officer).is_success
    soon = system.case(receipt.report_id, officer).json()["submitted_at"][:10] + "T22:59:00+01:00"
    assert system.change(receipt.report_id, "task", officer, executor="beat_officer", due_at=soon).is_success
    return receipt


def signed_in(opened: Window) -> Page:
    page = opened.page
    opened.open("casework", "/desk/today")
    page.locator("#today-sign-in").click()
    page.locator('[name="role"][value="beat_officer"]').check()
    page.locator('[name="unit"]').select_option(UNIT)
    page.locator('[name="subject"]').fill("dzielnicowy")
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#today-state")).to_contain_text("Stan na", timeout=SLOW)
    page.evaluate("() => navigator.serviceWorker.ready.then(() => null)")
    return page


def test_a_check_is_recorded_without_a_connection_and_sent_once(system: Journey, window: Opening) -> None:
    receipt = tasked(system, 0.05)
    opened = window(360)
    opened.forgive("ERR_INTERNET_DISCONNECTED")
    page = signed_in(opened)
    card = page.locator(f'[data-report="{receipt.report_id}"]')
    expect(card).to_be_visible(timeout=SLOW)
    assert opened.overflow() == 0
    opened.examine("today")
    page.context.set_offline(True)
    page.reload()
    expect(page.locator("#today-state")).to_contain_text("Brak połączenia", timeout=SLOW)
    card.locator("summary").click()
    card.get_by_label("Notatka").fill("trzy auta")
    card.get_by_role("button", name="znaleziono", exact=True).click()
    waiting = page.locator(f'[data-recorded="{receipt.report_id}"]')
    expect(waiting).to_contain_text("trzy auta")
    page.reload()
    expect(waiting).to_contain_text("trzy auta", timeout=SLOW)
    opened.examine("offline")
    page.context.set_offline(False)
    expect(waiting).to_have_count(0, timeout=SLOW)
    checks = system.case(receipt.report_id, system.officer(UNIT, GARRISON)).json()["checks"]
    assert [(check["finding"], check["note"], check["officer"]) for check in checks] == [
        ("found", "trzy auta", "dzielnicowy")
    ]
    assert "chodniku" not in page.content()


def test_a_conflict_is_shown_and_kept_until_it_is_solved_and_signing_out_forgets(
    system: Journey, window: Opening
) -> None:
    receipts = [tasked(system, north) for north in (0.06, 0.07)]
    opened = window(360, dark=True)
    opened.forgive("412|409|ERR_INTERNET_DISCONNECTED")
    page = signed_in(opened)
    page.context.set_offline(True)
    for receipt in receipts:
        page.locator(f'[data-report="{receipt.report_id}"]').get_by_role(
            "button", name="nie znaleziono", exact=True
        ).click()
        expect(page.locator(f'[data-recorded="{receipt.report_id}"]')).to_be_visible()
    officer = system.officer(UNIT, GARRISON)
    check = {"checked_at": system.case(receipts[0].report_id, officer).json()["changed_at"], "finding": "found"}
    assert system.change(receipts[0].report_id, "checks", officer, **check).is_success
    assert system.change(receipts[1].report_id, "confirm", officer).is_success
    page.context.set_offline(False)
    first, second = (page.locator(f'[data-recorded="{receipt.report_id}"]') for receipt in receipts)
    expect(first).to_contain_text("Ktoś zmienił tę sprawę w międzyczasie", timeout=SLOW)
    expect(second.get_by_role("button")).to_have_count(1)  # a decided case takes no check any more
    opened.examine("conflict")
    first.get_by_role("button", name="Zapisz mimo to").click()
    expect(first).to_have_count(0, timeout=SLOW)
    assert len(system.case(receipts[0].report_id, officer).json()["checks"]) == 2
    page.locator("#sign-out").click()
    opened.examine("leaving")
    page.get_by_role("button", name="Usuń i wyloguj").click()
    expect(page.locator("#sign-in-button")).to_be_visible(timeout=SLOW)
    left = page.evaluate(
        "async () => [await caches.keys(), (await navigator.serviceWorker.getRegistrations()).length,"
        " { ...sessionStorage }]"
    )
    assert left == [[], 0, {"kmzb-desk-anew": "yes"}], "who comes next is asked who they are; nothing says who was here"
    opened.open("casework", "/desk/today")
    expect(page.locator("#today-sign-in")).to_be_visible(timeout=SLOW)
    expect(page.locator("#today > li, #recorded li")).to_have_count(0)
