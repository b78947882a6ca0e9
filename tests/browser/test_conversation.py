"""What a citizen and the coordinator say to each other after sending, each in their own window, live."""

import re

import pytest
from browser.conftest import Opening
from journeys.journey import Journey
from playwright.sync_api import Page, Route, expect
from support.browser.desk import SLOW, DeskWindow
from support.browser.window import Window
from support.wait import eventually

UNIT, GARRISON = "KMP-1661", "OPO"
OPOLE = (17.93, 50.66)
IN_GLUBCZYCE, GLUBCZYCE = "KPP-1602", (17.832, 50.202)
"""A unit of its own, whose queue holds nothing else."""
WORDS = {
    "pl": ("Po której stronie ulicy?", "Od strony szkoły, po osiemnastej.", "Byliśmy tam jeszcze dwa razy."),
    "uk": ("З якого боку вулиці?", "З боку школи, після шостої.", "Ми були там ще двічі."),
}
URGENT = "Na chodniku leży człowiek i nie oddycha"


def open_say(page: Page, what: str) -> None:
    page.locator(f"details.say:has([data-say={what}]) > summary").click()
    expect(page.locator(f"[data-say={what}] button")).to_be_visible()


def say(page: Page, what: str) -> None:
    page.locator(f"[data-say={what}] button").click()
    expect(page.locator(f"[data-say={what}]")).to_have_count(0, timeout=SLOW)  # the page followed


def written(desk: DeskWindow, key: str, words: str, state: str) -> None:
    """A letter, the words, Enter."""
    desk.keys(key)
    expect(desk.page.locator("#field-text")).to_be_focused(timeout=SLOW)
    desk.page.keyboard.type(words)
    desk.window.examine(state)
    desk.keys("Enter")
    expect(desk.page.locator("#field-text")).to_have_count(0, timeout=SLOW)


@pytest.mark.timeout(400)  # two windows, fifteen states, each looked at
@pytest.mark.parametrize("language", ["pl", "uk"])
def test_what_is_said_after_sending(system: Journey, window: Opening, language: str) -> None:
    sent = system.send(*OPOLE, description="Auta na chodniku.")
    eventually(lambda: system.case(sent.report_id, system.officer(UNIT, GARRISON)).is_success, 30)
    phone = window(360, language=language)
    phone.open("public_map", f"/r/{sent.receipt}")
    desk = DeskWindow(window(1440, language=language), UNIT)
    desk.open(sent.report_id)
    question, answer, upheld = WORDS[language]
    asked_and_answered(phone, desk, question, answer)
    expect(desk.line(sent.report_id).locator(".badge-success")).to_be_visible(timeout=SLOW)
    taken_back(phone, desk)
    contested(phone, desk, answer)
    expect(desk.page.locator("#queue li").first).to_have_attribute("data-report", str(sent.report_id), timeout=SLOW)
    desk.open(sent.report_id)
    expect(desk.case.locator(".talk li")).to_have_count(4, timeout=SLOW)
    desk.window.examine("desk-4-contested")
    written(desk, "y", upheld, "desk-5-uphold")
    expect(desk.line(sent.report_id)).to_have_count(0, timeout=SLOW)
    expect(phone.page.locator("#talk .letter").last).to_have_text(upheld, timeout=SLOW)
    phone.examine("7-upheld")
    expect(phone.page.locator(f'a[href*="continues={sent.report_id}"]')).to_be_visible()
    open_say(phone.page, "erasure")
    say(phone.page, "erasure")
    expect(phone.page.locator("#talk")).not_to_contain_text(question, timeout=SLOW)
    phone.examine("8-erased")


def asked_and_answered(phone: Window, desk: DeskWindow, question: str, answer: str) -> None:
    page = phone.page
    written(desk, "a", question, "desk-1-ask")
    expect(page.locator("#talk .letter")).to_have_text(question, timeout=SLOW)
    phone.examine("1-asked")
    page.locator("[data-say=answer] textarea").fill(answer)
    say(page, "answer")
    expect(page.locator(".talk-done")).to_be_visible()
    phone.examine("2-answered")
    expect(desk.case.locator(".talk")).to_contain_text(answer, timeout=SLOW)  # nobody pressed anything
    desk.window.examine("desk-2-answered")


