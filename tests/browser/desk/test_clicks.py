"""What comes by itself, a new report or what an officer did, takes no click away and moves nobody elsewhere."""

from browser.conftest import Opening
from journeys.journey import Journey, Receipt
from playwright.sync_api import Route, expect
from support.browser.desk import SLOW, DeskWindow
from support.wait import eventually

GARRISON = "OPO"
IN_KRAPKOWICE, KRAPKOWICE = "KPP-1605", (17.96, 50.48)


def reported(system: Journey, north: float) -> Receipt:
    """A report in Krapkowice whose case is open."""
    receipt = system.send(KRAPKOWICE[0], KRAPKOWICE[1] + north, category="parking")
    officer = system.officer(IN_KRAPKOWICE, GARRISON)
    eventually(lambda: system.case(receipt.report_id, officer).is_success, 30)
    return receipt


def test_a_click_is_taken_though_the_queue_changes_under_it(system: Journey, window: Opening) -> None:
    other, wanted = (reported(system, north).report_id for north in (0.0, 0.01))
    desk = DeskWindow(window(1440), IN_KRAPKOWICE)
    desk.open(other)
    desk.line(wanted).locator("a").hover()
    desk.page.mouse.down()
    with desk.page.expect_response(lambda answer: "/v1/cases?" in answer.url and answer.status == 200):
        assert system.change(wanted, "take-up", system.officer(IN_KRAPKOWICE, GARRISON)).is_success
    desk.page.mouse.up()
    expect(desk.line(wanted).locator("a")).to_have_attribute("aria-current", "true")
    expect(desk.line(wanted).locator(".status-verification")).to_be_visible(timeout=SLOW)


def test_who_opens_another_case_while_one_is_done_stays_there(system: Journey, window: Opening) -> None:
    done, chosen, _ = (reported(system, north).report_id for north in (0.02, 0.03, 0.04))
    desk = DeskWindow(window(1440), IN_KRAPKOWICE)
    held: list[Route] = []
    desk.page.route("**/take-up", lambda route: held.append(route))
    desk.open(done)
    with desk.page.expect_request("**/take-up"):
        desk.keys("p", "Enter")
    desk.line(chosen).locator("a").click()
    expect(desk.case).to_have_attribute("data-report", str(chosen))
    held[0].continue_()
    desk.says("Podjęto")
    expect(desk.line(done).locator(".status-verification")).to_be_visible(timeout=SLOW)
    expect(desk.line(chosen).locator("a")).to_have_attribute("aria-current", "true")
    expect(desk.case).to_have_attribute("data-report", str(chosen))


def test_who_goes_on_by_keys_while_one_is_refused_is_told_where_they_are(system: Journey, window: Opening) -> None:
    refused, next_one = (reported(system, north).report_id for north in (0.05, 0.06))
    desk = DeskWindow(window(1440, language="en"), IN_KRAPKOWICE)
    desk.window.forgive("status of 412")
    held: list[Route] = []
    desk.page.route("**/take-up", lambda route: held.append(route))
    desk.open(refused)
    with desk.page.expect_request("**/take-up"):
        desk.keys("p", "Enter")
    assert system.change(refused, "reject", system.officer(IN_KRAPKOWICE, GARRISON)).is_success
    desk.keys("j")
    expect(desk.case).to_have_attribute("data-report", str(next_one))
    desk.keys("o")
    expect(desk.page.locator(".action-form")).to_be_visible()
    held[0].continue_()
    desk.says("not done: Take up")
    expect(desk.page.locator(".action-form .notice")).to_have_count(0)
    expect(desk.case).to_have_attribute("data-report", str(next_one))
    desk.window.examine("told-elsewhere")
