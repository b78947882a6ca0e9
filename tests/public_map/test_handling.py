"""Batches on a real database: what is kept and published, in whatever order the events come."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from chassis import clock
from chassis.postgres import Database
from contracts.base import Event
from contracts.events.cases import (
    CaseConfirmed,
    CaseCorrected,
    CaseEliminated,
    CaseOpened,
    CasesMerged,
    CaseTakenUp,
    CaseTasked,
    CaseUnconfirmed,
)
from contracts.statuses import Status
from prometheus_client import REGISTRY
from public_map import app
from support.public_map.public_lives import DAY, PLACE, Life, feed, many_lives
from support.public_map.public_topic import compacted, outbox_messages, published, reports_on_map

TABLES = ("report", "case_version", "clock", "public_report")


def rows(database: Database) -> dict[str, list[dict[str, Any]]]:
    """Everything in the service's own tables."""
    with database.transaction() as connection:
        return {
            table: connection.execute(f"select whole.* from {table} as whole order by whole::text").fetchall()  # noqa: S608
            for table in TABLES
        }


def test_a_report_comes_on_the_map_with_its_case_and_leaves_it_when_merged(store: Database) -> None:
    life = Life(1, clock.now() - DAY)
    feed(store, [life.submitted(), life.routed()])
    assert published(store) == []
    feed(store, [life.change(CaseOpened)])
    feed(store, [life.change(CaseTakenUp), life.change(CaseTasked)])
    feed(store, [life.change(CaseConfirmed)])
    assert [report and (report.version, str(report.status)) for _, report in published(store)] == [
        (1, "new"),
        (3, "verification"),
        (4, "confirmed"),
    ]
    feed(store, [life.change(CasesMerged)])
    assert published(store)[-1] == (str(life.id), None)
    assert reports_on_map(store) == {}


def test_any_order_and_any_number_of_times_give_the_same_rows_and_the_same_topic(
    make_database: Callable[[], Database],
) -> None:
    lives = list(many_lives(clock.now()))
    in_order = make_database()
    feed(in_order, [event for life in lives for event in life])
    expected, topic = rows(in_order), compacted(outbox_messages(in_order))
    assert topic == reports_on_map(in_order)
    # 12 each of two categories that are always public, and 3 of the one that is only once confirmed.
    assert len(topic) == 27
    for seed in range(3):
        chance, shuffled = Random(seed), make_database()
        events: list[Event] = [event for life in lives for event in life] * 2
        chance.shuffle(events)
        while events:
            size = chance.randint(1, 40)
            feed(shuffled, events[:size])
            events = events[size:]
        assert rows(shuffled) == expected
        assert compacted(outbox_messages(shuffled)) == topic


def test_a_replay_publishes_nothing_again(store: Database) -> None:
    # Every fifth: nine ends in each of eight groups, so that each end is there.
    events = [event for life in list(many_lives(clock.now()))[::5] for event in life]
    for event in events:
        feed(store, [event])
    rows_before, messages_before = rows(store), outbox_messages(store)
    feed(store, events)
    for event in events:
        feed(store, [event])
    assert rows(store) == rows_before
    assert outbox_messages(store) == messages_before


def test_repeats_of_changes_are_counted_once_they_are_committed(store: Database) -> None:
    def duplicates() -> float:
        return REGISTRY.get_sample_value("kmzb_duplicates_total", {"service": "public-map"}) or 0

    life, before = Life(1, clock.now() - DAY), duplicates()
    events = [life.submitted(), life.change(CaseOpened), life.change(CaseTakenUp)]
    feed(store, events)
    assert duplicates() == before
    feed(store, events)
    assert duplicates() == before + 2


def test_each_version_is_published_under_an_id_that_anybody_can_compute_again(
    make_database: Callable[[], Database],
) -> None:
    messages = []
    for _ in range(2):
        database, life = make_database(), Life(1, datetime(2026, 11, 1, 9, 30, tzinfo=UTC))
        feed(database, [life.change(CaseOpened)])
        messages.append(outbox_messages(database))
    assert messages[0] == messages[1]


def test_nothing_is_shown_whose_time_was_over_before_it_was_read(store: Database) -> None:
    old, fresh = Life(1, clock.now() - 9 * DAY), Life(2, clock.now() - DAY)
    kinds = (CaseOpened, CaseTakenUp, CaseUnconfirmed)
    feed(store, [life.change(kind) for life in (old, fresh) for kind in kinds])
    assert list(reports_on_map(store)) == [str(fresh.id)]
    assert [key for key, _ in published(store)] == [str(fresh.id)]


def test_a_report_corrected_into_a_hidden_category_leaves_the_map(store: Database) -> None:
    life = Life(1, clock.now() - DAY)
    feed(store, [life.change(CaseOpened)])
    feed(store, [life.change(CaseCorrected, category="drug-use")])
    assert published(store)[-1] == (str(life.id), None)
    assert reports_on_map(store) == {}


def test_what_never_was_on_the_map_gets_no_tombstone(store: Database) -> None:
    life = Life(1, clock.now() - DAY, "animal-cruelty")
    feed(store, [life.change(kind) for kind in (CaseOpened, CaseTakenUp, CaseConfirmed, CaseEliminated)])
    assert published(store) == []


def test_nothing_true_about_place_and_minute_is_kept_for_the_public_or_published(store: Database) -> None:
    life = Life(1, clock.now().replace(minute=37, second=41, microsecond=123456) - DAY, "homeless-person")
    feed(store, [life.submitted(), life.routed(), life.change(CaseOpened), life.change(CaseTakenUp), *life.clocks()])
    [message] = outbox_messages(store)
    with store.transaction() as connection:
        public = connection.execute("select to_jsonb(public_report) as row from public_report").fetchall()
        everything = connection.execute("select to_jsonb(report) as row from report").fetchall()
    assert message.value
    seen = b"\n".join([*[raw for _, raw in message.headers], message.value]).decode() + repr(public)
    place = [str(coordinate) for coordinate in PLACE]
    for secret in (*place, ":37:", "123456", life.receipt, life.submitted().receipt_sha256):
        assert secret not in seen
    assert not any(coordinate in repr(everything) for coordinate in place)


def test_the_gauges_count_what_everyone_can_see(store: Database) -> None:
    feed(store, [event for life in many_lives(clock.now() - timedelta(minutes=1)) for event in life])
    app.measure(store)
    shown = [report.status for report in reports_on_map(store).values()]
    for status in Status:
        gauge = REGISTRY.get_sample_value("kmzb_public_map_reports", {"status": status.value})
        assert gauge == shown.count(status)
    assert shown.count(Status.NEW) > 0