def taken_back(phone: Window, desk: DeskWindow) -> None:
    open_say(phone.page, "withdrawal")
    phone.examine("3-take-back")
    say(phone.page, "withdrawal")
    expect(phone.page.locator("#talk .notice")).to_be_visible()
    phone.examine("4-taken-back")
    expect(desk.case.locator(".case-head .notice-warning")).to_be_visible(timeout=SLOW)
    desk.window.examine("desk-3-taken-back")


def contested(phone: Window, desk: DeskWindow, reason: str) -> None:
    """The coordinator takes it for a joke; its sender does not."""
    page = phone.page
    desk.keys("o", "Enter")
    expect(page.locator("#live")).to_have_attribute("data-status", "rejected", timeout=SLOW)
    open_say(page, "contest")
    page.locator("#reason").fill(reason)
    phone.examine("5-contest")
    say(page, "contest")
    expect(page.locator("#contested-title")).to_be_visible()
    phone.examine("6-contested")
    assert phone.overflow() == 0


def test_a_new_report_leads_to_the_one_it_goes_on_from(system: Journey, window: Opening) -> None:
    officer = system.officer(UNIT, GARRISON)
    first = system.send(*OPOLE)
    eventually(lambda: system.case(first.report_id, officer).is_success, 30)
    assert system.change(first.report_id, "reject", officer).is_success
    later = system.send(*OPOLE, continues=str(first.report_id))
    eventually(lambda: system.case(later.report_id, officer).is_success, 30)
    desk = DeskWindow(window(1440, language="pl"), UNIT)
    desk.open(later.report_id)
    link = desk.case.locator(f'.related a[href="?open={first.report_id}"]')
    expect(link).to_be_visible(timeout=SLOW)
    desk.window.examine("desk-goes-on")
    link.click()
    desk.status("rejected")
    expect(desk.case.locator(f'.related a[href="?open={later.report_id}"]')).to_be_visible(timeout=SLOW)
    desk.window.examine("desk-reported-anew")


@pytest.mark.parametrize("width", [360, 768, 1440])
def test_what_reads_like_an_emergency_is_first_and_alarms(system: Journey, window: Opening, width: int) -> None:
    desk = DeskWindow(window(width, language="pl"), UNIT)
    expect(desk.page.locator("#emergencies")).to_be_hidden()
    sent = system.send(*OPOLE, description=URGENT)
    alarm = desk.page.locator("#emergencies")
    expect(alarm).to_be_visible(timeout=SLOW)
    expect(desk.page.locator("#queue li").first).to_have_attribute("data-report", str(sent.report_id), timeout=SLOW)
    desk.window.examine("desk-alarm")
    alarm.get_by_role("button").click()
    expect(desk.case.locator(".case-head .notice-error")).to_be_visible(timeout=SLOW)
    desk.window.examine("desk-alarm-open")
    assert desk.window.overflow() == 0
    desk.page.locator("[data-change=take-up]").click()
    desk.page.locator(".action-form [type=submit]").click()
    expect(alarm).to_be_hidden(timeout=SLOW)


def test_what_is_typed_stays_in_the_form_whatever_is_read_meanwhile(system: Journey, window: Opening) -> None:
    """Letters act: were the focus taken away when the next case has been read, words would become decisions."""
    officer = system.officer(IN_GLUBCZYCE, GARRISON)
    sent = [system.send(*GLUBCZYCE) for _ in range(2)]
    eventually(lambda: all(system.case(each.report_id, officer).is_success for each in sent), 30)
    opened = window(1440, language="pl")
    held: list[Route] = []
    read: list[str] = []

    def hold_the_next(route: Route) -> None:
        """The case that opens first is read twice at most; what is read ahead of it waits."""
        read.append(route.request.url)
        if len(set(read)) > 1:
            held.append(route)
        else:
            route.continue_()

    opened.page.route(re.compile(r"/v1/cases/[0-9a-f-]{36}(\?.*)?$"), hold_the_next)
    desk = DeskWindow(opened, IN_GLUBCZYCE)
    expect(desk.case.locator(".actions-bar")).to_be_visible(timeout=SLOW)
    while not held:
        opened.page.wait_for_event("request", timeout=SLOW)  # the desk asks for its list every other second
    desk.keys("a")
    expect(desk.page.locator("#field-text")).to_be_focused(timeout=SLOW)
    for route in held:
        with opened.page.expect_response(route.request.url):
            route.continue_()
    opened.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    desk.page.keyboard.type("Opowiedz o tym")
    expect(desk.page.locator("#field-text")).to_have_value("Opowiedz o tym")
