"""How a batch takes effect: produced and acknowledged (no store), or written in one transaction (a store)."""

from collections.abc import Callable, Sequence

import psycopg
import structlog
from confluent_kafka import Message
from contracts.envelope import Outgoing, Unusable
from contracts.topics import DEAD_LETTERS, SERVICES, topic_named

from chassis import outbox, telemetry
from chassis.kafka.client import Publisher
from chassis.kafka.messages import Received, observe_ages, original_headers, received, registered_name
from chassis.postgres import Connection, Database
from chassis.settings import Settings

log = structlog.get_logger()
# What a retry mends; seen once in a while between instances.
_CROSSED = (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure)
# What a retry can't mend: SQLSTATE classes 22 and 23, or the client refusing the value.
_REFUSED = (psycopg.DataError, psycopg.IntegrityError, UnicodeEncodeError)


class _Unusables:
    """Makes letters of what can't be used. Many in a row stop the consumer: then it is not the messages that are wrong.

    The batch it stops in is not committed: the restarted process meets the same messages, and stops at the same place
    until it is mended. A letter may be written again by then; topic, partition and offset in it tell a repeat.
    """

    def __init__(self, settings: Settings, service: str) -> None:
        self._settings, self.service, self._in_a_row = settings, service, 0

    def good(self) -> None:
        self._in_a_row = 0

    def letter(self, message: Message, why: Unusable) -> Outgoing:
        """The message as it came, with the reason. Raises RuntimeError beyond the limit."""
        topic = registered_name(self._settings, message)
        where = f"{topic}/{message.partition()}@{message.offset()}"
        log.warning("unusable", reason=why.reason, message=where)
        self._in_a_row += not _others_write(topic)
        if self._in_a_row >= self._settings.unusable_limit:
            raise RuntimeError(f"{self._in_a_row} unusable messages in a row, the last at {where}: {why.reason}")
        story = [
            ("kmzb_dlq_topic", topic),
            ("kmzb_dlq_partition", str(message.partition())),
            ("kmzb_dlq_offset", str(message.offset())),
            ("kmzb_dlq_reason", why.reason),
            ("kmzb_dlq_detail", why.detail[:1000]),
        ]
        headers = [*original_headers(message), *((name, text.encode("utf-8", "replace")) for name, text in story)]
        key = (message.key() or b"").decode("utf-8", "replace")
        return Outgoing(DEAD_LETTERS[self.service].name, key, headers, message.value())


def producing(
    settings: Settings, service: str, handle: Callable[[Sequence[Received]], list[Outgoing]]
) -> Callable[[Sequence[Message]], None]:
    """For a service without a store: what the handler returns is on the log before the offsets are committed."""
    unusables = _Unusables(settings, service)
    publisher = Publisher(settings, service)

    def process(batch: Sequence[Message]) -> None:
        messages: list[Outgoing] = []
        used: list[Received] = []
        reasons: list[str] = []
        for message in batch:
            try:
                one = received(settings, message)
                messages += handle([one])
                used.append(one)
                unusables.good()
            except Unusable as why:
                messages.append(unusables.letter(message, why))
                reasons.append(why.reason)
        publisher.publish(messages)
        observe_ages(service, used)
        for reason in reasons:
            telemetry.DEAD_LETTERS.labels(service, reason).inc()

    return process


class Storing:
    """For a service with a store: effect, outbox and dead letters in one transaction, then the offsets.

    A batch the database refuses is done again one event at a time; the one that fails alone is unusable, and what
    follows under its key on the same topic is set aside behind it, so that order is kept. A message is set aside once,
    however often it comes.
    """

    def __init__(
        self,
        settings: Settings,
        service: str,
        database: Database,
        handle: Callable[[Connection, Sequence[Received]], None],
    ) -> None:
        self._settings, self._service, self._database, self._handle = settings, service, database, handle
        self._unusables = _Unusables(settings, service)
        telemetry.DUPLICATES.labels(service)  # so that it is 0, not absent, until the first one

    def __call__(self, batch: Sequence[Message]) -> None:
        try:
            self._effect([received(self._settings, message) for message in batch])
            self._unusables.good()
        except (Unusable, *_REFUSED) as why:
            if len(batch) > 1:
                log.info("batch refused, one by one", error=type(why).__name__)
                for message in batch:
                    self([message])
            else:
                self._set_aside(batch[0], _reason(why))

    def _effect(self, batch: list[Received]) -> None:
        for tries_left in (4, 3, 2, 1, 0):
            try:
                with self._database.transaction() as connection:
                    self._refuse_blocked(connection, batch)
                    self._handle(connection, batch)
                    connection.after_commit(observe_ages, self._service, batch)
                return
            except _CROSSED:
                if not tries_left:
                    raise

    @staticmethod
    def _refuse_blocked(connection: Connection, batch: list[Received]) -> None:
        names, keys = [each.topic.name for each in batch], [each.key for each in batch]
        row = connection.execute(
            "select key from blocked join unnest(%b::text[], %b::text[]) as new (topic, key) using (topic, key)",
            (names, keys),
        ).fetchone()
        if row:
            raise Unusable("behind", f"an earlier event under the key {row['key']} could not be used")

    def _set_aside(self, message: Message, why: Unusable) -> None:
        letter, topic = self._unusables.letter(message, why), registered_name(self._settings, message)
        # With its time: a topic that was made anew counts from 0 again.
        place = (topic, message.partition(), message.offset(), message.timestamp()[1])
        with self._database.transaction() as connection:
            once = "insert into set_aside values (%s, %s, %s, %s) on conflict do nothing"
            if not connection.execute(once, place).rowcount:
                return
            outbox.append(connection, [letter])
            connection.after_commit(telemetry.DEAD_LETTERS.labels(self._service, why.reason).inc)
            if letter.key.isprintable():  # else no event has such a key, so nothing follows it
                connection.execute(
                    "insert into blocked (topic, key, reason) values (%s, %s, %s) on conflict do nothing",
                    (topic, letter.key, why.reason),
                )


def _others_write(name: str) -> bool:
    """Whether others write there too: what they write wrongly says nothing of us, and must not be able to stop us."""
    topic = topic_named(name)
    return topic is not None and not set(topic.writers) <= set(SERVICES)


def _reason(why: Exception) -> Unusable:
    if isinstance(why, Unusable):
        return why
    # Not the whole error: its detail repeats the row, and with it a citizen's words.
    primary = why.diag.message_primary if isinstance(why, psycopg.Error) else None
    return Unusable("database", f"{type(why).__name__}: {primary or 'refused before it was sent'}")
