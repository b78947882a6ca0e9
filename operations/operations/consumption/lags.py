"""How far services are behind, in messages and in seconds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

import confluent_kafka
from chassis.kafka.client import client_settings, topic_name
from chassis.settings import Settings
from confluent_kafka import Consumer, KafkaError, KafkaException
from contracts.topics import OPERATORS, Topic

from operations.consumption.groups import Position

_SILENCE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Lag:
    """What waits on one partition: `seconds` is the age of the oldest message, 0 where none waits."""

    position: Position
    seconds: float


@dataclass(frozen=True, slots=True)
class TopicLag:
    """What of a topic waits for a service: messages of all partitions, seconds of the worst one."""

    service: str
    topic: Topic
    messages: int
    seconds: float
    partitions: int


def lags(settings: Settings, found: Iterable[Position], at: datetime) -> list[Lag]:
    """How long each partition's oldest message waits. Raises KafkaException."""
    ordered = list(found)
    written = _written_at(settings, [position for position in ordered if position.waiting])
    return [
        Lag(position, max(0.0, at.timestamp() - written[position]) if position in written else 0.0)
        for position in ordered
    ]


def by_topic(found: Sequence[Lag]) -> list[TopicLag]:
    """The same, summed over the partitions of each topic, in the order of the first."""
    together: dict[tuple[str, str], list[Lag]] = {}
    for lag in found:
        together.setdefault((lag.position.service, lag.position.topic.name), []).append(lag)
    return [
        TopicLag(
            service=service,
            topic=of_topic[0].position.topic,
            messages=sum(lag.position.waiting for lag in of_topic),
            seconds=max(lag.seconds for lag in of_topic),
            partitions=sum(lag.position.waiting > 0 for lag in of_topic),
        )
        for (service, _), of_topic in together.items()
    ]


def _written_at(settings: Settings, waiting: Sequence[Position]) -> dict[Position, float]:
    """When the message was written that each position has to handle next; those where nothing stands are left out."""
    if not waiting:
        return {}
    found: dict[Position, float] = {}
    services: dict[str, list[Position]] = {}
    for position in waiting:
        services.setdefault(position.service, []).append(position)
    for of_service in services.values():
        found |= _first_times(settings, of_service)
    return found


def _first_times(settings: Settings, waiting: Sequence[Position]) -> dict[Position, float]:
    unknown = {(topic_name(settings, position.topic.name), position.partition): position for position in waiting}
    found: dict[Position, float] = {}
    reader = Consumer(
        {
            **client_settings(settings, OPERATORS),
            "group.id": f"{settings.namespace}{OPERATORS}-reads",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "auto.offset.reset": "earliest",
            "queued.min.messages": 1,
            "fetch.message.max.bytes": 64 * 1024,  # the first of each is all that is looked at
        }
    )
    try:
        places = [confluent_kafka.TopicPartition(*place, position.next) for place, position in unknown.items()]
        reader.assign(places)
        heard_at = monotonic()
        while unknown and monotonic() - heard_at < _SILENCE_SECONDS:
            message = reader.poll(0.5)
            if message is None:
                continue
            error = message.error()
            if error is not None and error.code() != KafkaError._PARTITION_EOF:
                raise KafkaException(error)
            place = str(message.topic()), message.partition() or 0
            if (position := unknown.pop(place, None)) is not None:
                heard_at = monotonic()
                reader.incremental_unassign([confluent_kafka.TopicPartition(*place)])
                if error is None:
                    found[position] = message.timestamp()[1] / 1000
        return found
    finally:
        reader.close()
