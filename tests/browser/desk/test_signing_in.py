"""Who was refused, or has left, is asked who they are: their provider would know them, and say the same again."""

import json
from collections.abc import Mapping
from time import time
from urllib.parse import parse_qs, urlsplit

import pytest
from browser.conftest import Opening
from journeys.journey import Journey
from playwright.sync_api import Page, Route, expect
from support.browser.desk import SLOW, DeskWindow, sign_in
from support.browser.window import Window

from deploy import issuer

UNIT = "KMP-1661"
_KEEP = """(tokens) => sessionStorage.setItem("kmzb-desk-tokens", tokens)"""


def without_role(system: Journey) -> str:
    """What a tab keeps of an account that the issuer vouches for, and that is no officer's."""
    token = issuer.token(system.system.root / "issuer", role="guest", subject="guest")
    return json.dumps({"access": token, "refresh": None, "until": (time() + 3600) * 1000})


def asked(page: Page) -> Mapping[str, list[str]]:
    """What the desk asked of the issuer, whose page this is."""
    expect(page.get_by_role("heading", name="Development sign-in")).to_be_visible()
    return parse_qs(urlsplit(page.url).query)


def press(opened: Window, button: str) -> Mapping[str, list[str]]:
    opened.page.locator(button).click()
    return asked(opened.page)


@pytest.mark.parametrize(("width", "language"), [(360, "de"), (768, "uk")])
def test_who_has_no_role_signs_in_as_somebody_else(system: Journey, window: Opening, width: int, language: str) -> None:
    opened = window(width, language=language)
    opened.forgive("403")
    opened.open("casework", "/desk")
    opened.page.evaluate(_KEEP, without_role(system))
    opened.page.reload()
    expect(opened.page.locator("#sign-in-failed")).to_be_visible()
    expect(opened.page.locator("#sign-in-button")).to_have_text(
        {"de": "Mit anderem Konto anmelden", "uk": "Увійти з іншим обліковим записом"}[language]
    )
    assert opened.overflow() == 0
    opened.examine("no-role")
    assert press(opened, "#sign-in-button")["prompt"] == ["login"]
    opened.open("casework", "/desk")
    sign_in(opened.page, UNIT, "coordinator", "officer")
    expect(opened.page.locator("#who")).to_be_visible(timeout=SLOW)
    opened.page.evaluate("() => sessionStorage.removeItem('kmzb-desk-tokens')")
    opened.page.reload()
    assert "prompt" not in press(opened, "#sign-in-button"), "who was let in is not asked for a password again"


def test_the_page_of_today_tells_who_has_no_role(system: Journey, window: Opening) -> None:
    opened = window(360, dark=True)
    opened.forgive("403")
    opened.open("casework", "/desk/today")
    opened.page.evaluate(_KEEP, without_role(system))
    opened.page.reload()
    expect(opened.page.locator("#today-state")).to_contain_text("nie ma roli")
    opened.examine("today-no-role")
    assert press(opened, "#today-sign-in")["prompt"] == ["login"]


def test_who_signed_out_is_asked_and_so_is_whoever_the_provider_refused(system: Journey, window: Opening) -> None:
    desk = DeskWindow(window(768), UNIT)
    desk.page.locator("#sign-out").click()
    opened = desk.window
    expect(opened.page.locator("#sign-in-button")).to_be_visible()
    expect(opened.page.locator("#sign-in-failed")).to_be_hidden()
    question = press(opened, "#sign-in-button")
    assert question["prompt"] == ["login"]
    opened.page.goto(opened.url("casework", f"/desk?error=access_denied&state={question['state'][0]}"))
    expect(opened.page.locator("#sign-in-failed")).to_be_visible()
    assert press(opened, "#sign-in-button")["prompt"] == ["login"]


def test_a_provider_that_cannot_be_reached_is_said(window: Opening) -> None:
    opened = window(360, language="en")
    opened.forgive("ERR_FAILED")
    away: list[Route] = []

    def abort(route: Route) -> None:
        away.append(route)
        route.abort()

    opened.page.route("**/.well-known/openid-configuration", abort)
    opened.open("casework", "/desk")
    opened.page.locator("#sign-in-button").click()
    expect(opened.page.locator("#sign-in-failed")).to_contain_text("can't be reached")
    assert away
    opened.examine("unreachable")
