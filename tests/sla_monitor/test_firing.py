"""Nothing fires that something unread could refute, and what fires does so once."""

from collections.abc import Callable
from datetime import datetime

import pytest
from chassis.postgres import Connection
from contracts.events.cases import CaseOpened, CaseTakenUp
from contracts.topics import CASE_CHANGED, REPORT_SUBMITTED
from sla_monitor.app import fire_due_steps, handle
from sla_monitor.domain.watermark import Look, watched_partitions
from sla_monitor.store.watermark import read_watermark_age, upsert_looks
from support.events import SUBMITTED, received
from support.histories import Life, terms_in_seconds
from support.sla_monitor.clocks import published_steps, seconds_later, set_watermark
from support.wait import eventually

POLICY = terms_in_seconds()
PARTITIONS = watched_partitions()
Connect = Callable[[], Connection]


def at(after: float) -> datetime:
    return seconds_later(SUBMITTED, after)


def look(after: float) -> Look:
    """Everything that was published and that the monitor could read by then."""
    return Look(at(after), at(after))


def report(connection: Connection, *numbers: int) -> None:
    handle(POLICY, connection, [received(Life(number).submitted) for number in numbers])


def missed(connection: Connection) -> int:
    return sum(step.type == "DeadlineMissed" for step in published_steps(connection))


def test_nothing_fires_while_nothing_was_read_to_its_end(connection: Connection) -> None:
    report(connection, 1)
    assert fire_due_steps(POLICY, connection) == []
    assert read_watermark_age(connection) is None


@pytest.mark.parametrize("missing", [(REPORT_SUBMITTED.name, 0), (CASE_CHANGED.name, 11)])
def test_nothing_fires_while_one_partition_was_never_read_to_its_end(
    connection: Connection, missing: tuple[str, int]
) -> None:
    report(connection, 1)
    upsert_looks(connection, {partition: look(100) for partition in PARTITIONS if partition != missing})
    assert fire_due_steps(POLICY, connection) == []
    upsert_looks(connection, {missing: look(100)})
    fire_due_steps(POLICY, connection)
    assert missed(connection) == 1


def test_the_partition_that_lags_most_holds_the_steps_back(connection: Connection) -> None:
    report(connection, 1)
    upsert_looks(connection, dict.fromkeys(PARTITIONS, look(100)) | {PARTITIONS[13]: look(9)})
    fire_due_steps(POLICY, connection)
    assert missed(connection) == 0
    upsert_looks(connection, {PARTITIONS[13]: look(10)})
    fire_due_steps(POLICY, connection)
    assert missed(connection) == 1


def test_after_a_downtime_nothing_fires_before_the_stops_that_waited_are_read(connection: Connection) -> None:
    lives = [Life(number) for number in range(20)]
    report(connection, *range(20))
    set_watermark(connection, at(5))
    fire_due_steps(POLICY, connection)
    # Everything was down until 60; half were taken up in time meanwhile. The restart finds an old watermark.
    fire_due_steps(POLICY, connection)
    assert missed(connection) == 0
    for life in lives[::2]:
        life.then(CaseOpened, 1).then(CaseTakenUp, 8)
        handle(POLICY, connection, [received(event) for event in life.changes])
        fire_due_steps(POLICY, connection)
    set_watermark(connection, at(60))
    fire_due_steps(POLICY, connection)
    misses = [step for step in published_steps(connection) if step.type == "DeadlineMissed" and step.clock == "take-up"]
    assert len(misses) == 10
    assert {step.outcome for step in published_steps(connection) if step.type == "ClockStopped"} == {"met"}


def test_two_who_fire_at_once_fire_each_step_once(connect: Connect) -> None:
    first, second, third = connect(), connect(), connect()
    report(first, *range(30))
    set_watermark(first, at(11))
    first.commit()
    assert len(fire_due_steps(POLICY, first, limit=10)) == 20  # warning and miss of ten reports, not committed yet
    assert len(fire_due_steps(POLICY, second)) == 40  # the others
    assert fire_due_steps(POLICY, third) == []
    first.commit()
    second.commit()
    third.rollback()
    assert fire_due_steps(POLICY, third) == []
    ids = [step.id for step in published_steps(third)]
    assert len(ids) == len(set(ids)) == 30 + 60


def test_who_dies_between_firing_and_commit_has_fired_nothing(connect: Connect) -> None:
    first, second = connect(), connect()
    report(first, *range(5))
    set_watermark(first, at(11))
    first.commit()
    assert len(fire_due_steps(POLICY, first)) == 10
    first.close()  # the server notices a moment later
    assert len(eventually(lambda: fire_due_steps(POLICY, second))) == 10
    second.commit()
    assert missed(second) == 5


def test_a_stop_that_is_being_read_and_a_miss_that_is_being_fired_do_not_cross(connect: Connect) -> None:
    reading, firing = connect(), connect()
    life = Life().then(CaseOpened, 1).then(CaseTakenUp, 12)
    report(reading, 1)
    set_watermark(reading, at(11))
    reading.commit()
    handle(POLICY, reading, [received(event) for event in life.changes])  # the miss is certain, and announced by this
    assert fire_due_steps(POLICY, firing) == []
    reading.commit()
    firing.rollback()
    assert fire_due_steps(POLICY, firing) == []
    assert [step.type for step in published_steps(firing) if step.clock == "take-up"] == [
        "ClockStarted",
        "DeadlineApproaching",
        "DeadlineMissed",
        "ClockStopped",
    ]
