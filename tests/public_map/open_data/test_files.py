"""Files of reports: the same as the map, at any length in the same memory, in either reference system."""

import asyncio
import csv
import io
import math
import tracemalloc
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from chassis.health import Health
from chassis.postgres import Database
from fastapi.testclient import TestClient
from public_map.api.application import create_api
from public_map.api.open_data.files import PART
from public_map.settings import Settings
from support.public_map.public_lives import Life

MANY = 60_000
FILL = """
    insert into public_report (report_id, version, category, status, longitude, latitude, submitted_at, changed_at,
        garrison, unit, unit_name, supporters, visible_until)
    select gen_random_uuid(), 1, 'parking', 'new', 14 + 10 * random(), 49 + 5 * random(), at, at,
        'OPO', 'KMP-1661', 'Komenda Miejska Policji w Opolu', 0, null
    from generate_series(1, %s) as number, lateral (select now() - number * interval '1 minute' as at) as minute
"""


def rows_of(answer: Any) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""), delimiter=";"))


def test_files_map_and_gis_say_the_same(open_data: TestClient, lives: list[Life]) -> None:
    on_map = open_data.get("/v1/reports.geojson").json()["features"]
    assert len(on_map) == len(lives)
    in_file = open_data.get("/v1/exports/reports.geojson").json()["features"]
    for one in in_file:
        one["properties"]["report_id"] = one["id"]
    assert in_file == on_map
    assert open_data.get("/ogc/collections/reports/items?limit=2000").json()["features"] == on_map
    table = rows_of(open_data.get("/v1/exports/reports.csv"))
    for row, feature in zip(table, on_map, strict=True):
        said = feature["properties"]
        assert [float(row["longitude"]), float(row["latitude"])] == feature["geometry"]["coordinates"]
        for name in (
            "report_id",
            "category",
            "category_name",
            "status",
            "status_name",
            "unit",
            "unit_name",
            "garrison",
        ):
            assert row[name] == said[name]
    requests = open_data.get("/open311/v2/requests.json").json()
    assert {request["service_request_id"] for request in requests} == {feature["id"] for feature in on_map}


@pytest.mark.parametrize(
    "asked",
    ["", "category=begging", "status=confirmed,new", "bbox=17.91,50.6,17.95,50.7", "since=2020-01-01T00:00:00Z"],
)
def test_the_maps_filters_are_the_files(open_data: TestClient, lives: list[Life], asked: str) -> None:
    on_map = {feature["id"] for feature in open_data.get(f"/v1/reports.geojson?{asked}").json()["features"]}
    assert on_map
    assert [row["report_id"] for row in rows_of(open_data.get(f"/v1/exports/reports.csv?{asked}"))] == sorted(on_map)


def test_a_powiat_is_its_ground_and_a_unit_what_it_answers_for(open_data: TestClient, lives: list[Life]) -> None:
    town, county = (
        {row["category"] for row in rows_of(open_data.get(f"/v1/exports/reports.csv?powiat={code}"))}
        for code in ("1661", "1609")
    )
    assert (town, county) == ({"begging"}, {"parking"})
    assert len(rows_of(open_data.get("/v1/exports/reports.csv?unit=KMP-1661"))) == len(lives)
    assert rows_of(open_data.get("/v1/exports/reports.csv?unit=KPP-0201")) == []


