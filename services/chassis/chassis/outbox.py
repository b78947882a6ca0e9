"""The outbox: what a transaction wants on the log, in order, until the relay has published it."""

from collections.abc import Sequence
from dataclasses import dataclass

from contracts.envelope import Outgoing

from chassis.postgres import Connection


@dataclass(frozen=True, slots=True)
class Pending:
    """A message of the outbox: its position in the order, and its age in seconds."""

    position: int
    message: Outgoing
    age: float


def append(connection: Connection, messages: Sequence[Outgoing]) -> None:
    """Have messages published, in this order, once this transaction is committed.

    What is appended about one report must be appended under a lock on that report's row, or its order is not sure.
    """
    insert = "insert into outbox (topic, key, header_names, header_values, value) values (%s, %s, %s, %b::bytea[], %b)"
    rows = []
    for message in messages:
        names, values = [name for name, _ in message.headers], [value for _, value in message.headers]
        rows.append((message.topic, message.key, names, values, message.value))
    with connection.cursor() as cursor:
        cursor.executemany(insert, rows)


def lock(connection: Connection) -> bool:
    """Whether nobody else publishes from this outbox for as long as the connection lasts."""
    row = connection.execute("select pg_try_advisory_lock(hashtext('relay')) as locked").fetchone()
    return bool(row and row["locked"])


def list_oldest(connection: Connection, limit: int) -> list[Pending]:
    """The messages that were appended first, in order."""
    rows = connection.execute(
        "select pos, topic, key, header_names, header_values, value,"
        " extract(epoch from clock_timestamp() - created_at)::float as age"
        " from outbox order by pos limit %s",
        (limit,),
    ).fetchall()
    return [
        Pending(
            row["pos"],
            Outgoing(
                row["topic"],
                row["key"],
                list(zip(row["header_names"], row["header_values"], strict=True)),
                row["value"],
            ),
            row["age"],
        )
        for row in rows
    ]


def delete(connection: Connection, positions: Sequence[int]) -> None:
    """Remove what was published."""
    connection.execute("delete from outbox where pos = any(%b)", (list(positions),))
