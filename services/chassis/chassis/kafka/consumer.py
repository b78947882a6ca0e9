"""The consumer loop: at least once on the log, exactly once in effect, and three outcomes for a message.

Handled; unusable, set aside untouched on the dead-letter topic with the reason; or broken: the exception ends the
process, which is restarted and does again what was not committed. "Log and go on" does not exist. What ended the
process three times is set aside by the next (docs/decisions/0041).
"""

import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable

import structlog
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition
from contracts.envelope import Unusable
from contracts.policy.heartbeats import heartbeat_topics
from contracts.topics import Topic

from chassis.clock import now
from chassis.health import Health
from chassis.kafka.client import client_settings, topic_name
from chassis.kafka.lag import Lag, Partition, StandStill
from chassis.kafka.reader import drain
from chassis.kafka.tries import BATCH, Tries, offset_of, partition_of, says_nothing_of_a_message
from chassis.outages import passes, patiently
from chassis.settings import Settings

log = structlog.get_logger()
_NOTE_SECONDS = 5.0
Moment = TypeVar("Moment")
Process = Callable[[Sequence[Message]], None]
"""Makes a batch take effect. What it returns from is done for good; what it raises from is done again."""


@runtime_checkable
class ReplaysHeld(Protocol):
    """A Process that holds what it can't read yet; it is told to look at it again when the loop starts."""

    def replay_held(self) -> None:
        """Let what was held take effect, as far as this release knows it."""


@runtime_checkable
class SetsAside(Protocol):
    """A Process that can set a message aside that must not be tried again."""

    def set_aside(self, message: Message, why: Unusable) -> None:
        """Keep the message as a dead letter. Whatever it holds, this does not fail on it."""

    def check(self) -> None:
        """Raises where what it needs is away, so that a wait for that is not taken for a message's fault."""


@dataclass(frozen=True, slots=True)
class Progress(Generic[Moment]):
    """How far the assigned partitions are read: (topic, partition) → whether everything there was has been handled.

    "There was" means when the brokers were asked. Under a steady flow a partition is hardly ever read to its end, so
    `caught_up_at` says of each, once that is known, the newest moment whose every message has been handled.
    """

    read_to_end: dict[Partition, bool]
    caught_up_at: dict[Partition, Moment]


