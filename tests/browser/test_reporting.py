"""The form where something comes in between: no connection, a reload, an emergency, a field left out, no map."""

import re

import pytest
from browser.conftest import Opening
from journeys.journey import OPOLE, Journey
from playwright.sync_api import Route, expect
from support.browser.people import Citizen
from support.browser.window import Window

LATER = "**/report/later.js"
"""What the steps after the first one need."""


def fill_in(citizen: Citizen, description: str = "") -> None:
    """From the first step to the last, on a phone."""
    citizen.search("opole", "Opole")
    expect(citizen.page.locator("#place-unit")).to_contain_text("Policji")
    citizen.go_on("place")
    citizen.choose_category("speeding")
    citizen.go_on("category")
    if description:
        citizen.describe(description)
    citizen.go_on("details")


@pytest.fixture
def phone(window: Opening) -> Window:
    opened = window(360)
    opened.open("public_map", "/report")
    return opened


def test_who_has_just_sent_sees_the_page_come_up_by_itself(window: Opening, system: Journey) -> None:
    receipt, opened = system.send(*OPOLE), window(360)
    awaited = opened.url("public_map", f"/r/{'x' * 22}?sent=1")
    address = opened.url("public_map", f"/r/{receipt.receipt}")
    opened.open("public_map", f"/r/{'x' * 22}?sent=1")
    opened.examine("awaited")

    def not_yet(route: Route) -> None:
        route.fulfill(response=route.fetch(url=awaited))

    opened.context.route(f"{address}?sent=1", not_yet, times=3)
    opened.page.goto(f"{address}?sent=1")
    expect(opened.page.locator("#live")).to_have_attribute("data-status", "unknown")
    expect(opened.page.locator("#live")).to_have_attribute("data-status", "new")
    expect(opened.page).to_have_url(address)


def test_a_receipt_that_cannot_be_renewed_says_of_when_it_is(window: Opening, system: Journey) -> None:
    receipt, opened = system.send(*OPOLE), window(360)
    opened.open("public_map", f"/r/{receipt.receipt}")
    Citizen(opened).receipt()
    opened.forgive("Failed to load resource|ERR_INTERNET_DISCONNECTED|net::")
    old = opened.page.locator("#old")
    expect(old).to_be_hidden()
    opened.context.set_offline(True)
    expect(old).to_contain_text("Nie ma teraz połączenia. Tak było o")
    assert opened.overflow() == 0
    opened.screenshot("old")
    opened.context.set_offline(False)
    expect(old).to_be_hidden()


def test_what_could_not_be_sent_is_sent_once_the_connection_is_back(phone: Window) -> None:
    citizen, page, sent = Citizen(phone), phone.page, list[str]()
    fill_in(citizen)
    expect(page.locator("#promises")).not_to_be_empty()
    phone.forgive("Failed to load resource|ERR_INTERNET_DISCONNECTED|net::")
    phone.context.on("request", lambda r: sent.append(r.headers["idempotency-key"]) if r.method == "POST" else None)
    phone.context.set_offline(True)
    page.locator("#send").click()
    expect(page.locator("#sending")).to_contain_text("gdy wróci połączenie")
    phone.screenshot("offline")
    phone.context.set_offline(False)
    citizen.receipt()
    assert page.evaluate("localStorage.length") == 0
    assert len(set(sent)) == 1
    assert len(sent) >= 2


def test_a_draft_outlives_the_page(phone: Window) -> None:
    page = phone.page
    fill_in(Citizen(phone), "Auta pędzą tędy wieczorami")
    page.reload()
    page.goto(page.url.partition("#")[0])
    expect(page.locator("#place-words")).to_contain_text("Opole")
    expect(page.locator("#description")).to_have_value("Auta pędzą tędy wieczorami")


def test_words_that_read_like_an_emergency_stop_the_form(phone: Window) -> None:
    page = phone.page
    fill_in(Citizen(phone), "Na chodniku leży człowiek i nie oddycha")
    dialog = page.locator("#emergency")
    expect(dialog).to_be_visible()
    expect(dialog.locator("a[href='tel:112']")).to_be_focused()
    phone.examine("emergency")
    dialog.get_by_role("button", name="Wróć").click()
    expect(page.locator("#step-details")).to_be_visible()
    page.locator("[data-next=details]").click()
    dialog.locator("button[value=not-urgent]").click()
    expect(page.locator("#send")).to_be_visible()


def test_who_goes_on_before_all_of_the_form_is_there_waits_for_it(window: Opening) -> None:
    opened, held = window(360), list[Route]()
    opened.page.route(LATER, lambda route: held.append(route))
    opened.open("public_map", "/report")
    citizen, page = Citizen(opened), opened.page
    citizen.search("opole", "Opole")
    citizen.go_on("place")
    expect(page.locator("#place-unit")).to_contain_text("Policji")
    expect(page.locator("#step-category")).to_be_hidden()
    held[0].continue_()
    expect(page.locator("#step-category")).to_be_visible()


def test_where_not_all_of_the_form_can_be_had_it_says_so_and_loses_nothing(window: Opening) -> None:
    opened = window(360)
    opened.forgive("ERR_FAILED")
    opened.page.route(LATER, lambda route: route.abort())
    opened.open("public_map", "/report")
    citizen, page = Citizen(opened), opened.page
    citizen.search("opole", "Opole")
    citizen.go_on("place")
    expect(page.locator("#place-notice")).to_contain_text("wczytaj stronę ponownie")
    opened.examine("not-all-of-it")
    page.unroute(LATER)
    page.reload()
    expect(page.locator("#place-words")).to_contain_text("Opole")
    citizen.go_on("place")
    expect(page.locator("#step-category")).to_be_visible()


def test_what_is_missing_is_said_at_its_field(window: Opening) -> None:
    opened = window(360)
    opened.open("public_map", "/report")
    page = opened.page
    page.locator("[data-next=place]").click()
    expect(page.locator("#place-search")).to_be_focused()
    expect(page.locator("#place-search")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#place-notice")).to_be_empty()  # it is said once
    opened.examine("missing")
    citizen = Citizen(opened)
    citizen.search("opole", "Opole")
    expect(page.locator(".field-error")).to_have_count(0)
    expect(page.locator("#place-search")).not_to_have_attribute("aria-invalid", "true")
    citizen.go_on("place")
    citizen.choose_category("speeding")
    citizen.go_on("category")
    citizen.describe("x" * 501)
    citizen.go_on("details")
    expect(page.locator("#description-error")).to_have_text("Za długie: skróć do 500 znaków.")
    opened.examine("too-long")
    citizen.describe("x" * 500)
    expect(page.locator(".field-error")).to_have_count(0)


def test_the_form_is_light(window: Opening) -> None:
    opened = window(360)
    opened.context.route(re.compile("vendor|pmtiles|/map/"), lambda route: route.abort())
    opened.forgive("ERR_FAILED|Failed to")
    opened.open("public_map", "/report")
    expect(opened.page.locator("#place-search")).to_be_visible()
    opened.page.wait_for_load_state("networkidle")
    weight = opened.weight()
    print(f"the form: {weight / 1000:.1f} kB")
    assert weight <= 80_000
