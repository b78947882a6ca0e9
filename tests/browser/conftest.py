"""One running system and one Chromium for all browser tests; a window of its own for each person in a test."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest
from contracts.topics import SERVICES
from deploy.gazetteer import import_places
from deploy.stack.infrastructure import Stack
from deploy.stack.system import System
from journeys.journey import Journey
from playwright.sync_api import Browser, Playwright, expect, sync_playwright
from support.browser.window import Window, origins
from support.stack.processes import running_system

HERE = Path(__file__).parent
ARTEFACTS = HERE.parents[1] / ".artefacts" / "browser"
# No sandbox, as tests may run as root; pictures of maps are drawn without a graphics card; no name is looked up.
ARGUMENTS = [
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]
# As on machines whose graphics card is on a browser's list of broken ones.
NO_WEBGL = ["--disable-gpu", "--disable-3d-apis"]
# Windows are one sender to intake: a header that tells them apart would be one that a page may not send.
SETTINGS = {f"KMZB_INTAKE_REPORTS_PER_{span}": "1000" for span in ("HOUR", "DAY", "PLACE")}
SETTINGS["KMZB_INTAKE_PHOTOS_PER_HOUR"] = "1000"
# Websites of commands in tests are at localhost; 127.0.0.1 is somebody else's.
SETTINGS["KMZB_PUBLIC_MAP_EMBEDDING"] = "https:, http://localhost:*"
expect.set_options(timeout=15_000)  # everything else runs on the same machine
Opening = Callable[..., Window]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever stands in this folder needs a browser, and the first test waits for the system."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.browser)
            if not item.get_closest_marker("timeout"):
                item.add_marker(pytest.mark.timeout(180))


@pytest.fixture(scope="session")
def system(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    """All services with the districts of the whole country, and their users but those with a browser.

    `KMZB_SYSTEM=.stack` takes the one that `make dev` keeps running, so that an edited page is tried at once.
    """
    if running := os.environ.get("KMZB_SYSTEM"):
        with Journey(System.load(Path(running).absolute())) as journey:
            yield journey
        return
    stack: Stack = request.getfixturevalue("stack")
    root = tmp_path_factory.mktemp("browser")
    namespace = f"b{token_hex(3)}."
    with (
        running_system(stack, root, namespace, settings=SETTINGS, places=import_places) as system,
        Journey(system) as journey,
    ):
        yield journey


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """The system's Chromium."""
    with _launched(playwright, ARGUMENTS) as browser:
        yield browser


@pytest.fixture(scope="session")
def chromium_without_webgl(playwright: Playwright) -> Iterator[Browser]:
    """The same where nothing can be drawn by WebGL."""
    with _launched(playwright, [*ARGUMENTS, *NO_WEBGL]) as browser:
        yield browser


@contextmanager
def _launched(playwright: Playwright, arguments: list[str]) -> Iterator[Browser]:
    program = shutil.which("chromium")
    assert program, "make setup installs chromium"
    browser = playwright.chromium.launch(executable_path=program, args=arguments)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def artefacts() -> Path:
    """Where pictures are kept, of the last run only."""
    shutil.rmtree(ARTEFACTS, ignore_errors=True)
    ARTEFACTS.mkdir(parents=True)
    return ARTEFACTS


@pytest.fixture
def window(system: Journey, chromium: Browser, artefacts: Path, request: pytest.FixtureRequest) -> Iterator[Opening]:
    """Opens windows: `window(360, language="en", dark=True, motion=True, webgl=False, geolocation={…})`.

    More are options of a context.
    """
    opened: list[Window] = []
    folder = artefacts / re.sub(r"\W+", "-", request.node.name).strip("-")
    folder.mkdir(exist_ok=True)

    def open_window(
        width: int = 1440,
        *,
        language: str = "pl",
        dark: bool = False,
        motion: bool = False,
        webgl: bool = True,
        **more: Any,
    ) -> Window:
        browser: Browser = chromium if webgl else request.getfixturevalue("chromium_without_webgl")
        given = {
            "viewport": {"width": width, "height": 740 if width < 768 else 900},
            "locale": language,
            "timezone_id": "Europe/Warsaw",
            "color_scheme": "dark" if dark else "light",
            "reduced_motion": "no-preference" if motion else "reduce",
            **more,
        }
        opened.append(Window(browser.new_context(**given), origins(system.addresses, SERVICES), folder))
        return opened[-1]

    yield open_window
    for each in opened:
        each.close()