class Loop:
    """A worker that reads topics, heartbeats too, as a member of the service's group; also every one of the registry
    whose name matches `pattern`, those included that are made later: the brokers look at it again as topics come.

    `on_progress` is told of the progress every `progress_seconds`, from this thread, after a batch and when idle.
    Its moments are what `clock` gives, called before the brokers are asked: they never claim more than was true. While
    `clock` gives None, nobody needs to know, and the brokers are not asked.
    """

    def __init__(
        self,
        settings: Settings,
        service: str,
        topics: Sequence[Topic],
        process: Process,
        health: Health,
        *,
        pattern: str = "",
        on_progress: Callable[[Progress[Any]], None] | None = None,
        progress_seconds: float = 5.0,
        clock: Callable[[], Any] = now,
    ) -> None:
        self._settings, self._service, self._process, self._health = settings, service, process, health
        self._topics = {topic_name(settings, each.name): each for each in (*topics, *heartbeat_topics(service))}
        self._subscribed = [*self._topics, *([f"^{re.escape(settings.namespace)}{pattern}$"] if pattern else [])]
        self._on_progress, self._progress_seconds, self._clock = on_progress, progress_seconds, clock
        self._next: dict[Partition, int] = {}
        self._ahead: dict[Partition, tuple[Any, int]] = {}  # an end that was seen and is not reached yet
        self._lag = Lag(settings, service, self._topics)
        self._still, self._emptied_at, self._progress_at = StandStill(), 0.0, 0.0
        self._tries = Tries()
        self._stop = threading.Event()

    def __call__(self, stop: threading.Event) -> None:
        self._forget(list(self._next))  # where it begins again
        self._still = StandStill()
        consumer = Consumer(
            {
                **client_settings(self._settings, self._settings.region.reader(self._service)),
                "group.id": f"{self._settings.namespace}{self._service}",
                "group.protocol": "consumer",
                "enable.auto.commit": False,
                "enable.auto.offset.store": False,
                "auto.offset.reset": "earliest",
                "max.poll.interval.ms": 60_000,
                "queued.max.messages.kbytes": 16 * 1024,
                "queued.min.messages": 2_000,
                # What is assigned while a fetch waits in vain is fetched after that: at 500 ms, a second after a start.
                "fetch.wait.max.ms": 100,
                "on_commit": _committed,
            }
        )
        if isinstance(self._process, ReplaysHeld):
            self._process.replay_held()
        self._stop = stop
        consumer.subscribe(self._subscribed, on_assign=self._assigned, on_revoke=self._revoked, on_lost=self._revoked)
        batch: list[Message] = []
        try:
            while not stop.is_set():
                due_in = self._progress_at + self._progress_seconds - monotonic()
                batch = drain(consumer, BATCH, due_in, busy=bool(batch))
                if not batch:
                    self._emptied_at = monotonic()
                else:
                    for part in self._tries.split(batch):
                        self._attempt(consumer, part)
                self._health.beat("consumer")
                self._report_progress(consumer)
        finally:
            consumer.close()

    def _attempt(self, consumer: Consumer, batch: Sequence[Message]) -> None:
        """Handle messages and commit. What fails together is done one by one, so that it is known which it is."""
        if len(batch) == 1 and isinstance(self._process, SetsAside) and (why := self._tries.verdict(batch[0])):
            log.error("set aside without another try", message=str(partition_of(batch[0])), reason=why.reason)
            self._process.set_aside(batch[0], why)
            self._commit(consumer, batch)
            return
        if isinstance(self._process, SetsAside) and (notes := self._tries.due_notes(batch)):
            self._process.check()
            self._commit_notes(consumer, notes)
        try:
            self._process(batch)
        except Exception as failed:
            if says_nothing_of_a_message(failed):
                self._commit_notes(consumer, self._tries.taken_back(batch))
                raise
            if len(batch) == 1:
                self._commit_notes(consumer, [self._tries.failed(batch[0])])
                raise
            log.warning("batch failed, one by one", exc_info=failed)
            for message in batch:
                self._attempt(consumer, [message])
            return
        self._commit(consumer, batch)

    def _assigned(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        if self._stop.is_set():  # whoever closes is assigned what was on its way, but gets no answer any more
            return
        known = patiently(partial(consumer.committed, partitions, timeout=5))
        # In one question: asked for one after another, a hundred cost a busy broker longer than it had been away.
        new = [(partition.topic, partition.partition) for partition in known if partition.offset < 0]
        starts = patiently(partial(self._lag.ends.offsets, new))
        for committed in known:
            partition = committed.topic, committed.partition
            self._next[partition] = start = starts.get(partition, committed.offset)
            self._tries.assign(partition, start, committed.metadata)
        self._progress_at = 0.0
        self._health.ready("consumer")

    def _revoked(self, _: Consumer, partitions: list[TopicPartition]) -> None:
        self._forget([(partition.topic, partition.partition) for partition in partitions])

    def _forget(self, partitions: Sequence[Partition]) -> None:
        for partition in partitions:
            self._next.pop(partition, None)
            self._ahead.pop(partition, None)
            self._tries.revoke(partition)

    def _commit(self, consumer: Consumer, batch: Sequence[Message]) -> None:
        ends: dict[Partition, int] = {}
        for message in batch:
            partition = partition_of(message)
            ends[partition] = offset_of(message) + 1
            self._lag.handled(partition, message)
        self._next.update({partition: end for partition, end in ends.items() if partition in self._next})
        # Without waiting: a broker that went away meanwhile has kept who waited waiting for minutes.
        consumer.commit(offsets=[TopicPartition(*partition, end) for partition, end in ends.items()], asynchronous=True)
        for partition, end in ends.items():
            self._tries.handled(partition, end)
        # Here, as a batch that is done one by one while brokers are slow takes minutes, and moves all the while.
        self._health.beat("consumer")

    def _commit_notes(self, consumer: Consumer, notes: list[TopicPartition]) -> None:
        """Commit, and wait until the coordinator has it: it answers one connection's requests in their order."""
        if not notes:
            return
        consumer.commit(offsets=notes, asynchronous=True)
        try:
            consumer.committed(notes, timeout=_NOTE_SECONDS)
        except KafkaException as failed:
            if not passes(failed.args[0]):
                raise
            log.warning("note not known to be committed", error=str(failed.args[0]))

    def _report_progress(self, consumer: Consumer) -> None:
        """Compare what was handled with what is there; measure the lag and tell the service."""
        if monotonic() - self._progress_at < self._progress_seconds:
            return
        asked_at, self._progress_at = self._clock(), monotonic()
        if asked_at is None:  # nobody needs to know
            return
        behind = self._lag.behind(self._next)
        if behind is None:  # the brokers are away: nothing is known to be read to its end, and nobody hears of any
            self._still = StandStill()
            return
        ends = {partition: self._next[partition] + lag for partition, lag in behind.items() if lag}
        self._still.check(consumer, ends, self._emptied_at)
        if self._on_progress and behind:
            reached = self._reached(asked_at, behind).items()
            namespace = self._settings.namespace
            to_end = {(on.removeprefix(namespace), n): not waiting for (on, n), waiting in behind.items()}
            until = {(on.removeprefix(namespace), n): at for (on, n), at in reached}
            self._on_progress(Progress(to_end, until))

    def _reached(self, asked_at: Any, behind: dict[Partition, int]) -> dict[Partition, Any]:
        """The newest look at each partition whose end is handled by now."""
        reached = {}
        for partition, lag in behind.items():
            handled = self._next[partition]
            seen_at, end = self._ahead.get(partition, (asked_at, handled + lag))
            if not lag or handled >= end:
                reached[partition] = seen_at if lag else asked_at
                self._ahead.pop(partition, None)
            if lag:
                self._ahead.setdefault(partition, (asked_at, handled + lag))
        return reached


def _committed(error: KafkaError | None, partitions: list[TopicPartition]) -> None:
    if error is not None:  # what is done is in the database, and recognised when it comes again
        log.warning("offsets not committed", error=str(error), partitions=len(partitions))
