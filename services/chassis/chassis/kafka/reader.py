"""Reading topics from their beginning, for what is kept in memory; and taking from a consumer what it has fetched."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from time import monotonic

import structlog
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Message, TopicPartition
from contracts.envelope import Unusable
from contracts.topics import Topic
from prometheus_client import Counter

from chassis.health import Health
from chassis.kafka.client import client_settings, connect, topic_name
from chassis.kafka.lag import Ends, StandStill
from chassis.kafka.messages import Received, received
from chassis.outages import passes
from chassis.settings import Settings

log = structlog.get_logger()
EVER = datetime(1970, 1, 1, tzinfo=UTC)
_LOOK_SECONDS = 2.0
# A transaction costs what many of its messages do, so while more comes than is taken a batch waits for company.
_LINGER_SECONDS, _AT_ONCE = 0.01, 0.001
UNREADABLE = Counter("kmzb_table_messages_unreadable_total", "Messages passed over in tables kept in memory", ["topic"])


def read_from_start(
    settings: Settings, service: str, topics: Topic | Sequence[Topic], stop: threading.Event, since: datetime = EVER
) -> Iterator[Message | None]:
    """Every message of topics from their beginning, or from `since` by the messages' timestamps, then what comes.

    Without a group, without end until `stop`. Yields None each time everything there was has been read, and about once
    a second while nothing comes. Raises KafkaException when the client stands still: then begin again.
    """
    wanted = [topics] if isinstance(topics, Topic) else topics
    every = {(topic_name(settings, topic.name), number) for topic in wanted for number in range(topic.partitions)}
    unread = every.copy()
    reader = _reader(settings, service)
    ends, still, look_at = Ends(settings, service), StandStill(), monotonic() + _LOOK_SECONDS
    try:
        reader.assign(_starts(reader, unread, since))
        while not stop.is_set():
            message = reader.poll(1.0)
            if message is None:
                if not unread:
                    yield None
                if monotonic() > look_at:
                    still.check(reader, ends.last(every), monotonic())
                    look_at = monotonic() + _LOOK_SECONDS
            elif (error := message.error()) is None:
                yield message
            elif error.code() == KafkaError._PARTITION_EOF:
                unread.discard((str(message.topic()), message.partition() or 0))
                if not unread:
                    yield None
            else:
                raise KafkaException(error)
    finally:
        reader.close()


def follow(
    settings: Settings,
    service: str,
    topic: Topic,
    health: Health,
    apply: Callable[[Received], object],
    stop: threading.Event,
    *,
    paused: Callable[[], object] = lambda: None,
) -> None:
    """A worker that keeps the table a topic's newest messages are: from its beginning, then whatever comes.

    `paused` is called each time all there was has been applied; `health` hears of it by the topic's name.

    What can't be read is passed over, counted and logged: what was said before under its key goes on being so.
    """
    what = topic.name.split(".")[2]
    for message in read_from_start(settings, service, topic, stop):
        health.beat(what)
        if message is None:
            paused()
            health.ready(what)
            continue
        try:
            apply(received(settings, message))
        except Unusable as why:
            UNREADABLE.labels(topic.name).inc()
            log.error("unreadable", topic=topic.name, reason=why.reason, detail=why.detail, offset=message.offset())


def _reader(settings: Settings, service: str) -> Consumer:
    reader = Consumer(
        {
            **client_settings(settings, service),
            "group.id": f"{settings.namespace}{service}-reads",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "auto.offset.reset": "earliest",
            "fetch.wait.max.ms": 50,  # that a topic is at its end is known when a fetch has waited in vain
        }
    )
    connect(reader)
    return reader


def drain(consumer: Consumer, most: int, seconds: float, *, busy: bool = False) -> list[Message]:
    """What is there, after waiting so long for the first. `consume(n, timeout)` alone would wait to fill n.

    Who was `busy` until now and need not wait for the first is told more than it takes: it waits a little for the rest.
    """
    began = monotonic()
    first = consumer.poll(min(0.2, max(0.0, seconds)))
    if first is None:
        return []
    good = []
    linger = _LINGER_SECONDS if busy and monotonic() - began < _AT_ONCE else 0
    for message in [first, *consumer.consume(most - 1, linger)]:
        error = message.error()
        if error is None:
            good.append(message)
        elif passes(error):
            log.warning("consumer", error=str(error))
        else:
            raise KafkaException(error)
    return good


def _starts(reader: Consumer, partitions: Iterable[tuple[str, int]], since: datetime) -> list[TopicPartition]:
    """Where to read each partition from. Raises KafkaException where the cluster does not say."""
    if since == EVER:
        return [TopicPartition(*partition, OFFSET_BEGINNING) for partition in partitions]
    # The ends first: what is written between the two questions is newer than `since`, and begins there.
    ends = {found: reader.get_watermark_offsets(TopicPartition(*found), timeout=5.0)[1] for found in partitions}
    starts = reader.offsets_for_times([TopicPartition(*found, int(since.timestamp() * 1000)) for found in ends], 5.0)
    for start in starts:
        if start.offset < 0:  # nothing is as new as that
            start.offset = ends[start.topic, start.partition]
    return starts
