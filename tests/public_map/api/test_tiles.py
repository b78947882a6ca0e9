"""Vector tiles: what is public, each report in exactly one tile, and never older than what has changed since."""

import gzip
import math
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from chassis import clock
from chassis.postgres import Database
from contracts.events.cases import CaseChange, CaseConfirmed, CaseCorrected, CaseEliminated, CaseOpened, CaseTakenUp
from fastapi.testclient import TestClient
from public_map.domain.reading.tiles import Tile
from support.public_map.public_lives import DAY, PLACE, Life, feed, many_lives
from support.public_map.public_topic import reports_on_map
from support.public_map.vector_tiles import layers
from support.wait import eventually

Z12 = (12, 2251, 1377)  # the tile of Opole


def tile(reader: TestClient, z: int, x: int, y: int, **asked: Any) -> list[dict[str, Any]]:
    answer = reader.get(f"/v1/tiles/{z}/{x}/{y}.mvt", params=asked)
    assert answer.status_code in (200, 204), answer.text
    return next(iter(layers(answer.content).values()), []) if answer.content else []


def whole_country(reader: TestClient, z: int, **asked: Any) -> list[dict[str, Any]]:
    """Everything in all tiles of a zoom that hold a place in Opole or near."""
    around = Tile(z, Z12[1] >> 12 - z, Z12[2] >> 12 - z) if z < 12 else Tile(z, Z12[1] << z - 12, Z12[2] << z - 12)
    span = max(1, 1 << z - 12) if z >= 12 else 1
    return [
        feature
        for x in range(around.x, around.x + span)
        for y in range(around.y, around.y + span)
        for feature in tile(reader, z, x, y, **asked)
    ]


def test_from_zoom_12_on_each_report_is_in_exactly_one_tile(store: Database, reader: TestClient) -> None:
    feed(store, [event for life in many_lives(clock.now()) for event in life])
    shown = reports_on_map(store)
    for z in (12, 13, 14):
        found = whole_country(reader, z)
        assert sorted(feature["id"] for feature in found) == sorted(shown)
        for feature in found:
            assert feature["status"] == shown[feature["id"]].status
            assert feature["category"] == shown[feature["id"]].category
            assert feature["supporters"] == shown[feature["id"]].supporters
            assert all(0 <= place < 4096 for place in feature["at"])


@pytest.mark.parametrize("z", range(12))
def test_below_they_are_counted_in_clusters(store: Database, reader: TestClient, z: int) -> None:
    feed(store, [event for life in many_lives(clock.now()) for event in life])
    shown = [report.status.value for report in reports_on_map(store).values()]
    [cluster] = whole_country(reader, z)
    assert cluster["count"] == len(shown)
    for status in ("new", "verification", "confirmed", "unconfirmed", "referred", "eliminated"):
        assert cluster[status] == shown.count(status)
    assert "rejected" not in cluster
    [of_one] = whole_country(reader, z, category="parking", status="new,confirmed")
    assert of_one["count"] == of_one["new"] + of_one["confirmed"] > 0
    since = (clock.now() - 20 * DAY).isoformat()
    assert sum(c["count"] for c in whole_country(reader, z, since=since)) == sum(
        report.changed_at > clock.now() - 20 * DAY for report in reports_on_map(store).values()
    )


def test_a_cluster_stands_at_the_mean_place_of_its_reports(store: Database, reader: TestClient) -> None:
    feed(store, [Life(n, clock.now() - DAY, place=(17.9 + n / 1000, 50.67)).change(CaseOpened) for n in range(1, 4)])
    [cluster] = whole_country(reader, 11)
    singles = [feature["at"] for feature in whole_country(reader, 12)]
    for axis in (0, 1):
        offset = 4096 * (Z12[1 + axis] & 1)
        mean = sum(offset + at[axis] for at in singles) / len(singles) / 2
        assert abs(cluster["at"][axis] - mean) <= 1


def test_a_kept_tile_follows_every_change(store: Database, reader: TestClient) -> None:
    def shown() -> tuple[list[str], list[int]]:
        singles, clusters = whole_country(reader, 12), whole_country(reader, 7)
        statuses = [feature["status"] for feature in singles]
        return statuses, [cluster[status] for cluster in clusters for status in statuses or ["count"]]

    life = Life(1, clock.now() - DAY)
    assert shown() == ([], [])
    changes: list[tuple[type[CaseChange], str]] = [
        (CaseOpened, "new"), (CaseTakenUp, "verification"), (CaseConfirmed, "confirmed")
    ]  # fmt: skip
    for kind, status in changes:
        feed(store, [life.change(kind)])
        expected = [status], [1]
        eventually(partial(is_shown, shown, expected))
    feed(store, [life.change(CaseCorrected, category="drug-use")])
    eventually(partial(is_shown, shown, ([], [])))


