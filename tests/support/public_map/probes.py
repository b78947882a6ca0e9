"""Whatever somebody without a receipt can ask of the map, so that two maps can be compared by all they answer."""

import re
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any, NamedTuple

from contracts.policy.categories import catalogues
from contracts.statuses import Status
from fastapi import FastAPI
from fastapi.testclient import TestClient
from public_map.domain.reading.tiles import Tile, world_position
from starlette.routing import Route
from support.events import report_id
from support.public_map.public_lives import PLACE

CATEGORIES = sorted({category.code for catalogue in catalogues() for category in catalogue.category})
_NUMBERS = (*range(1, 100), *range(700, 710), *range(5001, 5100), 9000)
METRE = 1 / 111_320
WITHOUT_REPORTS = {
    "/livez", "/readyz", "/docs", "/openapi.json", "/design", "/accessibility", "/report", "/v1/promises",
    "/ogc", "/ogc/conformance", "/ogc/collections", "/ogc/collections/{collection}",
    "/open311/v2/discovery.{form}", "/open311/v2/services.{form}", "/open311/v2/services/{code}.{form}",
    "/v1/emergency-words", "/v1/locate", "/v1/places", "/v1/units", "/v1/units/{unit}", "/streets.pmtiles",
    "/data", "/data/{month}", "/data/{month}/{name}",
}  # fmt: skip
"""Routes that read no table of reports: catalogues, districts, places, texts, files of the operator's."""
FOR_HOLDERS = {"/r/{receipt}", "/v1/receipts/{receipt}", "/open311/v2/tokens/{token}.{form}"}
"""Routes that answer whoever holds a receipt, and nobody else."""
FROM_THE_TOPIC = {"/v1/live"}
"""Routes that repeat what is on the public topic."""


class Answer(NamedTuple):
    """All that a reader gets to see of an answer, but for the time of day."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def answers(reader: TestClient) -> dict[str, Answer]:
    """What the map answers to each probe, by its address."""
    return {address: _answer(reader, address) for address in probes()}


def untried_routes(api: FastAPI) -> set[str]:
    """Routes of the map that no probe asks and nobody has judged."""
    routes = {route.path for route in api.routes if isinstance(route, Route)}
    asked = [address.partition("?")[0] for address in probes()]
    patterns = {route: re.compile(re.sub(r"\{\w+\}", "[^/]+", route)) for route in routes}
    tried = {route for route, pattern in patterns.items() if any(map(pattern.fullmatch, asked))}
    return routes - tried - WITHOUT_REPORTS - FOR_HOLDERS - FROM_THE_TOPIC


def probes() -> Iterator[str]:
    """Addresses that ask for everything, for each category and status, near and in narrow boxes, tile by tile."""
    yield from ("/", "/u/KMP-1661", "/embed/u/KMP-1661", "/d/R1", "/v1/reports.geojson?limit=2000")
    for category in CATEGORIES:
        yield f"/v1/reports.geojson?limit=3&category={category}"
        yield f"/v1/tiles/7/{2251 >> 5}/{1377 >> 5}.mvt?category={category}"
        yield from (_nearby(category, east, north) for east, north in product((-250, -60, 0, 60, 250), repeat=2))
    for status in Status:
        yield f"/v1/reports.geojson?limit=2000&status={status}"
        yield f"/v1/tiles/12/2251/1377.mvt?status={status}"
    for z in range(23):
        yield f"/v1/tiles/{z}/{_tile(z).x}/{_tile(z).y}.mvt"
    for metres in (2, 30, 100, 400, 2000, 50_000):
        around = _box(metres)
        yield f"/v1/reports.geojson?limit=2000&bbox={around}"
        yield f"/v1/statistics?bbox={around}"
    yield from _open_data()
    yield from (f"/v1/statistics?{scope}" for scope in ("unit=KMP-1661", "garrison=OPO", "bbox=14,49,24,55"))


def _open_data() -> Iterator[str]:
    for form in ("json", "xml"):
        for what in ("requests", "servicerequestupdates"):
            yield f"/open311/v2/{what}.{form}?page_size=3"
            yield f"/open311/v2/{what}.{form}"
        yield from (f"/open311/v2/requests/{report_id(number)}.{form}" for number in (1, 5, 700, 5001, 9000))
    yield f"/open311/v2/requests.json?extensions=true&service_request_id={','.join(map(str, map(report_id, _NUMBERS)))}"
    for place in ("", "unit=KMP-1661", "category=parking,begging", f"bbox={_box(400)}", "status=confirmed"):
        yield f"/v1/exports/reports.csv?{place}"
        yield f"/v1/exports/reports.geojson?crs=EPSG:2180&{place}".rstrip("&")
        yield f"/v1/feeds/reports.atom?{place}"
    items = "/ogc/collections/reports/items"
    yield from (f"{items}?{asked}" for asked in ("limit=3", "limit=2000", f"bbox={_box(100)}", "datetime=../.."))
    yield from (f"{items}/{report_id(number)}" for number in (1, 5, 700, 5001, 9000))
    yield "/v1/statistics/months?unit=KMP-1661"
    yield from (f"/open311/v2/requests.json?service_code={category}" for category in CATEGORIES)


def _answer(reader: TestClient, address: str) -> Answer:
    answer = reader.get(address)
    headers = {name: value for name, value in answer.headers.items() if name != "date"}
    return Answer(answer.status_code, headers, answer.content)


def _nearby(category: str, east: float, north: float) -> str:
    place: dict[str, Any] = {"longitude": PLACE[0] + 1.6 * east * METRE, "latitude": PLACE[1] + north * METRE}
    return f"/v1/reports/nearby?category={category}&" + "&".join(f"{name}={at:.6f}" for name, at in place.items())


def _box(metres: float) -> str:
    east, north = 1.6 * metres * METRE, metres * METRE
    return f"{PLACE[0] - east:.6f},{PLACE[1] - north:.6f},{PLACE[0] + east:.6f},{PLACE[1] + north:.6f}"


def _tile(z: int) -> Tile:
    x, y = world_position(*PLACE)
    return Tile(z, x >> 32 - z, y >> 32 - z)