def test_metres_of_the_polish_system_on_request(open_data: TestClient, lives: list[Life]) -> None:
    answer = open_data.get("/v1/exports/reports.geojson?crs=EPSG:2180").json()
    assert answer["crs"] == {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2180"}}
    degrees = open_data.get("/v1/exports/reports.geojson").json()
    assert "crs" not in degrees
    table = rows_of(open_data.get("/v1/exports/reports.csv?crs=EPSG:2180"))
    assert "longitude" not in table[0]
    for row, feature, there in zip(table, answer["features"], degrees["features"], strict=True):
        [easting, northing] = feature["geometry"]["coordinates"]
        assert [float(row["easting"]), float(row["northing"])] == [easting, northing]
        [longitude, latitude] = there["geometry"]["coordinates"]
        assert easting == pytest.approx(500_000 + (longitude - 19) * 70_560, abs=600)
        assert northing == pytest.approx(-5_300_000 + 0.9993 * arc(latitude), abs=700)


def arc(latitude: float) -> float:
    """Metres along a meridian from the equator on GRS 80; beside the central one a northing is some 560 m more here."""
    radians = math.radians(latitude)
    return 111_132.95 * latitude - 16_038.51 * math.sin(2 * radians) + 16.83 * math.sin(4 * radians)


def test_nothing_is_a_file_too(open_data: TestClient) -> None:
    assert open_data.get("/v1/exports/reports.geojson").json() == {"type": "FeatureCollection", "features": []}
    text = open_data.get("/v1/exports/reports.csv").content.decode("utf-8-sig")
    assert text.startswith("report_id;version;category;")
    assert text.count("\r\n") == 1


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ("powiat=9999", "powiat"),
        ("powiat=opole", "powiat"),
        ("crs=EPSG:3857", "crs"),
        ("unit=%00", "unit"),
        ("bbox=1", "bbox"),
        ("limit=5", "limit"),
    ],
)
def test_what_makes_no_sense_is_named(open_data: TestClient, asked: str, named: str) -> None:
    answer = open_data.get(f"/v1/exports/reports.csv?{asked}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == named


def test_without_districts_no_powiat_is_known_yet(reader: TestClient) -> None:
    assert reader.get("/v1/exports/reports.csv?powiat=1661").status_code == 503


@pytest.mark.long
def test_a_file_of_any_length_is_made_in_the_same_memory(store: Database) -> None:
    api = create_api(store, Settings(kafka_bootstrap="localhost:1", postgres_dsn=store.dsn), Health())
    lines, peaks = [0], []

    async def count(message: Any) -> None:
        lines[0] += message.get("body", b"").count(b"\n")

    for more in (2 * PART, MANY):
        fill(store, more)
        download(api, count)  # once before, so that what is made once is not counted
        lines[0] = 0
        tracemalloc.start()
        download(api, count)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert lines[0] == 1 + 2 * PART + MANY
    assert peaks[1] < 1.5 * peaks[0], peaks


def test_what_changes_while_a_file_is_read_loses_and_repeats_nothing(store: Database) -> None:
    fill(store, 2 * PART)
    settings = Settings(kafka_bootstrap="localhost:1", postgres_dsn=store.dsn)
    ids: list[str] = []

    async def read(message: Any) -> None:
        if not ids and message.get("body"):
            with store.transaction() as connection:
                connection.execute("update public_report set version = 2")
        text = message.get("body", b"").decode("utf-8-sig")
        ids.extend(line.partition(";")[0] for line in text.split("\r\n") if line)

    download(create_api(store, settings, Health()), read)
    assert len(ids) == len(set(ids)) == 1 + 2 * PART


def fill(store: Database, count: int) -> None:
    with store.transaction() as connection:
        connection.execute(FILL.encode(), (count,))


def download(api: Any, read: Callable[[Any], Awaitable[None]]) -> None:
    """Have a file made by the whole application, keeping none of it but what `read` does."""
    scope: dict[str, Any] = {
        "type": "http", "method": "GET", "path": "/v1/exports/reports.csv", "raw_path": b"", "query_string": b"",
        "headers": [], "client": ("203.0.113.9", 1), "server": ("x", 1), "scheme": "http", "http_version": "1.1",
        "root_path": "", "state": {},
    }  # fmt: skip

    async def receive() -> dict[str, Any]:
        if scope["state"].get("asked"):
            await asyncio.Event().wait()
        scope["state"]["asked"] = True
        return {"type": "http.request", "body": b"", "more_body": False}

    asyncio.run(api(scope, receive, read))