def is_shown(shown: Callable[[], object], expected: object) -> bool:
    return shown() == expected


def test_what_is_over_is_in_no_tile_though_it_is_not_deleted_yet(store: Database, reader: TestClient) -> None:
    over, stays = (Life(number, clock.now() - DAY) for number in (1, 2))
    feed(store, [life.change(kind) for life in (over, stays) for kind in (CaseOpened, CaseTakenUp, CaseConfirmed)])
    feed(store, [over.change(CaseEliminated)])
    with store.transaction() as connection:
        connection.execute("update public_report set visible_until = now() where visible_until is not null")
    for z in range(12):
        [cluster] = whole_country(reader, z)
        assert (cluster["count"], cluster["confirmed"], cluster["eliminated"]) == (1, 1, 0)
    assert [feature["id"] for feature in whole_country(reader, 12)] == [str(stays.id)]


def test_how_tiles_are_sent(store: Database, reader: TestClient) -> None:
    feed(store, [Life(number, clock.now() - DAY).change(CaseOpened) for number in range(1, 60)])
    address = "/v1/tiles/{}/{}/{}.mvt".format(*Z12)
    packed = reader.get(address, headers={"Accept-Encoding": "gzip"})
    plain = reader.get(address, headers={"Accept-Encoding": "identity"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert packed.content == plain.content
    assert len(gzip.compress(plain.content)) < len(plain.content)
    assert packed.headers["Content-Type"] == "application/vnd.mapbox-vector-tile"
    assert packed.headers["Cache-Control"] == "public, max-age=5"
    assert packed.headers["Access-Control-Allow-Origin"] == "*"
    again = reader.get(address, headers={"If-None-Match": packed.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    empty = reader.get("/v1/tiles/12/0/0.mvt")
    assert (empty.status_code, empty.content) == (204, b"")


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("23/0/0", "z"), ("-1/0/0", "z"), ("12/4096/0", "x"), ("12/0/4096", "y"), ("0/0/1", "y"), ("3/-1/0", "x"),
        ("a/0/0", "z"), ("1/1.5/0", "x"), ("12/0/0.mvt?category=nonsense", "category"),
        ("12/0/0.mvt?since=yesterday", "since"), ("12/0/0.mvt?status=gone", "status"), ("12/0/0.mvt?zoom=1", "zoom"),
    ],
)  # fmt: skip
def test_what_is_no_tile_is_refused(reader: TestClient, path: str, field: str) -> None:
    answer = reader.get(f"/v1/tiles/{path}" if "?" in path else f"/v1/tiles/{path}.mvt")
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert field in [error["field"] for error in answer.json()["errors"]]


def test_tiles_that_touch_share_nothing_and_leave_nothing_out(store: Database, reader: TestClient) -> None:
    corner = Tile(14, 9000, 5500)
    west, south, east, north = corner.box
    places = [(west + 1e-7, north - 1e-7), (east - 1e-7, south + 1e-7), (west, south), (east, north)]
    lives = [Life(number, clock.now() - timedelta(days=1), place=place) for number, place in enumerate(places, 1)]
    feed(store, [life.change(CaseOpened) for life in lives])
    for z in (14, 18, 22):
        seen: list[str] = []
        for _, x, y in {(z, *_tile_of(z, *place)) for place in places for place in _near(z, place)}:
            seen += [feature["id"] for feature in tile(reader, z, x, y)]
        assert sorted(seen) == sorted(str(life.id) for life in lives)


def _near(z: int, place: tuple[float, float]) -> list[tuple[float, float]]:
    hair = 360 / (1 << z) / 50
    return [(place[0] + dx * hair, place[1] + dy * hair) for dx in (-1, 0, 1) for dy in (-1, 0, 1)]


def _tile_of(z: int, longitude: float, latitude: float) -> tuple[int, int]:
    size = 1 << z
    y = (1 - math.asinh(math.tan(math.radians(latitude))) / math.pi) / 2
    return int((longitude + 180) / 360 * size), int(y * size)


def test_the_tile_of_opole_is_the_one_meant() -> None:
    assert _tile_of(12, *PLACE) == Z12[1:]
