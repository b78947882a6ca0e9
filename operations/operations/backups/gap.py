"""What was said since a backup was taken: the log has it, the copy has not."""

from collections.abc import Iterable, Iterator

from chassis.kafka.client import topic_name
from chassis.kafka.lag import Ends
from chassis.kafka.messages import RawMessage, Received, raw_message, read_message
from chassis.postgres import Connection
from chassis.settings import Settings
from contracts.envelope import Unusable
from contracts.topics import HEARTBEATS, OPERATORS, PROGRESS, Topic
from deploy.stack.process import StackError

from operations.backups.folder import Places
from operations.consumption.groups import system_topics
from operations.topic_reader import read_partitions

_ID = "ce_id"
ABOUT_RUNNING = (PROGRESS, *HEARTBEATS.values())
"""Topics of which only the newest counts: what a backup goes on from is never there any more, and nobody lacks it."""


def read_since(settings: Settings, topics: Iterable[Topic], since: Places) -> list[RawMessage]:
    """Everything on topics from offsets on, by time; of a partition that is not named there, from its beginning.

    Raises StackError, also where something of it was deleted meanwhile.
    """
    starts = {
        (topic_name(settings, topic.name), number): since.get((topic.name, number), 0)
        for topic in topics
        for number in range(topic.partitions)
    }
    found = [raw_message(settings, message) for message in read_partitions(settings, starts)] if starts else []
    return sorted(found, key=lambda raw: raw.written_ms)


def usable(messages: Iterable[RawMessage]) -> Iterator[Received]:
    """What could be used then: what could not is on a dead-letter topic. Raises StackError for a newer writer's."""
    for raw in messages:
        match read_message(raw):
            case Received() as received:
                yield received
            case Unusable():
                continue
            case newer:
                raise StackError(f"{newer.raw.where} is of release {newer.release}: take that release's kmzb")


def delete_said(connection: Connection, settings: Settings, service: str, ends: Places) -> int:
    """Delete from a store's outbox what its topics have already, so that nothing is said twice; gives how much."""
    own = [topic for topic in system_topics(settings) if service in topic.writers and topic is not PROGRESS]
    since = read_since(settings, own, ends)
    ids = [value for raw in since for name, value in raw.headers if name == _ID]
    erased = [(raw.topic.name, raw.key) for raw in since if raw.value is None]
    connection.execute("create temporary table said (id bytea primary key) on commit drop")
    connection.execute("insert into said select distinct unnest(%b::bytea[])", (ids,))
    by_id = connection.execute(
        "delete from outbox using said where header_values[array_position(header_names, 'ce_id')] = said.id"
    )
    by_key = connection.execute(
        "delete from outbox where value is null and (topic, key) in (select * from unnest(%b::text[], %b::bytea[]))",
        ([topic for topic, _ in erased], [key for _, key in erased]),
    )
    return by_id.rowcount + by_key.rowcount


def require_kept(settings: Settings, topics: Iterable[Topic], since: Places) -> None:
    """Raises StackError for a partition that lacks what a backup goes on from; KafkaException."""
    kept = [topic for topic in topics if not topic.compacted and topic not in ABOUT_RUNNING]
    numbers = [(topic, number) for topic in kept for number in range(topic.partitions)]
    names = [(topic_name(settings, topic.name), number) for topic, number in numbers]
    firsts = Ends(settings, OPERATORS).offsets(names)
    for (topic, number), name in zip(numbers, names, strict=True):
        wanted = since.get((topic.name, number))
        if wanted is not None and firsts[name] > wanted:
            raise StackError(
                f"{topic.name}/{number} begins at {firsts[name]}, and the backup goes on from {wanted}: what lies"
                " between was deleted by its age. The backup is too old to lose nothing"
            )
