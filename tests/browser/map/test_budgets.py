"""What the map costs people: the bytes of its first look."""

import pytest
from browser.conftest import Opening
from playwright.sync_api import expect
from support.browser.map_page import SLOW, MapPage
from support.wait import eventually

pytestmark = pytest.mark.timeout(400)  # each state on six screens, each looked at

FIRST_LOAD = 700_000
"""Bytes, compressed, headers included."""
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
