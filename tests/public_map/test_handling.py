"""The service on a real database: what it keeps and says, in whatever order it hears."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import msgspec
import pytest
from chassis import clock
from chassis.postgres import Database
from contracts.base import Event
from contracts.cases import (
    CaseConfirmed,
    CaseCorrected,
    CaseEliminated,
    CaseOpened,
    CaseReopened,
    CasesMerged,
    CaseTakenUp,
    CaseTasked,
    CaseUnconfirmed,
)
from contracts.public import PublicReport
from contracts.topics import PUBLIC_REPORT
from public_map import app, public_reports
from public_map.public_reports import Wanted
from support.public_lives import DAY, PLACE, Life, feed, many_lives, outbox

TABLES = ("report", "step", "clock", "public_report")
UNCONFIRMED = (CaseOpened, CaseTakenUp, CaseUnconfirmed)


@pytest.fixture
def make_database(database: Callable[[str], Any]) -> Iterator[Callable[[], Database]]:
    made: list[Database] = []

    def make() -> Database:
        made.append(Database(database("public-map").service, size=3))
        return made[-1]

    yield make
    for each in made:
        each.close()


def rows(database: Database) -> dict[str, list[dict[str, Any]]]:
    with database.transaction() as connection:
        return {
            table: connection.execute(f"select whole.* from {table} as whole order by whole::text").fetchall()  # noqa: S608
            for table in TABLES
        }


def said(database: Database) -> list[tuple[str, PublicReport | None]]:
    """What is on the way to the public topic, in order; None is a tombstone."""
    with database.transaction() as connection:
        messages = outbox(connection)
    assert {topic for topic, *_ in messages} <= {PUBLIC_REPORT.name}
    return [(key, msgspec.json.decode(value, type=PublicReport) if value else None) for _, key, _, value in messages]


def compacted(database: Database) -> dict[str, PublicReport]:
    """What a reader of the compacted topic ends up with."""
    newest = dict(said(database))
    return {key: report for key, report in newest.items() if report}


def on_the_map(database: Database) -> dict[str, PublicReport]:
    with database.transaction() as connection:
        return {report.key: report for report in public_reports.find(connection, Wanted(), 10_000)}


def test_a_report_comes_on_the_map_with_its_case_and_leaves_it_when_rejected(
    make_database: Callable[[], Database],
) -> None:
    database, life = make_database(), Life(1, clock.now() - DAY)
    feed(database, [life.submitted(), life.routed()])
    assert said(database) == []
    feed(database, [life.change(CaseOpened)])
    feed(database, [life.change(CaseTakenUp), life.change(CaseTasked)])
    feed(database, [life.change(CaseConfirmed)])
    assert [report and (report.version, str(report.status)) for _, report in said(database)] == [
        (1, "new"),
        (3, "verification"),
        (4, "confirmed"),
    ]
    feed(database, [life.change(CasesMerged)])
    assert said(database)[-1] == (str(life.id), None)
    assert on_the_map(database) == {}


def test_any_order_and_any_number_of_times_give_the_same_rows_and_the_same_topic(
    make_database: Callable[[], Database],
) -> None:
    at = clock.now()
    lives = list(many_lives(at))
    in_order = make_database()
    feed(in_order, [event for life in lives for event in life])
    expected, topic = rows(in_order), compacted(in_order)
    assert topic == on_the_map(in_order)
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
        assert compacted(shuffled) == topic
        assert set(dict(said(shuffled)).items()) >= set(topic.items())


def test_a_replay_says_nothing_again(make_database: Callable[[], Database]) -> None:
    database, events = make_database(), [event for life in many_lives(clock.now()) for event in life]
    for event in events:
        feed(database, [event])
    before, words = rows(database), said(database)
    feed(database, events)
    for event in events:
        feed(database, [event])
    assert rows(database) == before
    assert said(database) == words


def test_each_version_is_said_under_an_id_that_anybody_can_compute_again(
    make_database: Callable[[], Database],
) -> None:
    ids = []
    for _ in range(2):
        database, life = make_database(), Life(1, datetime(2026, 11, 1, 9, 30, tzinfo=UTC))
        feed(database, [life.change(CaseOpened)])
        with database.transaction() as connection:
            ids.append(outbox(connection))
    assert ids[0] == ids[1]


def test_nothing_is_shown_that_was_over_before_it_was_heard_of(make_database: Callable[[], Database]) -> None:
    database, old, fresh = make_database(), Life(1, clock.now() - 9 * DAY), Life(2, clock.now() - DAY)
    feed(database, [life.change(kind) for life in (old, fresh) for kind in UNCONFIRMED])
    assert list(on_the_map(database)) == [str(fresh.id)]
    assert [key for key, _ in said(database)] == [str(fresh.id)]


def test_a_place_corrected_into_a_hidden_category_takes_the_report_off_the_map(
    make_database: Callable[[], Database],
) -> None:
    database, life = make_database(), Life(1, clock.now() - DAY)
    feed(database, [life.change(CaseOpened)])
    feed(database, [life.change(CaseCorrected, category="drug-use")])
    assert said(database)[-1] == (str(life.id), None)
    assert on_the_map(database) == {}


def test_what_never_was_on_the_map_gets_no_tombstone(make_database: Callable[[], Database]) -> None:
    database, life = make_database(), Life(1, clock.now() - DAY, "animal-cruelty")
    feed(database, [life.change(kind) for kind in (CaseOpened, CaseTakenUp, CaseConfirmed, CaseEliminated)])
    assert said(database) == []


def make_due(database: Database, *, seconds: int = 0) -> None:
    """Let the time of all that is shown for a while end, by the database's clock."""
    with database.transaction() as connection:
        connection.execute(
            "update public_report set visible_until = now() + make_interval(secs => %s)"
            " where visible_until is not null",
            (seconds,),
        )


