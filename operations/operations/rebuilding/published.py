"""public-map's public reports: the topic is the table's twin, so what a rebuild would publish is thrown away."""

from uuid import UUID

from chassis.kafka.client import topic_name
from chassis.kafka.messages import raw_message, read_message
from chassis.postgres import Connection
from chassis.settings import Settings
from confluent_kafka import OFFSET_BEGINNING
from contracts.topics import PUBLIC_REPORT
from public_map.domain.differences import Differences, TopicEntry, differences
from public_map.reconciler import version_in
from public_map.store.reconciliation import read_table_state

from operations.topic_reader import read_partitions


def count_differences(connection: Connection, settings: Settings) -> str:
    """Publish nothing of what was replayed; say where topic and table differ, which the service mends by itself."""
    connection.execute("delete from outbox")
    found = compare(connection, settings, set(range(PUBLIC_REPORT.partitions)))
    if count := len(found.withdrawn) + len(found.missing):
        return f"{count} reports stand otherwise on {PUBLIC_REPORT.name}: public-map mends that once it has read on"
    return f"the table is as {PUBLIC_REPORT.name}: nothing is published anew"


def compare(connection: Connection, settings: Settings, caught_up: set[int]) -> Differences:
    """Where the public topic and its table differ; of what the topic has too many, only in partitions that are
    `caught_up`: there every change of a case is in the table. Raises StackError.
    """
    table = read_table_state(connection, PUBLIC_REPORT.name)
    return differences(table, topic_entries(settings), caught_up)


def topic_entries(settings: Settings) -> dict[UUID, TopicEntry]:
    """What a reader of the whole public topic ends up with now. Raises StackError."""
    name = topic_name(settings, PUBLIC_REPORT.name)
    entries: dict[UUID, TopicEntry] = {}
    for message in read_partitions(settings, dict.fromkeys(
        ((name, number) for number in range(PUBLIC_REPORT.partitions)), OFFSET_BEGINNING
    )):  # fmt: skip
        raw = raw_message(settings, message)
        try:
            report_id = UUID(raw.key.decode())
        except ValueError:
            continue  # no key of ours: kmzb_public_topic_foreign_total says so
        if raw.value is None:
            entries.pop(report_id, None)
        else:
            entries[report_id] = TopicEntry(raw.partition, version_in(read_message(raw)))
    return entries
