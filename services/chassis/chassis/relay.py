"""The relay: what transactions appended to the outbox reaches the log at least once and in order."""

import threading
from collections.abc import Sequence
from datetime import datetime
from time import monotonic

from confluent_kafka import KafkaError, KafkaException, Producer
from contracts.envelope import Outgoing, encode
from contracts.events.progress import OutboxPublished, progress_id
from psycopg.rows import dict_row

from chassis import outbox
from chassis.health import Health
from chassis.kafka.client import Acknowledged, producer, send
from chassis.postgres import Connection, Database
from chassis.settings import Settings
from chassis.telemetry import OUTBOX_OLDEST

_BATCH = 500
# Whatever is committed is told of, so looking is for what died before it could tell.
_LOOK_SECONDS = 5.0
_TURN_SECONDS = 1.0
# To hear of a stop, and of another instance's commits; that asks the database nothing.
_PAUSE_SECONDS = 0.1
# A part of the second within which a deadline is announced (docs/decisions/0043).
_PROGRESS_SECONDS = 0.25


class PublishedUntil:
    """Until when everything committed is on the log: one mark after another."""

    def __init__(self) -> None:
        self._mark: outbox.Mark | None = None
        self._end: int | None = None
        self._due_at = 0.0

    def read(self, connection: Connection) -> datetime | None:
        """The time of a mark that has been reached, once for each; None where there is nothing new to say."""
        if self._mark is None and monotonic() >= self._due_at:
            self._mark, self._end = outbox.read_mark(connection), None
            self._due_at = monotonic() + _PROGRESS_SECONDS
        if self._mark and self._end is None:
            self._end = outbox.read_end(connection, self._mark)
        if self._mark is None or self._end is None or not outbox.is_published(connection, self._end):
            return None
        reached, self._mark = self._mark.at, None
        return reached


class Relay:
    """A worker that publishes the outbox in order and deletes what the log acknowledged.

    One instance at a time (advisory lock); the others' relays notify it of what is committed there. On any producer
    error it raises: after a fatal one the client is of no use, and after a restart the rows are still there. Without a
    delivery time-out, because the outbox is the retry.

    With `tells_progress` it says several times a second until when everything committed is on the log; that holds for
    events whose times come from `outbox.event_time`.
    """

    def __init__(
        self, settings: Settings, service: str, database: Database, health: Health, *, tells_progress: bool = False
    ) -> None:
        self._settings, self._service, self._database, self._health = settings, service, database, health
        self._published_until = PublishedUntil() if tells_progress else None

    def __call__(self, stop: threading.Event) -> None:
        to_log = producer(self._settings, self._service, **{"delivery.timeout.ms": 0})
        with Connection.connect(self._database.dsn, autocommit=True, row_factory=dict_row) as connection:
            while not stop.is_set() and not outbox.lock(connection):
                if self._hears(connection, _TURN_SECONDS, stop):
                    self._database.committed.clear()
                    outbox.notify(connection)
            outbox.listen(connection, self._database.committed.set)
            while not stop.is_set():
                self._database.committed.clear()
                published = self._publish(connection, to_log, stop)
                self._tell_progress(connection, to_log, stop)
                if published < _BATCH:  # of what is committed since it hears
                    self._hears(connection, _PROGRESS_SECONDS if self._published_until else _LOOK_SECONDS, stop)

    def _hears(self, connection: Connection, seconds: float, stop: threading.Event) -> bool:
        """Whether something was committed in so many seconds: here, or elsewhere, of which a notification tells."""
        until = monotonic() + seconds
        while not stop.is_set() and monotonic() < until:
            self._health.beat("relay")
            if self._database.committed.wait(min(_PAUSE_SECONDS, seconds)) or outbox.is_notified(connection):
                return True
        return False

    def _publish(self, connection: Connection, to_log: Producer, stop: threading.Event) -> int:
        """Publish a batch; returns how many messages it had. Raises KafkaException when one was refused."""
        batch = outbox.list_oldest(connection, _BATCH)
        OUTBOX_OLDEST.labels(self._service).set(batch[0].age if batch else 0)
        reports = self._deliver(to_log, [pending.message for pending in batch], stop)
        acknowledged = [batch[number].position for number, error in reports if error is None]
        if acknowledged:
            outbox.delete(connection, acknowledged)
        _raise_first(reports)
        return len(batch)

    def _tell_progress(self, connection: Connection, to_log: Producer, stop: threading.Event) -> None:
        """Say it when there is something new to say. Raises KafkaException when that was refused."""
        until = self._published_until and self._published_until.read(connection)
        if until:
            event = OutboxPublished(service=self._service, until=until)
            message = encode(event, source=self._service, at=until, event_id=progress_id(event))
            _raise_first(self._deliver(to_log, [message], stop))

    def _deliver(
        self, to_log: Producer, messages: Sequence[Outgoing], stop: threading.Event
    ) -> list[tuple[int, KafkaError | None]]:
        """The delivery report of each message, by its number among them; not of all when it is to stop meanwhile."""
        reports: list[tuple[int, KafkaError | None]] = []

        def on_delivery(number: int) -> Acknowledged:
            return lambda error, _: reports.append((number, error))

        for number, message in enumerate(messages):
            send(to_log, self._settings, message, on_delivery(number))
        while len(reports) < len(messages) and not stop.is_set():
            to_log.poll(0.5)
            self._health.beat("relay")
        return reports


def _raise_first(reports: Sequence[tuple[int, KafkaError | None]]) -> None:
    for _, error in reports:
        if error is not None:
            raise KafkaException(error)
