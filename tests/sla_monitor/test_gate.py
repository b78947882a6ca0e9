"""Nothing fires that something unheard could refute, and what fires does so once."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from chassis.postgres import Connection, database_time
from contracts.events.cases import CaseOpened, CaseTakenUp
from contracts.topics import CASE_CHANGED, REPORT_ROUTED, REPORT_SUBMITTED
from sla_monitor import watermark
from sla_monitor.app import fire, handle
from support.events import SUBMITTED, received
from support.histories import Life, seconds
from support.sla_monitor.clocks import catch_up, said, seconds_later
from support.wait import eventually

POLICY = seconds()
PLACES = list(zip(*watermark.places(), strict=True))
Connect = Callable[[], Connection]


def at(after: float) -> datetime:
    return seconds_later(SUBMITTED, after)


def report(connection: Connection, *numbers: int) -> None:
    handle(POLICY, connection, [received(Life(number).submitted) for number in numbers])


def missed(connection: Connection) -> int:
    return sum(each.type == "DeadlineMissed" for each in said(connection))


def test_the_watermark_watches_every_partition_that_starts_or_stops_a_clock() -> None:
    assert len(PLACES) == REPORT_SUBMITTED.partitions + CASE_CHANGED.partitions == 24


def test_nothing_fires_while_nothing_was_read_to_its_end(connection: Connection) -> None:
    report(connection, 1)
    assert fire(POLICY, connection) == []
    assert watermark.age(connection) is None


@pytest.mark.parametrize("missing", [(REPORT_SUBMITTED.name, 0), (CASE_CHANGED.name, 11)])
def test_nothing_fires_while_one_partition_was_never_read_to_its_end(
    connection: Connection, missing: tuple[str, int]
) -> None:
    report(connection, 1)
    watermark.advance(connection, {place: at(100) for place in PLACES if place != missing})
    assert fire(POLICY, connection) == []
    watermark.advance(connection, {missing: at(100)})
    fire(POLICY, connection)
    assert missed(connection) == 1


def test_the_partition_that_lags_most_holds_the_steps_back(connection: Connection) -> None:
    report(connection, 1)
    watermark.advance(connection, dict.fromkeys(PLACES, at(100)) | {PLACES[13]: at(9)})
    fire(POLICY, connection)
    assert missed(connection) == 0
    watermark.advance(connection, {PLACES[13]: at(10)})
    fire(POLICY, connection)
    assert missed(connection) == 1


def test_a_claim_is_never_taken_back_and_other_topics_claim_nothing(connection: Connection) -> None:
    now = database_time(connection)
    watermark.advance(connection, dict.fromkeys(PLACES, now))
    watermark.advance(connection, {PLACES[0]: now - timedelta(hours=1), (REPORT_ROUTED.name, 0): now})
    rows = connection.execute("select distinct caught_up_at as at, count(*) over () as places from progress").fetchall()
    assert rows == [{"at": now, "places": 24}]


def test_after_a_downtime_nothing_fires_before_the_stops_that_waited_are_heard(connection: Connection) -> None:
    lives = [Life(number) for number in range(20)]
    report(connection, *range(20))
    catch_up(connection, at(5))
    fire(POLICY, connection)
    # Everything was down until 60; half were taken up in time meanwhile. The restart finds an old watermark.
    fire(POLICY, connection)
    assert missed(connection) == 0
    for life in lives[::2]:
        life.then(CaseOpened, 1).then(CaseTakenUp, 8)
        handle(POLICY, connection, [received(event) for event in life.changes])
        fire(POLICY, connection)
    catch_up(connection, at(60))
    fire(POLICY, connection)
    misses = [each for each in said(connection) if each.type == "DeadlineMissed" and each.clock == "take-up"]
    assert len(misses) == 10
    assert {each.outcome for each in said(connection) if each.type == "ClockStopped"} == {"met"}


def test_two_who_fire_at_once_fire_each_step_once(connect: Connect) -> None:
    first, second, third = connect(), connect(), connect()
    report(first, *range(30))
    catch_up(first, at(11))
    first.commit()
    assert len(fire(POLICY, first, limit=10)) == 20  # warning and miss of ten reports, not committed yet
    assert len(fire(POLICY, second)) == 40  # the others
    assert fire(POLICY, third) == []
    first.commit()
    second.commit()
    third.rollback()
    assert fire(POLICY, third) == []
    ids = [each.id for each in said(third)]
    assert len(ids) == len(set(ids)) == 30 + 60


def test_who_dies_between_firing_and_commit_has_fired_nothing(connect: Connect) -> None:
    first, second = connect(), connect()
    report(first, *range(5))
    catch_up(first, at(11))
    first.commit()
    assert len(fire(POLICY, first)) == 10
    first.close()  # the server notices a moment later
    assert len(eventually(lambda: fire(POLICY, second))) == 10
    second.commit()
    assert missed(second) == 5


def test_a_stop_that_is_being_heard_and_a_miss_that_is_being_fired_do_not_cross(connect: Connect) -> None:
    hearing, firing = connect(), connect()
    life = Life().then(CaseOpened, 1).then(CaseTakenUp, 12)
    report(hearing, 1)
    catch_up(hearing, at(11))
    hearing.commit()
    handle(POLICY, hearing, [received(event) for event in life.changes])  # the miss is certain, and said by this
    assert fire(POLICY, firing) == []
    hearing.commit()
    firing.rollback()
    assert fire(POLICY, firing) == []
    assert [each.type for each in said(firing) if each.clock == "take-up"] == [
        "ClockStarted",
        "DeadlineApproaching",
        "DeadlineMissed",
        "ClockStopped",
    ]
