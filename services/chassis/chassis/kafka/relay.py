"""The relay: what transactions appended to the outbox reaches the log at least once and in order."""

import threading

from confluent_kafka import KafkaError, KafkaException, Producer
from psycopg.rows import dict_row

from chassis import outbox
from chassis.health import Health
from chassis.kafka.client import Acknowledged, producer, send
from chassis.postgres import Connection, Database
from chassis.settings import Settings
from chassis.telemetry import OUTBOX_OLDEST

_BATCH = 500
# Another instance's commit does not wake this one's relay, so it looks by itself this often.
_LOOK_SECONDS = 0.1


class Relay:
    """A worker that publishes the outbox in order and deletes what the log acknowledged.

    One instance at a time (advisory lock). On any producer error it raises: after a fatal one the client is of no use,
    and after a restart the rows are still there. Without a delivery time-out, because the outbox is the retry.
    """

    def __init__(self, settings: Settings, service: str, database: Database, health: Health) -> None:
        self._settings, self._service, self._database, self._health = settings, service, database, health

    def __call__(self, stop: threading.Event) -> None:
        to_log = producer(self._settings, self._service, **{"delivery.timeout.ms": 0})
        with Connection.connect(self._database.dsn, autocommit=True, row_factory=dict_row) as connection:
            while not stop.is_set() and not outbox.lock(connection):
                self._health.beat("relay")
                stop.wait(1)
            while not stop.is_set():
                self._database.committed.clear()
                if not self._publish(connection, to_log, stop):
                    self._database.committed.wait(_LOOK_SECONDS)
                self._health.beat("relay")

    def _publish(self, connection: Connection, to_log: Producer, stop: threading.Event) -> int:
        """Publish a batch; returns how many messages it had. Raises KafkaException when one was refused."""
        batch = outbox.list_oldest(connection, _BATCH)
        OUTBOX_OLDEST.labels(self._service).set(batch[0].age if batch else 0)
        reports: list[tuple[int, KafkaError | None]] = []

        def on_delivery(position: int) -> Acknowledged:
            return lambda error, _: reports.append((position, error))

        for pending in batch:
            send(to_log, self._settings, pending.message, on_delivery(pending.position))
        while len(reports) < len(batch) and not stop.is_set():
            to_log.poll(0.5)
            self._health.beat("relay")
        acknowledged = [position for position, error in reports if error is None]
        if acknowledged:
            outbox.delete(connection, acknowledged)
        for _, error in reports:
            if error is not None:
                raise KafkaException(error)
        return len(batch)
