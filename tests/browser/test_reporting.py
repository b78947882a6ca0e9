"""A citizen reports: by place name on a phone, by keyboard alone, without a connection; is stopped if it is urgent."""

import re
from time import monotonic

import pytest
from browser.conftest import Opening
from deploy.gazetteer import import_places
from journeys.journey import Journey
from playwright.sync_api import Page, expect
from support.browser.window import Window

RECEIPT = re.compile(r"/r/[\w-]{22}")
WITHIN_MS = 20_000


@pytest.fixture(scope="module", autouse=True)
def _places(system: Journey) -> None:
    """The official places can be searched."""
    import_places(system.addresses["KMZB_PUBLIC_MAP_POSTGRES_DSN"])


def choose_place(page: Page, name: str = "Opole") -> None:
    page.locator("#place-search").fill(name)
    page.locator("#place-options [role=option]").first.click()
    expect(page.locator("#place-words")).to_contain_text(name)
    expect(page.locator("#place-unit")).to_contain_text("Policji")


def fill_in(page: Page, description: str = "") -> None:
    """From the first step to the last, on a phone."""
    choose_place(page)
    page.locator("[data-next=place]").click()
    page.get_by_text("Przekraczanie dozwolonej prędkości", exact=True).click()
    page.locator("[data-next=category]").click()
    if description:
        page.locator("#description").fill(description)
    page.locator("[data-next=details]").click()


@pytest.fixture
def phone(window: Opening) -> Window:
    opened = window(360)
    opened.open("public_map", "/report")
    return opened


def test_a_citizen_reports_by_place_name_on_a_phone(phone: Window) -> None:
    page = phone.page
    phone.examine("place")
    began = monotonic()
    fill_in(page)
    expect(page.locator("#promises")).to_contain_text("podejmie")
    phone.examine("check")
    page.locator("#send").click()
    expect(page).to_have_url(RECEIPT, timeout=WITHIN_MS)
    taken = monotonic() - began
    expect(page.locator("h1")).to_contain_text("Komenda", timeout=WITHIN_MS)
    phone.examine("receipt")
    assert taken < 20, f"{taken:.1f} s for a report"
    assert page.evaluate("localStorage.length") == 0


def test_a_citizen_reports_by_keyboard_alone(window: Opening) -> None:
    opened = window(1440)
    opened.open("public_map", "/report")
    page = opened.page
    keys = page.keyboard
    page.locator("#place-search").focus()
    keys.type("Opole")
    keys.press("Enter")
    expect(page.locator("#place-unit")).to_contain_text("Policji")
    page.locator("#category-search").focus()
    keys.type("predkosc")
    keys.press("Enter")
    expect(page.locator("input[value=speeding]")).to_be_checked()
    opened.examine("wide")
    page.locator("#send").focus()
    keys.press("Enter")
    expect(page).to_have_url(RECEIPT, timeout=WITHIN_MS)


def test_what_could_not_be_sent_is_sent_once_the_connection_is_back(phone: Window) -> None:
    page, sent = phone.page, list[str]()
    fill_in(page)
    expect(page.locator("#promises")).not_to_be_empty()
    phone.forgive("Failed to load resource|ERR_INTERNET_DISCONNECTED|net::")
    phone.context.on("request", lambda r: sent.append(r.headers["idempotency-key"]) if r.method == "POST" else None)
    phone.context.set_offline(True)
    page.locator("#send").click()
    expect(page.locator("#sending")).to_contain_text("gdy wróci połączenie")
    phone.screenshot("offline")
    phone.context.set_offline(False)
    expect(page).to_have_url(RECEIPT, timeout=WITHIN_MS)
    assert len(set(sent)) == 1
    assert len(sent) >= 2


def test_a_draft_outlives_the_page(phone: Window) -> None:
    page = phone.page
    fill_in(page, "Auta pędzą tędy wieczorami")
    page.reload()
    page.goto(page.url.partition("#")[0])
    expect(page.locator("#place-words")).to_contain_text("Opole")
    expect(page.locator("#description")).to_have_value("Auta pędzą tędy wieczorami")


def test_words_that_read_like_an_emergency_stop_the_form(phone: Window) -> None:
    page = phone.page
    fill_in(page, "Na chodniku leży człowiek i nie oddycha")
    dialog = page.locator("#emergency")
    expect(dialog).to_be_visible()
    expect(dialog.locator("a[href='tel:112']")).to_be_focused()
    phone.examine("emergency")
    dialog.get_by_role("button", name="Wróć").click()
    expect(page.locator("#step-details")).to_be_visible()
    page.locator("[data-next=details]").click()
    dialog.locator("button[value=not-urgent]").click()
    expect(page.locator("#send")).to_be_visible()


def test_what_is_missing_is_said_at_its_field(window: Opening) -> None:
    opened = window(360)
    opened.open("public_map", "/report")
    page = opened.page
    page.locator("[data-next=place]").click()
    expect(page.locator("#place-search")).to_be_focused()
    expect(page.locator("#place-search")).to_have_attribute("aria-invalid", "true")
    opened.examine("missing")


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
