"""Reads what stands on topics from somewhere to now, without joining a group."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import confluent_kafka
from chassis.kafka.client import client_settings, connect, topic_name
from chassis.settings import Settings
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, Message
from contracts.topics import OPERATORS, Topic
from deploy.stack.process import StackError

SILENCE_SECONDS = 10.0

TopicPartition = tuple[str, int]
"""(topic, partition)."""


def read_topic(settings: Settings, topic: Topic) -> list[Message]:
    """Every message of a topic, by time. Raises StackError."""
    starts = {(topic_name(settings, topic.name), number): OFFSET_BEGINNING for number in range(topic.partitions)}
    return sorted(read_partitions(settings, starts), key=lambda message: message.timestamp()[1])


def read_partitions(settings: Settings, starts: Mapping[TopicPartition, int]) -> Iterator[Message]:
    """What stands on each partition from an offset on, in order within it. Raises StackError.

    An offset that is no longer there stands for the first one that is.
    """
    bootstrap = settings.kafka_bootstrap
    client = _reader_settings(settings) | {"enable.partition.eof": True, "auto.offset.reset": "earliest"}
    client["fetch.wait.max.ms"] = 20  # nothing new is waited for; with the default an end is known a second later
    with Consumer(client) as reader:
        connect(reader)
        reader.assign([confluent_kafka.TopicPartition(*partition, offset) for partition, offset in starts.items()])
        unread, silent = set(starts), 0  # seconds on end; what the caller does with a message meanwhile is no silence
        while unread:
            first = reader.poll(1.0)  # consume alone would wait until it has as many as it may
            batch = [first, *reader.consume(500, 0)] if first else []
            silent = 0 if batch else silent + 1
            if silent > SILENCE_SECONDS:
                raise StackError(f"{bootstrap} does not answer for {min(unread)[0]}")
            for message in batch:
                error = message.error()
                if error is None:
                    yield message
                elif error.code() == KafkaError._PARTITION_EOF:
                    unread.discard((str(message.topic()), message.partition() or 0))
                else:
                    raise StackError(f"{message.topic() or bootstrap}: {error.str()}")


def offsets_since(
    settings: Settings, partitions: Iterable[TopicPartition], since: datetime
) -> dict[TopicPartition, int | None]:
    """The first message of each partition that was written then or later; None where there is none.

    Raises KafkaException.
    """
    milliseconds = int(since.timestamp() * 1000)
    asked = [confluent_kafka.TopicPartition(*partition, milliseconds) for partition in partitions]
    reader = Consumer(_reader_settings(settings))
    try:
        starts = reader.offsets_for_times(asked, SILENCE_SECONDS) if asked else []
    finally:
        reader.close()
    return {(start.topic, start.partition): None if start.offset < 0 else start.offset for start in starts}


def _reader_settings(settings: Settings) -> dict[str, Any]:
    """It joins no group, though a client has to name one."""
    group = {"group.id": f"{settings.namespace}{OPERATORS}-reads", "enable.auto.commit": False}
    return {**client_settings(settings, OPERATORS), **group}
