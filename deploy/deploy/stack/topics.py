"""Makes the registry's topics on a cluster, and puts the settings of those that exist right."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from threading import Event
from time import monotonic
from typing import TypeVar

from chassis.kafka.client import client_settings
from chassis.settings import Settings
from confluent_kafka import KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewTopic,
    OffsetSpec,
    ResourceType,
)
from contracts.agencies import Agency
from contracts.topics import MIN_IN_SYNC, OPERATORS, REPLICATION, Topic

from deploy.agencies import all_topics, first_agencies
from deploy.stack.process import StackError

T = TypeVar("T")
_LEADERS_SECONDS = 60.0
# Of one request the controller takes no more than 10,000 records: a topic is one, and each partition and setting.
_AT_ONCE = 500


def registered(agencies_file: Path) -> tuple[list[Agency], tuple[Topic, ...]]:
    """The agencies of a table, and every topic a system has with them. Raises StackError for one that can't be used."""
    try:
        return list(first_agencies(agencies_file).values()), all_topics(agencies_file)
    except (OSError, ValueError) as wrong:
        raise StackError(f"the table of agencies, {agencies_file}, cannot be used: {wrong}") from wrong


def create(settings: Settings, topics: Sequence[Topic], *, replication: int = REPLICATION) -> int:
    """Make what is missing; gives how many that were. Raises StackError for a topic with other partitions."""
    admin, namespace = AdminClient({**client_settings(settings, OPERATORS), "log_level": 0}), settings.namespace
    there = admin.list_topics(timeout=15).topics
    missing = []
    for topic in topics:
        name = namespace + topic.name
        if (known := there.get(name)) is None:
            missing.append(NewTopic(name, topic.partitions, replication, config=_settings(topic, replication)))
        elif len(known.partitions) != topic.partitions:
            raise StackError(
                f"{name} has {len(known.partitions)} partitions and not {topic.partitions}: the order of a report's "
                "events would break. Make a new version of the topic instead."
            )
    for batch in _batches(missing):
        _wait(admin.create_topics(batch, operation_timeout=15).values())
        _wait_for_leaders(admin, batch)
    new = {topic.topic for topic in missing}
    kept = [_change(namespace, topic, replication) for topic in topics if namespace + topic.name not in new]
    for changes in _batches(kept):
        _wait(admin.incremental_alter_configs(changes).values())
    return len(missing)


def _batches(every: Sequence[T]) -> Iterator[list[T]]:
    return (list(every[start : start + _AT_ONCE]) for start in range(0, len(every), _AT_ONCE))


def _settings(topic: Topic, replication: int) -> dict[str, str]:
    in_sync = MIN_IN_SYNC if replication >= REPLICATION else 1
    return {**topic.config, "min.insync.replicas": str(in_sync)}


def _change(namespace: str, topic: Topic, replication: int) -> ConfigResource:
    entries = [
        ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET)
        for name, value in _settings(topic, replication).items()
    ]
    return ConfigResource(ResourceType.TOPIC, namespace + topic.name, incremental_configs=entries)


def _wait_for_leaders(admin: AdminClient, topics: Iterable[NewTopic]) -> None:
    """Return once every partition is served. Raises StackError when that takes too long.

    The brokers answer before they have made the partitions. A group that is joined in between is given none of them,
    and the next chance is a heartbeat or two later.
    """
    counts = {topic.topic: topic.num_partitions for topic in topics}
    wanted = {TopicPartition(name, number): OffsetSpec.latest() for name in counts for number in range(counts[name])}
    deadline, pause = monotonic() + _LEADERS_SECONDS, Event()
    while True:
        # A look at all topics, because the client remembers for good that it asked for one too early. And first,
        # because the client ended the process (an assertion of its own, seen once on a busy machine) when it was
        # asked for offsets while it was still looking for the leaders.
        looked_at = monotonic()
        unled = _without_leader(admin, counts)
        if not unled:
            try:
                for future in admin.list_offsets(wanted, request_timeout=5).values():
                    future.result()
                return
            except KafkaException as not_served:
                unled = str(not_served)
        if monotonic() > deadline:
            raise StackError(f"topics are not served after {_LEADERS_SECONDS:.0f} s: {unled}")
        pause.wait(min(1.0, max(0.02, monotonic() - looked_at)))  # among thousands of topics a look takes long


def _without_leader(admin: AdminClient, counts: Mapping[str, int]) -> str:
    """The first topic that lacks a leader or a partition, by the brokers' metadata; empty when none does."""
    known = admin.list_topics(timeout=15).topics
    for name, count in counts.items():
        partitions = known[name].partitions.values() if name in known else ()
        if sum(partition.leader >= 0 and partition.error is None for partition in partitions) < count:
            return f"{name} has no leader for each of its partitions"
    return ""


def _wait(futures: Iterable["Future[None]"]) -> None:
    for future in futures:
        try:
            future.result(timeout=30)
        except KafkaException as refused:
            # Two set-ups at the same time: the other one was quicker.
            if refused.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise
