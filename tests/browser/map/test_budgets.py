"""What pages cost people: bytes of the map's first look, seconds until the form is usable on a poor connection."""

from statistics import median
from time import monotonic

import pytest
from browser.conftest import Opening
from playwright.sync_api import expect
from support.browser.map_page import SLOW, MapPage
from support.wait import eventually

pytestmark = pytest.mark.timeout(400)  # each state on six screens, each looked at

FIRST_LOAD = 700_000
"""Bytes, compressed, headers included."""
USABLE_SECONDS = 1.5
TRIES = 5
LAND = (0xFA, 0xF8, 0xF3)
_NEEDED = (
    "maplibre-gl.mjs",
    "maplibre-gl-worker.mjs",
    "maplibre-gl.css",
    "poland.pmtiles",
    "/v1/tiles/",
    "/v1/reports.geojson",
)


@pytest.mark.parametrize("width", [360, 1440])
def test_the_first_look_at_the_map_is_light(window: Opening, width: int) -> None:
    shown = MapPage(window(width))
    asked: list[str] = []
    shown.window.context.on("requestfinished", lambda request: asked.append(request.url))
    shown.window.open("public_map")
    eventually(lambda: shown.shares(LAND)[0] > 0.2, SLOW, what="a map")
    expect(shown.page.locator("#listing")).to_have_attribute("aria-busy", "false")
    # What counts is in it: what a worker asked for, too.
    eventually(lambda: not [part for part in _NEEDED if not any(part in url for url in asked)], what="all of it")
    weight = shown.window.weight()
    print(f"first load of the map at {width} pixels: {weight / 1000:.1f} kB in {len(asked)} answers")
    assert weight <= FIRST_LOAD


def test_the_form_can_be_used_soon_on_a_poor_connection(window: Opening) -> None:
    taken = [seconds_until_usable(window) for _ in range(TRIES)]
    print(
        "the form on slow 3G: " + ", ".join(f"{seconds:.2f}" for seconds in taken) + f" s, median {median(taken):.2f}"
    )
    assert median(taken) <= USABLE_SECONDS


def seconds_until_usable(window: Opening) -> float:
    """From the address to a field that searches what is typed: a browser that never was here, nothing kept."""
    opened = window(360)
    opened.slow_down()
    began = monotonic()
    opened.page.goto(opened.url("public_map", "/report"), wait_until="commit")
    # The form's script shows the first step once all of it is there. Not by expect(), which looks now and then.
    opened.page.wait_for_selector("#step-place.is-current #place-search")
    seconds = monotonic() - began
    opened.page.close()
    return seconds
