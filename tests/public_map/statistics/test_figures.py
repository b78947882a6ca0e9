"""Figures of an area, a unit or a garrison: of what everyone can or could see, and of fewer than ten none."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from chassis import clock
from chassis.postgres import Database
from contracts.base import Event
from contracts.events.cases import CaseConfirmed, CaseEliminated, CaseOpened, CasesMerged, CaseTakenUp
from contracts.events.clocks import Clock, ClockStopped
from fastapi.testclient import TestClient
from public_map.domain.reading.statistics import Lasting, median_hours, share_in_time
from support.events import OPOLE
from support.public_map.public_lives import DAY, Life, feed, many_lives
from support.public_map.public_topic import reports_on_map

HERE = "17,50,18,51"
HOUR = timedelta(hours=1)


def figures(reader: TestClient, **asked: Any) -> dict[str, Any]:
    answer = reader.get("/v1/statistics", params=asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def handled(number: int, hours: int, category: str = "parking", *, in_time: bool = True) -> list[Event]:
    """A report of the first of a month that was taken up after so many hours and decided after twice as many more."""
    life = Life(number, datetime(2026, 10, 1, 12, 40, tzinfo=UTC), category)
    taken, decided = life.sent_at + hours * HOUR, life.sent_at + 3 * hours * HOUR
    stop = ClockStopped(
        report_id=life.id, clock=Clock.TAKE_UP, cycle=1, owner=OPOLE, terms="2016", started_at=life.sent_at,
        due_at=life.sent_at + 2 * DAY, stopped_at=taken, outcome="met" if in_time else "missed",
    )  # fmt: skip
    changes = [life.change(CaseOpened), life.change(CaseTakenUp, at=taken), life.change(CaseConfirmed, at=decided)]
    return [life.submitted(), *changes, stop]


@pytest.mark.parametrize("asked", [{"unit": OPOLE.unit}, {"garrison": OPOLE.garrison}, {"bbox": HERE}], ids=str)
def test_counts_are_those_of_the_map(store: Database, reader: TestClient, asked: dict[str, str]) -> None:
    feed(store, [event for life in many_lives(clock.now()) for event in life])
    shown = list(reports_on_map(store).values())
    found = figures(reader, **asked)
    assert found["reports"] == len(shown) > 0
    assert found["by_status"] == Counter(report.status.value for report in shown)
    assert found["by_category"] == Counter(report.category for report in shown)
    since = clock.now() - 20 * DAY
    lately = figures(reader, **asked, since=since.isoformat())
    assert lately["reports"] == sum(report.changed_at > since for report in shown)
    with store.transaction() as connection:
        connection.execute("update public_report set visible_until = now() where visible_until is not null")
    assert figures(reader, **asked)["reports"] == len(reports_on_map(store)) < len(shown)


@pytest.mark.parametrize("asked", [{"unit": OPOLE.unit}, {"garrison": OPOLE.garrison}, {"bbox": HERE}], ids=str)
def test_of_ten_reports_times_are_told_and_of_nine_not(
    store: Database, reader: TestClient, asked: dict[str, str]
) -> None:
    feed(store, [event for number in range(1, 10) for event in handled(number, number)])
    nine = figures(reader, **asked)
    assert nine["take_up"] == {"median_hours": None, "share_in_time": None, "n": 9}
    feed(store, handled(10, 30, in_time=False))
    ten = figures(reader, **asked)
    assert ten["take_up"] == {"median_hours": 5.5, "share_in_time": 0.9, "n": 10}
    assert (ten["decision"]["median_hours"], ten["decision"]["n"]) == (11, 10)
    assert figures(reader, **asked, since="2026-10-20T00:00:00Z")["take_up"]["n"] == 10
    assert figures(reader, **asked, since="2026-11-01T00:00:00Z")["take_up"]["n"] == 0


def test_hidden_reports_are_in_no_figure(store: Database, reader: TestClient) -> None:
    hidden = [
        event for number, category in [(1, "drug-use"), (2, "animal-cruelty")] for event in handled(number, 5, category)
    ]
    venue = Life(3, clock.now() - DAY, "dangerous-venue")
    merged = Life(4, clock.now() - DAY)
    feed(store, [*hidden, venue.change(CaseOpened), venue.change(CaseTakenUp)])
    feed(store, [merged.change(CaseOpened), merged.change(CaseTakenUp), merged.change(CasesMerged)])
    for asked in ({"unit": OPOLE.unit}, {"garrison": OPOLE.garrison}, {"bbox": HERE}):
        found = figures(reader, **asked)
        assert (found["reports"], found["take_up"]["n"], found["decision"]["n"]) == (0, 0, 0)
        assert (found["by_status"], found["by_category"]) == ({}, {})


def test_what_left_the_map_still_counts_in_its_times(store: Database, reader: TestClient) -> None:
    events = [event for number in range(1, 12) for event in handled(number, number)]
    feed(store, events)
    for number in range(1, 12):
        life = Life(number, datetime(2026, 8, 1, tzinfo=UTC))
        life.version = 3
        feed(store, [life.change(CaseEliminated, at=datetime(2026, 9, 1, tzinfo=UTC))])
    for asked in ({"unit": OPOLE.unit}, {"bbox": HERE}):
        found = figures(reader, **asked)
        assert (found["reports"], found["take_up"]["n"]) == (0, 11)


def test_the_figures_are_the_same_in_whatever_order_events_come(make_database: Any) -> None:
    def counted(database: Database) -> list[dict[str, Any]]:
        with database.transaction() as connection:
            return connection.execute(
                "select garrison, unit, month, measure, hours, in_time, sum(reports) as reports from handling_count"
                " group by 1, 2, 3, 4, 5, 6 order by 4, 5, 6"
            ).fetchall()

    events = [event for number in range(1, 12) for event in handled(number, number)]
    in_order, shuffled = make_database(), make_database()
    feed(in_order, events)
    mixed = events * 2
    Random(7).shuffle(mixed)
    for begin in range(0, len(mixed), 9):
        feed(shuffled, mixed[begin : begin + 9])
    assert counted(shuffled) == counted(in_order) != []


@pytest.mark.parametrize("asked", [{}, {"unit": "A", "garrison": "B"}, {"bbox": "1,2,3"}, {"unit": "A", "since": "x"}])
def test_what_makes_no_sense_is_refused(reader: TestClient, asked: dict[str, str]) -> None:
    assert reader.get("/v1/statistics", params=asked).status_code == 422


def test_medians_and_shares() -> None:
    lasting = [Lasting(5, 4, 4, 4), Lasting(1, 5, 5, 5), Lasting(90, 2, 0, 2)]
    assert median_hours(lasting) == 5
    assert median_hours(lasting[:2]) is None
    assert share_in_time(lasting) == round(9 / 11, 2)
