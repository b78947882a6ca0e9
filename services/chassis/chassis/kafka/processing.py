"""How a batch takes effect: produced and acknowledged (no store), or written in one transaction (a store)."""

from collections.abc import Callable, Collection, Sequence

import psycopg
import structlog
from confluent_kafka import Message
from contracts.envelope import Outgoing, Unusable
from contracts.policy.heartbeats import is_heartbeat, passed_on
from contracts.topics import Topic, others_write

from chassis import outbox, telemetry
from chassis.kafka import held
from chassis.kafka.client import Publisher
from chassis.kafka.letters import Letters, key_hash
from chassis.kafka.messages import Newer, RawMessage, Received, observe_ages, raw_message, read_message
from chassis.kafka.tries import says_nothing_of_a_message
from chassis.postgres import Connection, Database
from chassis.settings import Settings

log = structlog.get_logger()
# What a retry mends; seen once in a while between instances.
_CROSSED = (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure)
# What a retry can't mend: SQLSTATE classes 22 and 23, what is too large for an index, or the client refusing the value.
_REFUSED = (psycopg.DataError, psycopg.IntegrityError, psycopg.errors.ProgramLimitExceeded, UnicodeEncodeError)
_HELD_PAGE = 100


class Producing:
    """For a service without a store: what the handler returns is on the log before the offsets are committed.

    A newer writer's message is handled by its base on topics in `base_suffices`, skipped on those in `skip_newer`, of
    which the service needs only what it knows, and else unusable: there is no store to hold it in.
    """

    def __init__(
        self,
        settings: Settings,
        service: str,
        handle: Callable[[Sequence[Received]], list[Outgoing]],
        *,
        base_suffices: Collection[Topic] = (),
        skip_newer: Collection[Topic] = (),
    ) -> None:
        self._settings, self._service, self._handle = settings, service, handle
        self._base_suffices, self._skip_newer = base_suffices, skip_newer
        self._letters = Letters(settings, service)
        self._publisher = Publisher(settings, service)

    def __call__(self, batch: Sequence[Message]) -> None:
        messages, used, reasons = list[Outgoing](), list[Received](), list[str]()
        for raw in (raw_message(self._settings, message) for message in batch):
            try:
                if received := _usable_at_once(raw, self._base_suffices, self._skip_newer):
                    messages += passed_on(self._service, [received.envelope]) or self._handle([received])
                    used.append(received)
                self._letters.good()
            except Unusable as why:
                messages.append(self._letters.letter(raw, why))
                reasons.append(why.reason)
        self._publisher.publish(messages)
        observe_ages(self._service, used)
        for reason in reasons:
            telemetry.DEAD_LETTERS.labels(self._service, reason).inc()

    def set_aside(self, message: Message, why: Unusable) -> None:
        """Keep the message as a dead letter."""
        self._publisher.publish([self._letters.letter(raw_message(self._settings, message), why)])
        telemetry.DEAD_LETTERS.labels(self._service, why.reason).inc()

    def check(self) -> None:
        """Nothing but the log is needed, and that is asked by the commit itself."""


def _usable_at_once(
    raw: RawMessage, base_suffices: Collection[Topic], skip_newer: Collection[Topic]
) -> Received | None:
    match read_message(raw):
        case Received() as received:
            return received
        case Newer(base=Received() as base) if raw.topic in base_suffices:
            return base
        case Newer() as newer if raw.topic in skip_newer:
            log.info("newer message skipped", message=raw.where, release=newer.release, reason=newer.why.reason)
            return None
        case Newer(why=why) | (Unusable() as why):
            raise why


