"""Streets that an operator has, beneath the reports: from a PMTiles file of theirs, or from their own tile server."""

import base64
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from secrets import token_hex
from threading import Thread

import pytest
from deploy.stack.infrastructure import Stack
from playwright.sync_api import Browser, FloatRect, Page
from support.browser.beside.streets import ZOOM, middle_of, street_tile, tile_of, write_streets
from support.browser.window import Window, origins
from support.stack.processes import running_system
from support.wait import eventually

TILE = tile_of(17.925, 50.668)
STREET = [255, 255, 255]
AROUND = 100
"""Pixels to each side of the crossing that are looked at."""
_COUNT = """async ([picture, colour]) => {
  const bitmap = await createImageBitmap(await (await fetch(`data:image/png;base64,${picture}`)).blob());
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
  context.drawImage(bitmap, 0, 0);
  const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
  let count = 0;
  for (let at = 0; at < data.length; at += 4) count += colour.every((value, index) => data[at + index] === value);
  return count;
}"""


@contextmanager
def from_a_file(folder: Path) -> Iterator[tuple[str, str]]:
    """The setting, and the address a browser asks for streets."""
    write_streets(folder / "opole.pmtiles", *TILE)
    yield str(folder / "opole.pmtiles"), ""


@contextmanager
def from_a_server(folder: Path) -> Iterator[tuple[str, str]]:
    class Tiles(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            there = self.path == f"/{ZOOM}/{TILE[0]}/{TILE[1]}.mvt"
            self.send_response(200 if there else 204)
            self.send_header("Access-Control-Allow-Origin", "*")
            self.end_headers()
            self.wfile.write(street_tile() if there else b"")

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Tiles) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        yield f"{address}/{{z}}/{{x}}/{{y}}.mvt", address
        server.shutdown()


def white(page: Page, counting: Page) -> int:
    """Pixels in the colour of streets around the crossing, which is in the middle of the map."""
    box = page.locator(".maplibregl-canvas").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    around = FloatRect(x=x - AROUND, y=y - AROUND, width=2 * AROUND, height=2 * AROUND)
    picture = base64.b64encode(page.screenshot(clip=around)).decode()
    count: int = counting.evaluate(_COUNT, [picture, STREET])
    return count


@pytest.mark.slow
@pytest.mark.parametrize("source", [from_a_file, from_a_server])
def test_streets_are_drawn_beneath_the_reports(
    source: Callable[[Path], AbstractContextManager[tuple[str, str]]],
    stack: Stack,
    chromium: Browser,
    artefacts: Path,
    tmp_path: Path,
) -> None:
    with source(tmp_path) as (setting, address):
        settings = {"KMZB_PUBLIC_MAP_STREETS": setting, "KMZB_PUBLIC_MAP_STREETS_ATTRIBUTION": "© somebody"}
        with running_system(stack, tmp_path, f"s{token_hex(3)}.", settings=settings, only=("public-map",)) as system:
            services = origins(system.addresses, ("public-map",)) | ({"streets": address} if address else {})
            context = chromium.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
            counting = chromium.new_page()
            window = Window(context, services, artefacts)
            longitude, latitude = middle_of(*TILE)
            window.open("public_map", f"/?longitude={longitude:.6f}&latitude={latitude:.6f}&zoom={ZOOM + 1}")
            # Two crossing roads some 7 pixels wide; without them nothing there is white.
            eventually(lambda: white(window.page, counting) > AROUND * 10, 60, what="streets")
            window.screenshot(f"streets-{source.__name__}")
            assert "© somebody" in window.page.locator(".map-attribution").inner_text()
            window.open("public_map", f"/?longitude={longitude + 0.2:.6f}&latitude={latitude:.6f}&zoom={ZOOM + 1}")
            eventually(lambda: window.page.locator(".maplibregl-canvas").is_visible())
            assert white(window.page, counting) < AROUND
            counting.close()
            window.close()
