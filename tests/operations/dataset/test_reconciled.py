"""A dataset says what map, API, feeds, files and topic say, from the same events, to the last digit."""

import csv
import io
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import feedparser
import pytest
from chassis import clock
from chassis.health import Health
from chassis.postgres import Database
from contracts.events.cases import CaseCorrected, CaseOpened
from contracts.events.public import PublicReport
from contracts.policy.visibility import window
from contracts.statuses import Status
from fastapi.testclient import TestClient
from operations.dataset.making import Contents, contents
from operations.dataset.months import Month
from public_map.api.application import create_api
from public_map.settings import Settings
from support.operations.months import cases, ended_before, written
from support.public_map.public_lives import PLACE, Life, feed, many_lives
from support.public_map.public_topic import compacted, outbox_messages
from support.stack.databases import Clone

Rows = dict[str, dict[str, str]]
SAID_ALIKE = ("version", "category", "status", "longitude", "latitude", "garrison", "unit", "unit_name", "supporters")


class Compared:
    """A map that has read what the dataset is made of; of that, what nobody has seen go since the month ended."""

    def __init__(self, database: Database, folder: Path) -> None:
        now = clock.now()
        self.month = ended_before(now)
        lives = list(many_lives(self.month.ends))
        feed(database, [event for life in lives for event in life])
        self.topic = compacted(outbox_messages(database))
        self.map = TestClient(
            create_api(database, Settings(kafka_bootstrap="x:1", postgres_dsn=database.dsn), Health())
        )
        told = [cases(life) for life in lives]
        self.contents: Contents = contents(self.month, told)
        self.files = written(folder / "made", told, self.month)
        self.still_shown = {str(shown.report_id): shown for shown in self.contents.reports if lasts(shown, now)}

    def table(self, name: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.files[name].decode(), newline="")))

    @property
    def rows(self) -> Rows:
        return {row["report_id"]: row for row in self.table("reports.csv") if row["report_id"] in self.still_shown}


def lasts(shown: PublicReport, now: datetime) -> bool:
    visible = window(shown.category, Status(shown.status), shown.changed_at)
    return visible is not None and visible.open_at(now)


@pytest.fixture
def compared(database: Callable[[str], Clone], tmp_path: Path) -> Any:
    store = Database(database("public-map").service)
    yield Compared(store, tmp_path)
    store.close()


def test_it_says_what_everything_else_says(compared: Compared) -> None:
    rows = compared.rows
    assert len(rows) > 20
    assert len(compared.contents.reports) > len(rows)  # some have left the map since
    assert compared.topic == compared.still_shown
    on_map = {
        feature["id"]: feature for feature in compared.map.get("/v1/reports.geojson?limit=2000").json()["features"]
    }
    assert on_map.keys() == rows.keys()
    for report_id, feature in on_map.items():
        assert feature["geometry"]["coordinates"] == [
            float(rows[report_id][name]) for name in ("longitude", "latitude")
        ]
        assert [feature["properties"][name] for name in ("submitted_at", "changed_at")] == times(rows[report_id])
    file = compared.map.get("/v1/exports/reports.csv").content.decode("utf-8-sig")
    in_file = {row["report_id"]: row for row in csv.DictReader(io.StringIO(file, newline=""), delimiter=";")}
    said = [
        {report_id: [row[name] for name in SAID_ALIKE] for report_id, row in each.items()} for each in (in_file, rows)
    ]
    assert said[0] == said[1]
    entries = feedparser.parse(compared.map.get("/v1/feeds/reports.atom").content)["entries"]
    in_feed = {entry["id"].removeprefix("urn:uuid:"): [entry["published"], entry["updated"]] for entry in entries}
    assert in_feed == {report_id: times(row) for report_id, row in rows.items()}


def test_its_counts_are_its_rows_and_the_months_of_the_map(compared: Compared) -> None:
    sent = [row for row in compared.table("reports.csv") if row["submitted_at"].startswith(str(compared.month))]
    counts = [row for row in compared.table("counts.csv") if row["shown"] != "0"]
    assert {(row["unit"], row["category"], row["status"]): int(row["shown"]) for row in counts} == Counter(
        (row["unit"], row["category"], row["status"]) for row in sent
    )
    months = compared.map.get("/v1/statistics/months?unit=KMP-1661").json()["months"]
    of_month = next(month for month in months if month["month"].startswith(str(compared.month)))
    still = [row for row in sent if row["report_id"] in compared.still_shown]
    assert of_month["by_category"] == Counter(row["category"] for row in still)
    assert of_month["by_status"] == Counter(row["status"] for row in still)


def test_a_place_is_never_more_exact_than_the_map_has_it_now(tmp_path: Path) -> None:
    month = Month(2026, 10)
    moved, hidden, other = (Life(number, month.begins) for number in (1, 2, 3))
    told = [[life.change(CaseOpened)] for life in (moved, hidden, other)]
    before = contents(month, told)
    assert {(report.longitude, report.latitude) for report in before.reports} == {PLACE}
    told[0].append(moved.change(CaseCorrected, category="begging", at=month.settled))
    told[1].append(hidden.change(CaseCorrected, category="drug-use", at=month.settled))
    after = contents(month, told)
    assert [report.report_id for report in after.reports] == sorted([moved.id, other.id])
    shown = {report.report_id: (report.longitude, report.latitude) for report in after.reports}
    assert (shown[moved.id] != PLACE, shown[other.id]) == (True, PLACE)
    # Who subtracts the new numbers from the old ones finds the row that is gone, and nothing of those that were hidden.
    assert [(row["shown"], row["not_shown"]) for row in after.counts] == [(2, None)]


def times(row: dict[str, str]) -> list[str]:
    return [row["submitted_at"], row["changed_at"]]
