"""Figures month by month: of enough reports, and those the map shows."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from chassis.postgres import Database
from contracts.events.cases import CaseOpened, CaseTakenUp
from fastapi.testclient import TestClient
from support.public_map.public_lives import Life, feed

FIRST, SECOND = datetime(2026, 3, 5, 9, tzinfo=UTC), datetime(2026, 4, 5, 9, tzinfo=UTC)


@pytest.fixture
def months(store: Database) -> None:
    """Twelve reports in March, taken up three hours later, and nine in April."""
    for number in range(21):
        life = Life(
            number + 1, FIRST if number < 12 else SECOND, "parking" if number % 2 else "speeding", (17.92, 50.67)
        )
        taken_up = life.sent_at.replace(hour=12)
        changes = [life.change(CaseOpened), *([life.change(CaseTakenUp, at=taken_up)] if number < 12 else [])]
        feed(store, [life.submitted(), life.routed(), *changes])


def test_a_unit_has_counts_and_times_of_months_with_enough(open_data: TestClient, months: None) -> None:
    found = open_data.get("/v1/statistics/months?unit=KMP-1661").json()
    assert found["minimum"] == 10
    [march] = found["months"]
    assert march["month"] == "2026-03-01"
    assert march["reports"] == 12
    assert march["by_status"] == {"verification": 12}
    assert march["by_category"] == {"parking": 6, "speeding": 6}
    assert march["take_up"] == {"median_hours": 3.0, "share_in_time": None, "n": 12}
    assert march["decision"]["median_hours"] is None


def test_a_powiat_has_counts(open_data: TestClient, months: None) -> None:
    [march] = open_data.get("/v1/statistics/months?powiat=1661").json()["months"]
    assert (march["reports"], march["take_up"]) == (12, None)
    assert open_data.get("/v1/statistics/months?powiat=1609").json()["months"] == []


def test_they_are_what_the_map_shows(open_data: TestClient, months: None) -> None:
    features: list[dict[str, Any]] = open_data.get("/v1/reports.geojson").json()["features"]
    counted = Counter(feature["properties"]["submitted_at"][:7] for feature in features)
    assert {month: number for month, number in counted.items() if number >= 10} == {
        month["month"][:7]: month["reports"]
        for month in open_data.get("/v1/statistics/months?unit=KMP-1661").json()["months"]
    }


@pytest.mark.parametrize("asked", ["", "?unit=KMP-1661&powiat=1661", "?unit=%00", "?powiat=16"])
def test_one_of_both_is_wanted(open_data: TestClient, asked: str) -> None:
    assert open_data.get(f"/v1/statistics/months{asked}").status_code == 422
