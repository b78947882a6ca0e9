"""A client that fetches nothing any more is told from one for which there is nothing, and begins again."""

import threading
from collections.abc import Callable, Iterator
from time import monotonic
from typing import Any

import pytest
from chassis.health import Health
from chassis.kafka import consumer, reader
from chassis.kafka.client import KafkaException, Publisher, client_settings, topic_name
from chassis.kafka.consumer import Loop
from chassis.kafka.lag import Ends, Partition, StandStill
from chassis.kafka.processing import Storing
from chassis.kafka.reader import read_from_start
from chassis.outages import server_is_away
from chassis.postgres import Database
from chassis.settings import Settings
from confluent_kafka import OFFSET_BEGINNING, Consumer, Message, TopicPartition
from contracts.events.reports import ReportContent
from contracts.topics import CASEWORK, CONTENT, DEAD_LETTERS
from support.effects import count_effects, running, times
from support.events import outgoing, report_id
from support.wait import eventually

Topics = Callable[..., None]
SECONDS = 1.0


class Looks:
    """A client without a group on one topic, and what a look at it says."""

    def __init__(self, settings: Settings) -> None:
        self.partitions: list[Partition] = [
            (topic_name(settings, CONTENT.name), number) for number in range(CONTENT.partitions)
        ]
        self.consumer = Consumer({**client_settings(settings, "looks"), "group.id": "looks", "fetch.wait.max.ms": 50})
        self.consumer.assign([TopicPartition(*partition, OFFSET_BEGINNING) for partition in self.partitions])
        self._ends, self._still = Ends(settings, "looks"), StandStill(SECONDS)

    def look(self, emptied_at: float) -> None:
        self._still.check(self.consumer, self._ends.last(self.partitions), emptied_at)

    def stands_still(self) -> bool:
        try:
            self.look(monotonic())
        except KafkaException as failed:
            return server_is_away(failed)  # then the worker begins again, and the process does not end
        return False

    def for_a_while(self, poll: bool) -> Iterator[None]:
        began = monotonic()
        while monotonic() - began < 3 * SECONDS:
            if poll:
                self.consumer.poll(0.05)
            yield


@pytest.fixture
def looks(settings: Settings, topics: Topics) -> Iterator[Looks]:
    topics(CONTENT)
    made = Looks(settings)
    yield made
    made.consumer.close()


def write(settings: Settings, *numbers: int) -> None:
    Publisher(settings, "test").publish(
        [outgoing(ReportContent(report_id=report_id(number), description="seen")) for number in numbers]
    )


class Writing(threading.Thread):
    """Writes until it is left: what a client had fetched before it was silenced it has rightly heard of.

    `written` holds the numbers of the reports that are on the log.
    """

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.written: list[int] = []
        self._settings, self._stop_writing = settings, threading.Event()

    def run(self) -> None:
        while not self._stop_writing.wait(0.1):
            write(self._settings, number := len(self.written))
            self.written.append(number)

    def __enter__(self) -> "Writing":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop_writing.set()
        self.join()


def test_one_that_reads_or_has_nothing_to_read_does_not_stand_still(settings: Settings, looks: Looks) -> None:
    for number, _ in enumerate(looks.for_a_while(poll=True)):
        assert not looks.stands_still()
        if number % 5 == 0:
            write(settings, number)
    for _ in looks.for_a_while(poll=True):
        assert not looks.stands_still()


def test_one_that_fetches_nothing_of_what_is_there_does(settings: Settings, looks: Looks) -> None:
    looks.consumer.poll(0.5)
    looks.consumer.pause([TopicPartition(*partition) for partition in looks.partitions])
    with Writing(settings):
        eventually(looks.stands_still, 20 * SECONDS)


def test_one_that_has_enough_to_do_may_fetch_nothing(settings: Settings, looks: Looks) -> None:
    emptied_at = monotonic()
    looks.consumer.pause([TopicPartition(*partition) for partition in looks.partitions])
    write(settings, *range(20))
    for _ in looks.for_a_while(poll=False):
        looks.look(emptied_at)


class FallsSilent(Consumer):
    """What a client of the library did after its broker's death: it answers, and fetches nothing any more."""

    made = 0

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        FallsSilent.made += 1
        self.silent = FallsSilent.made == 1

    def poll(self, *args: Any, **more: Any) -> Message | None:
        if self.silent and (assigned := self.assignment()):
            self.pause(assigned)
        return super().poll(*args, **more)


@pytest.fixture
def falls_silent(monkeypatch: pytest.MonkeyPatch) -> type[FallsSilent]:
    FallsSilent.made = 0
    for module in (consumer, reader):
        monkeypatch.setattr(f"{module.__name__}.Consumer", FallsSilent)
        monkeypatch.setattr(f"{module.__name__}.StandStill", lambda: StandStill(SECONDS))
    return FallsSilent


def test_a_loop_whose_client_stands_still_raises_and_begun_again_it_handles_everything(
    settings: Settings, topics: Topics, effects: Database, falls_silent: type[FallsSilent]
) -> None:
    topics(CONTENT, DEAD_LETTERS[CASEWORK])
    storing = Storing(settings, CASEWORK, effects, count_effects)
    loop = Loop(settings, CASEWORK, [CONTENT], storing, Health(), progress_seconds=0.05)
    with Writing(settings) as writing, pytest.raises(KafkaException, match="stands still"):
        loop(threading.Event())
    with running(loop) as failures:
        eventually(lambda: len(times(effects)) == len(writing.written))
    assert not failures
    assert falls_silent.made == 2


def test_a_reader_whose_client_stands_still_raises(
    settings: Settings, topics: Topics, falls_silent: type[FallsSilent]
) -> None:
    topics(CONTENT)
    messages = read_from_start(settings, "test-reader", CONTENT, threading.Event())
    with Writing(settings), pytest.raises(KafkaException, match="stands still"):
        for _ in messages:
            pass
