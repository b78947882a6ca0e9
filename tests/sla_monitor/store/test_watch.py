"""How far partitions are read is looked at as often as steps need it, and written whenever it is known."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from threading import Event, Thread

import pytest
from chassis.clock import now
from chassis.health import Health
from chassis.kafka.consumer import Progress
from chassis.postgres import Database
from contracts.topics import CASE_CHANGED, PROGRESS
from sla_monitor.app import handle
from sla_monitor.domain.watermark import Look, watched_partitions
from sla_monitor.firing import firing
from sla_monitor.store.watermark import read_least_look
from sla_monitor.watch import Watch
from support.events import received
from support.histories import Life, terms_in_seconds
from support.stack.databases import Clone
from support.wait import eventually

PARTITIONS = [*watched_partitions(), (PROGRESS.name, 0)]


@pytest.fixture
def store(database: Callable[[str], Clone]) -> Iterator[Database]:
    opened = Database(database("sla-monitor").service)
    yield opened
    opened.close()


def start_clock(store: Database, due_after: float) -> None:
    """Of a report sent now; the step fires so many seconds later."""
    with store.transaction() as connection:
        policy = terms_in_seconds(take_up=due_after + 3)  # whose warning is three seconds before
        handle(policy, connection, [received(Life(start=now()).submitted)])


def written(store: Database) -> Look | None:
    with store.transaction() as connection:
        return read_least_look(connection)


def test_while_no_step_is_near_it_looks_less_often(store: Database) -> None:
    start_clock(store, 3600)
    watch = Watch(store)
    first = watch.look()
    assert first
    assert watch.look() is None
    second = eventually(watch.look)
    assert second
    assert timedelta(seconds=0.5) < second.at - first.at < timedelta(seconds=5)


@pytest.mark.parametrize("due_after", [-60, 1])
def test_while_a_step_is_due_or_near_it_looks_each_time(store: Database, due_after: float) -> None:
    start_clock(store, due_after)
    watch = Watch(store)
    assert all(watch.look() for _ in range(10))


def test_a_clock_that_comes_late_is_seen_at_the_next_look(store: Database) -> None:
    watch = Watch(store)
    watch.look()
    start_clock(store, 0)
    eventually(watch.look)
    assert all(watch.look() for _ in range(10))


def test_what_is_known_is_written_whether_or_not_a_step_is_near_and_wakes_the_firing_only_for_one(
    store: Database,
) -> None:
    watch = Watch(store)
    look = watch.look()
    assert look
    watch.write(Progress({}, dict.fromkeys(PARTITIONS, look)))
    assert written(store) == look
    assert not watch.moved.is_set()
    start_clock(store, 0)
    later = eventually(watch.look)
    assert later
    watch.write(Progress({}, {}))  # nothing was read to its end
    assert not watch.moved.is_set()
    watch.write(Progress({}, dict.fromkeys(PARTITIONS, later)))
    assert watch.moved.is_set()
    assert written(store) == later


def test_a_partition_that_is_not_read_holds_back_what_is_written(store: Database) -> None:
    watch = Watch(store)
    look = watch.look()
    assert look
    watch.write(Progress({}, {partition: look for partition in PARTITIONS if partition != (CASE_CHANGED.name, 7)}))
    assert written(store) is None


def test_what_another_instance_wrote_fires_too(store: Database) -> None:
    fired, stop = Event(), Event()
    calls: list[None] = []

    def fire(_: object) -> list[float]:
        calls.append(None)
        if len(calls) == 3:
            fired.set()
        return []

    worker = Thread(target=firing(store, Health(), fire, Event()), args=(stop,))
    worker.start()
    assert fired.wait(20)  # though nothing moved here
    stop.set()
    worker.join(20)
    assert not worker.is_alive()
