"""Messages of newer writers that wait, raw, in the store of a reader that is not upgraded yet (docs/decisions/0040)."""

from collections.abc import Sequence

from contracts.topics import topic_named

from chassis.kafka.messages import Newer, RawMessage, Received
from chassis.postgres import Connection, columns

_COLUMNS = 'topic, partition, "offset", written_ms, key, header_names, header_values, value, release'


def insert_held(connection: Connection, messages: Sequence[Newer]) -> None:
    """Hold messages, each once however often it comes."""
    values = "(%s, %s, %s, %s, %b, %s, %b::bytea[], %b, %s)"
    insert = f"insert into held ({_COLUMNS}) values {values} on conflict do nothing"  # noqa: S608 (fixed words)
    for message in messages:
        raw, names = message.raw, [name for name, _ in message.raw.headers]
        origin = raw.topic.name, raw.partition, raw.offset, raw.written_ms
        data = [value for _, value in raw.headers]
        connection.execute(insert, (*origin, raw.key, names, data, raw.value, message.release))


def delete_superseded(connection: Connection, messages: Sequence[Received | Newer]) -> None:
    """Forget what is held of a compacted topic under a key of which something later has come: a tombstone above all."""
    later = [(m.raw.topic.name, m.raw.key, m.raw.offset) for m in messages if m.raw.topic.compacted]
    if later:
        connection.execute(
            "delete from held using unnest(%b::text[], %b::bytea[], %b::bigint[]) as later (topic, key, at)"
            ' where held.topic = later.topic and sha256(held.key) = sha256(later.key) and held."offset" < later.at',
            columns(later),
        )


def list_held(connection: Connection, after: int, limit: int) -> list[tuple[int, RawMessage]]:
    """Held messages in the order they came, from behind a position on; with their positions."""
    query = f"select pos, {_COLUMNS} from held where pos > %s order by pos limit %s"  # noqa: S608 (fixed words)
    rows = connection.execute(query, (after, limit)).fetchall()
    found = []
    for row in rows:
        topic = topic_named(row["topic"])
        assert topic is not None  # no release takes a topic away
        headers = list(zip(row["header_names"], row["header_values"], strict=True))
        origin = row["partition"], row["offset"], row["written_ms"]
        found.append((row["pos"], RawMessage(topic, *origin, row["key"], headers, row["value"])))
    return found


def delete_held(connection: Connection, position: int) -> bool:
    """Hold a message no longer; False where it is gone already, because another instance replayed it."""
    return bool(connection.execute("delete from held where pos = %s", (position,)).rowcount)


def count_held(connection: Connection) -> int:
    """How many messages are held."""
    row = connection.execute("select count(*) as number from held").fetchone()
    return int(row["number"]) if row else 0
