"""The outbox: what a transaction wants on the log, in order, until the relay has published it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from select import select

from contracts.envelope import Outgoing

from chassis.postgres import Connection, database_time

# The advisory lock, shared, of every transaction that has asked for the time of its events.
_TIMED = 43


@dataclass(frozen=True, slots=True)
class Pending:
    """A message of the outbox: its position in the order, and its age in seconds."""

    position: int
    message: Outgoing
    age: float


@dataclass(frozen=True, slots=True)
class Mark:
    """An instant by the database's clock, and the transactions that may still append events of that time or earlier."""

    at: datetime
    transactions: frozenset[str]


def event_time(connection: Connection) -> datetime:
    """This moment by the database's clock, for the events of this transaction. Ask once rows are locked.

    No mark from then on counts as appended before this transaction has ended (docs/decisions/0043).
    """
    connection.execute("select pg_advisory_xact_lock_shared(%s)", (_TIMED,))
    return database_time(connection)


def append(connection: Connection, messages: Sequence[Outgoing]) -> None:
    """Have messages published, in this order, once this transaction is committed.

    What is appended about one report must be appended under a lock on that report's row, or its order is not sure.
    """
    rows = []
    for message in messages:
        names = _array(tuple(name for name, _ in message.headers))
        # Arrays of arrays must be of one length, so each goes as its text.
        values = "{" + ",".join(f'"\\\\x{value.hex()}"' for _, value in message.headers) + "}"
        rows.append((message.topic, message.raw_key, names, values, message.value))
    if rows:
        connection.execute(
            "insert into outbox (topic, key, header_names, header_values, value)"
            " select topic, key, names::text[], contents::bytea[], value"
            " from unnest(%b::text[], %b::bytea[], %b::text[], %b::text[], %b::bytea[])"
            " with ordinality as new (topic, key, names, contents, value, number) order by number",
            [list(column) for column in zip(*rows, strict=True)],
        )


@lru_cache(maxsize=1_000)
def _array(names: tuple[str, ...]) -> str:
    """Texts as PostgreSQL writes an array of them."""
    return "{" + ",".join('"' + name.replace("\\", r"\\").replace('"', r"\"") + '"' for name in names) + "}"


def lock(connection: Connection) -> bool:
    """Whether nobody else publishes from this outbox for as long as the connection lasts."""
    row = connection.execute("select pg_try_advisory_lock(hashtext('relay')) as locked").fetchone()
    return bool(row and row["locked"])


def notify(connection: Connection) -> None:
    """Tell the one who publishes that something was appended."""
    connection.execute("notify outbox")


def listen(connection: Connection, appended: Callable[[], None]) -> None:
    """Have `appended` called with the statement that comes after a notification; deletions wait for no disk."""
    connection.add_notify_handler(lambda _: appended())
    connection.execute("listen outbox")
    connection.execute("set synchronous_commit = off")  # a deletion that is lost is a message that comes twice


def is_notified(connection: Connection) -> bool:
    """Whether there is a notification that no statement has brought along yet; asks the database nothing."""
    return bool(select([connection], [], [], 0)[0])


def list_oldest(connection: Connection, limit: int) -> list[Pending]:
    """The messages that were appended first, in order."""
    rows = connection.execute(
        "select pos, topic, key, header_names, header_values, value,"
        " extract(epoch from clock_timestamp() - created_at)::float as age"
        " from outbox order by pos limit %s",
        (limit,),
        binary=True,
    ).fetchall()
    return [
        Pending(
            row["pos"],
            Outgoing(
                row["topic"],
                row["key"].decode("utf-8", "surrogateescape"),
                list(zip(row["header_names"], row["header_values"], strict=True)),
                row["value"],
            ),
            row["age"],
        )
        for row in rows
    ]


def delete(connection: Connection, positions: Sequence[int]) -> None:
    """Remove what was published."""
    connection.execute("delete from outbox where pos = any(%b::bigint[])", (list(positions),))


def read_mark(connection: Connection) -> Mark:
    """The mark of this moment. The connection must be in no transaction, so that each statement sees what is there."""
    return Mark(database_time(connection), _timed_transactions(connection))


def read_end(connection: Connection, mark: Mark) -> int | None:
    """The position of the last message appended by then, 0 for none; None while one of the mark's transactions runs."""
    if mark.transactions and mark.transactions & _timed_transactions(connection):
        return None
    row = connection.execute("select coalesce(max(pos), 0) as last from outbox").fetchone()
    assert row  # an aggregate always gives a row
    last: int = row["last"]
    return last


def is_published(connection: Connection, end: int) -> bool:
    """Whether everything up to this position is on the log."""
    return not end or connection.execute("select from outbox where pos <= %s limit 1", (end,)).fetchone() is None


def _timed_transactions(connection: Connection) -> frozenset[str]:
    rows = connection.execute(
        "select virtualtransaction as name from pg_locks where locktype = 'advisory' and classid = 0 and objid = %s"
        " and objsubid = 1 and database = (select oid from pg_database where datname = current_database())",
        (_TIMED,),
    )
    return frozenset(row["name"] for row in rows)
