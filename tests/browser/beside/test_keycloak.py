"""Officers sign in at Keycloak, the reference identity provider, with the realm we ship."""

from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex

import pytest
from deploy.stack.infrastructure import Stack
from playwright.sync_api import Browser, Page, Response, expect
from support.browser.beside.keycloak import Keycloak, running_keycloak
from support.browser.window import Window, origins
from support.stack.processes import running_system

PASSWORD = "correct horse battery staple"
OFFICERS = {
    "nowak": {"role": "coordinator", "garrison": "OPO", "unit": "KMP-1661"},
    "guest": {},
}
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def keycloak(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keycloak]:
    with running_keycloak(tmp_path_factory.mktemp("keycloak")) as started:
        yield started


@pytest.fixture(scope="module")
def services(stack: Stack, keycloak: Keycloak, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Casework, which believes Keycloak; and where it is."""
    root, namespace = tmp_path_factory.mktemp("casework"), f"k{token_hex(3)}."
    with running_system(stack, root, namespace, settings=keycloak.settings, only=("casework",)) as system:
        keycloak.make_realm(system.addresses["KMZB_CASEWORK_URL"])
        for name, attributes in OFFICERS.items():
            keycloak.make_officer(name, PASSWORD, attributes)
        yield origins(system.addresses, ("casework",))


@pytest.fixture
def desk(services: dict[str, str], chromium: Browser, artefacts: Path) -> Iterator[Window]:
    folder = artefacts / "keycloak"
    folder.mkdir(exist_ok=True)
    window = Window(chromium.new_context(locale="pl"), services, folder)
    window.open("casework", "/desk")
    window.page.locator("#sign-in-button").click()
    yield window
    window.close()


def sign_in(page: Page, name: str) -> None:
    page.locator("#username").fill(name)
    page.locator("#password").fill(PASSWORD)
    page.locator("#kc-login").click()


def test_an_officer_works_and_the_token_is_renewed(desk: Window, services: dict[str, str]) -> None:
    sign_in(desk.page, "nowak")
    expect(desk.page.locator("#who")).to_be_visible()
    expect(desk.page.locator("#queue-state")).not_to_be_empty()
    with desk.page.expect_response(lambda answer: answer.url.endswith("/token")) as renewed:
        # As if most of its five minutes had passed.
        desk.page.evaluate(
            """() => { const tokens = JSON.parse(sessionStorage.getItem("kmzb-desk-tokens"));
            sessionStorage.setItem("kmzb-desk-tokens", JSON.stringify({ ...tokens, until: Date.now() + 20000 })); }"""
        )
    assert renewed.value.ok
    cases, by_it = f"{services['casework']}/v1/cases", f"Bearer {renewed.value.json()['access_token']}"

    def asks_by_it(answer: Response) -> bool:
        return answer.url.startswith(cases) and answer.request.headers.get("authorization") == by_it

    with desk.page.expect_response(asks_by_it) as asked:
        pass  # the desk asks for its list every second
    assert asked.value.status in (200, 304)
    expect(desk.page.locator("#failure")).to_be_hidden()


def test_who_signs_out_has_left_the_provider_too(desk: Window) -> None:
    sign_in(desk.page, "nowak")
    expect(desk.page.locator("#who")).to_be_visible()
    other = desk.context.new_page()  # a tab that knows nothing of the first
    other.goto(desk.url("casework", "/desk"))
    other.locator("#sign-in-button").click()
    expect(other.locator("#who")).to_be_visible()  # Keycloak knows the officer, and asks for nothing
    other.locator("#sign-out").click()
    expect(other.locator("#sign-in-button")).to_be_visible()
    third = desk.context.new_page()
    third.goto(desk.url("casework", "/desk"))
    third.locator("#sign-in-button").click()
    expect(third.locator("#password")).to_be_visible()


def test_who_has_no_role_is_told_so_and_can_be_somebody_else(desk: Window) -> None:
    desk.forgive("403")
    with desk.page.expect_response(lambda answer: "/v1/" in answer.url) as refused:
        sign_in(desk.page, "guest")
    assert refused.value.status == 403
    expect(desk.page.locator("#sign-in-failed")).to_contain_text("nie ma roli")
    expect(desk.page.locator("#queue li")).to_have_count(0)
    desk.screenshot("no-role")
    desk.page.locator("#sign-in-button").click()
    expect(
        desk.page.locator("#password")
    ).to_be_visible()  # not the same refusal at once: Keycloak knows the guest still
    desk.screenshot("asked-again")
    desk.page.locator("#reset-login").click()
    sign_in(desk.page, "nowak")
    expect(desk.page.locator("#who")).to_be_visible()


def test_a_wrong_password_signs_nobody_in(desk: Window) -> None:
    desk.page.locator("#username").fill("nowak")
    desk.page.locator("#password").fill("wrong")
    desk.page.locator("#kc-login").click()
    expect(desk.page.locator("#input-error, .pf-m-error").first).to_be_visible()
    desk.open("casework", "/desk")
    expect(desk.page.locator("#sign-in-button")).to_be_visible()