class Storing:
    """For a service with a store: effect, outbox and dead letters in one transaction, then the offsets.

    A batch the database refuses is done again one event at a time; the one that fails alone is unusable, and what
    follows under its key on the same topic is set aside behind it, so that order is kept. A message is set aside once,
    however often it comes.

    A newer writer's message is handled by its base on topics in `base_suffices`. Where there is none, it is held: it
    blocks nothing, and takes effect once the service is upgraded.
    """

    def __init__(
        self,
        settings: Settings,
        service: str,
        database: Database,
        handle: Callable[[Connection, Sequence[Received]], None],
        *,
        base_suffices: Collection[Topic] = (),
    ) -> None:
        self._settings, self._service, self._database, self._handle = settings, service, database, handle
        self._base_suffices = base_suffices
        self._letters = Letters(settings, service)
        telemetry.DUPLICATES.labels(service)  # so that it is 0, not absent, until the first one

    def __call__(self, batch: Sequence[Message]) -> None:
        self._take([raw_message(self._settings, message) for message in batch])

    def set_aside(self, message: Message, why: Unusable) -> None:
        """Keep the message as a dead letter."""
        self._set_aside(raw_message(self._settings, message), why, None)

    def check(self) -> None:
        """Raises psycopg.OperationalError while the database is away."""
        with self._database.transaction() as connection:
            connection.execute("select")

    def replay_held(self) -> None:
        """Let what is held take effect, in the order it came, as far as this release knows it. Called at start."""
        after = 0
        while page := self._list_held(after):
            for position, raw in page:
                after = position
                if not isinstance(self._read(raw), Newer):
                    self._replay(raw, position)
        with self._database.transaction() as connection:
            self._count_held(connection)

    def _replay(self, raw: RawMessage, position: int) -> None:
        """One held message; there is no offset to count tries at, so the first that ends the handling is the last."""
        try:
            self._take([raw], position)
        except Exception as failed:
            if says_nothing_of_a_message(failed):
                raise
            log.error("held message failed", message=raw.where, exc_info=failed)
            self._set_aside(raw, Unusable("crash", type(failed).__name__), position)

    def _take(self, batch: Sequence[RawMessage], held_at: int | None = None) -> None:
        try:
            self._effect(batch, held_at)
            self._letters.good()
        except (Unusable, *_REFUSED) as why:
            if len(batch) > 1:
                log.info("batch refused, one by one", error=type(why).__name__)
                for raw in batch:
                    self._take([raw])
            else:
                self._set_aside(batch[0], _reason(why), held_at)

    def _read(self, raw: RawMessage) -> Received | Unusable | Newer:
        message = read_message(raw)
        if isinstance(message, Newer) and message.base is not None and raw.topic in self._base_suffices:
            return message.base
        return message

    def _effect(self, batch: Sequence[RawMessage], held_at: int | None) -> None:
        """Raises Unusable where one of them is; then nothing has changed."""
        messages = [self._read(raw) for raw in batch]
        usable = [message for message in messages if isinstance(message, Received)]
        newer = [message for message in messages if isinstance(message, Newer)]
        for why in (message for message in messages if isinstance(message, Unusable)):
            raise why
        for tries_left in (4, 3, 2, 1, 0):
            try:
                with self._database.transaction() as connection:
                    if held_at is None or held.delete_held(connection, held_at):
                        self._refuse_blocked(connection, [*usable, *newer])
                        self._hold(connection, usable, newer)
                        outbox.append(connection, passed_on(self._service, [m.envelope for m in usable]))
                        if for_service := [m for m in usable if not is_heartbeat(m.envelope)]:
                            self._handle(connection, for_service)
                        connection.after_commit(observe_ages, self._service, usable)
                return
            except _CROSSED:
                if not tries_left:
                    raise

    def _hold(self, connection: Connection, usable: Sequence[Received], newer: Sequence[Newer]) -> None:
        held.insert_held(connection, newer)
        held.delete_superseded(connection, [*usable, *newer])
        if newer:
            self._count_held(connection)
        for message in newer:
            log.warning("held", message=message.raw.where, release=message.release, reason=message.why.reason)

    def _list_held(self, after: int) -> list[tuple[int, RawMessage]]:
        with self._database.transaction() as connection:
            return held.list_held(connection, after, _HELD_PAGE)

    def _count_held(self, connection: Connection) -> None:
        connection.after_commit(telemetry.HELD.labels(self._service).set, held.count_held(connection))

    @staticmethod
    def _refuse_blocked(connection: Connection, batch: Sequence[Received | Newer]) -> None:
        names, keys = [message.raw.topic.name for message in batch], [key_hash(message.raw.key) for message in batch]
        row = connection.execute(
            "select key from blocked"
            " join unnest(%b::text[], %b::bytea[]) as new (topic, key_sha256) using (topic, key_sha256)",
            (names, keys),
        ).fetchone()
        if row:
            raise Unusable("behind", f"an earlier event under the key {row['key']} could not be used")

    def _set_aside(self, raw: RawMessage, why: Unusable, held_at: int | None) -> None:
        letter = self._letters.letter(raw, why)
        # With its time: a topic that was made anew counts from 0 again.
        origin = (raw.topic.name, raw.partition, raw.offset, raw.written_ms, key_hash(raw.key))
        with self._database.transaction() as connection:
            if held_at is not None:
                held.delete_held(connection, held_at)
            once = "insert into set_aside values (%s, %s, %s, %s, %b) on conflict do nothing"
            if not connection.execute(once, origin).rowcount:
                return
            outbox.append(connection, [letter])
            connection.after_commit(telemetry.DEAD_LETTERS.labels(self._service, why.reason).inc)
            if not others_write(raw.topic):  # an agency's next answer is right or wrong by itself
                connection.execute(
                    "insert into blocked (topic, key_sha256, key, reason) values (%s, %b, %s, %s)"
                    " on conflict do nothing",
                    (raw.topic.name, key_hash(raw.key), _shown(raw.key), why.reason),
                )


def _shown(key: bytes) -> str:
    """The key for people: its beginning, what can't be printed escaped."""
    text = key[:200].decode("utf-8", "backslashreplace")
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


def _reason(why: Exception) -> Unusable:
    if isinstance(why, Unusable):
        return why
    # Not the whole error: its detail repeats the row, and with it a citizen's words.
    primary = why.diag.message_primary if isinstance(why, psycopg.Error) else None
    return Unusable("database", f"{type(why).__name__}: {primary or 'refused before it was sent'}")