def test_a_due_report_leaves_once_however_many_workers_look(make_database: Callable[[], Database]) -> None:
    database, lives = make_database(), [Life(number, clock.now() - DAY) for number in range(1, 1201)]
    feed(database, [life.change(kind) for life in lives for kind in UNCONFIRMED])
    stays = Life(5000, clock.now() - DAY)
    feed(database, [stays.change(CaseOpened)])
    assert app.end_visibility(database) == 0
    make_due(database)
    assert list(on_the_map(database)) == [str(stays.id)], "the map does not wait for the worker"
    ended: list[int] = []
    workers = [threading.Thread(target=lambda: ended.append(app.end_visibility(database))) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(20)
    gone = [key for key, report in said(database) if report is None]
    assert sum(ended) == len(gone) == len(set(gone)) == 1200
    assert app.end_visibility(database) == 0


def test_a_worker_passes_over_what_another_one_holds(make_database: Callable[[], Database]) -> None:
    database, lives = make_database(), [Life(number, clock.now() - DAY) for number in (1, 2)]
    feed(database, [life.change(kind) for life in lives for kind in UNCONFIRMED])
    make_due(database)
    with database.transaction() as other:
        other.execute("select from public_report where report_id = %s for update", (lives[0].id,))
        assert app.end_visibility(database) == 1
    assert app.end_visibility(database) == 1


def test_a_report_is_not_due_a_moment_too_early(make_database: Callable[[], Database]) -> None:
    database, life = make_database(), Life(1, clock.now() - DAY)
    feed(database, [life.change(kind) for kind in UNCONFIRMED])
    make_due(database, seconds=60)
    assert app.end_visibility(database) == 0
    assert list(on_the_map(database)) == [str(life.id)]


def test_a_reopened_report_comes_back_after_its_time_was_over(make_database: Callable[[], Database]) -> None:
    database, life = make_database(), Life(1, clock.now() - DAY)
    events = [life.change(kind) for kind in UNCONFIRMED]
    feed(database, events)
    make_due(database)
    assert app.end_visibility(database) == 1
    feed(database, events)
    assert on_the_map(database) == {}, "a replay does not bring it back"
    feed(database, [life.change(CaseReopened)])
    assert compacted(database) == on_the_map(database) != {}


def test_nothing_true_about_place_and_minute_is_kept_for_the_public_or_said(
    make_database: Callable[[], Database],
) -> None:
    database = make_database()
    life = Life(1, clock.now().replace(minute=37, second=41, microsecond=123456) - DAY, "homeless-person")
    feed(database, [life.submitted(), life.routed(), life.change(CaseOpened), life.change(CaseTakenUp), *life.clocks()])
    with database.transaction() as connection:
        (_, _, headers, body), *more = outbox(connection)
        public = connection.execute("select to_jsonb(public_report) as row from public_report").fetchall()
        everything = connection.execute("select to_jsonb(report) as row from report").fetchall()
    assert more == []
    assert body
    told = b"\n".join([*headers, body]).decode() + repr(public)
    place = [str(coordinate) for coordinate in PLACE]
    for secret in (*place, ":37:", "123456", life.receipt, life.submitted().receipt_sha256):
        assert secret not in told
    assert not any(coordinate in repr(everything) for coordinate in place)


def test_the_counts_are_of_what_is_shown(make_database: Callable[[], Database]) -> None:
    database = make_database()
    feed(database, [event for life in many_lives(clock.now() - timedelta(minutes=1)) for event in life])
    app.count_shown(database)
    shown = [str(report.status) for report in on_the_map(database).values()]
    gauge = {sample.labels["status"]: int(sample.value) for metric in app._SHOWN.collect() for sample in metric.samples}
    assert gauge == {status: shown.count(status) for status in gauge}
    assert gauge["new"] > 0
