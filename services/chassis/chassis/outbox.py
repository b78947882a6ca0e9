"""The outbox and its relay: what a transaction says reaches the log at least once and in order."""

import threading
from collections.abc import Sequence

from confluent_kafka import KafkaError, KafkaException, Producer
from contracts.envelope import Outgoing
from psycopg.rows import dict_row

from chassis.health import Health
from chassis.kafka.client import Acknowledged, producer, send
from chassis.postgres import Connection, Database
from chassis.settings import Settings
from chassis.telemetry import OUTBOX_OLDEST

_BATCH = 500
# Another instance's commit does not wake this one's relay, so it looks by itself this often.
_LOOK_SECONDS = 0.1


def append(connection: Connection, messages: Sequence[Outgoing]) -> None:
    """Say something in this transaction. The rows of one report must be put under a lock on that report's row."""
    rows = [
        (each.topic, each.key, [name for name, _ in each.headers], [value for _, value in each.headers], each.value)
        for each in messages
    ]
    insert = "insert into outbox (topic, key, header_names, header_values, value) values (%s, %s, %s, %b::bytea[], %b)"
    with connection.cursor() as cursor:
        cursor.executemany(insert, rows)


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
            while not stop.is_set() and not self._only_one(connection):
                self._health.beat("relay")
                stop.wait(1)
            while not stop.is_set():
                self._database.committed.clear()
                if not self._pass_on(connection, to_log, stop):
                    self._database.committed.wait(_LOOK_SECONDS)
                self._health.beat("relay")

    @staticmethod
    def _only_one(connection: Connection) -> bool:
        row = connection.execute("select pg_try_advisory_lock(hashtext('relay')) as mine").fetchone()
        return bool(row and row["mine"])

    def _pass_on(self, connection: Connection, to_log: Producer, stop: threading.Event) -> int:
        """Publish a batch; returns how many messages it had. Raises KafkaException when one was refused."""
        rows = connection.execute(
            "select pos, topic, key, header_names, header_values, value,"
            " extract(epoch from clock_timestamp() - created_at)::float as age"
            " from outbox order by pos limit %s",
            (_BATCH,),
        ).fetchall()
        OUTBOX_OLDEST.labels(self._service).set(rows[0]["age"] if rows else 0)
        told: list[tuple[int, KafkaError | None]] = []

        def on_delivery(pos: int) -> Acknowledged:
            return lambda error, _: told.append((pos, error))

        for row in rows:
            headers = list(zip(row["header_names"], row["header_values"], strict=True))
            message = Outgoing(row["topic"], row["key"], headers, row["value"])
            send(to_log, self._settings, message, on_delivery(row["pos"]))
        while len(told) < len(rows) and not stop.is_set():
            to_log.poll(0.5)
            self._health.beat("relay")
        written = [pos for pos, error in told if error is None]
        if written:
            connection.execute("delete from outbox where pos = any(%b)", (written,))
        for _, error in told:
            if error is not None:
                raise KafkaException(error)
        return len(rows)
