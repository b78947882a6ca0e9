"""Kafka clients with the settings that were measured, and the ways to write: wait for all, or tell the event loop."""

import asyncio
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from time import monotonic
from typing import Any

import structlog
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, Message, Producer, TopicPartition
from confluent_kafka import KafkaException as KafkaException
from contracts.envelope import Outgoing
from contracts.topic import COMPRESSION
from contracts.topics import Topic

from chassis.settings import Settings

log = structlog.get_logger()
EVER = datetime(1970, 1, 1, tzinfo=UTC)
Acknowledged = Callable[[KafkaError | None, Message], None]


def topic_name(settings: Settings, name: str) -> str:
    """A topic's name on the cluster: the registry's, behind the namespace of this system."""
    return settings.namespace + name


def client_settings(settings: Settings, service: str) -> dict[str, Any]:
    """What every client of a service is configured with, by librdkafka's names."""
    return {
        "bootstrap.servers": settings.kafka_bootstrap,
        "client.id": f"{settings.namespace}{service}",
        "allow.auto.create.topics": False,  # a misspelt name must not make a topic
        "socket.keepalive.enable": True,
        "socket.nagle.disable": True,
        # librdkafka would write every failed connection to stderr, in lines of its own; this says it once, as ours are.
        "log_level": 2,
        "reconnect.backoff.max.ms": 2_000,
        "error_cb": _BrokersAwayWarning(),
    }


class _BrokersAwayWarning:
    """Says that the brokers are away, a client once a minute: it tries again several times a second."""

    def __init__(self) -> None:
        self._silent_until = 0.0

    def __call__(self, error: KafkaError) -> None:
        if error.fatal() or (error.code() == KafkaError._ALL_BROKERS_DOWN and monotonic() > self._silent_until):
            self._silent_until = monotonic() + 60
            log.warning("kafka", error=str(error), fatal=error.fatal())


def producer(settings: Settings, service: str, **overrides: Any) -> Producer:
    """An idempotent producer that waits for every required replica. Keys land where JVM clients would put them."""
    return Producer(
        {
            **client_settings(settings, service),
            "enable.idempotence": True,
            "acks": "all",
            "partitioner": "murmur2_random",
            "compression.codec": COMPRESSION,
            # The quickest level: against the default a third less of the processor, and 3 to 30 % larger.
            "compression.level": 1,
            "message.max.bytes": 9 * 1024 * 1024,
            "queue.buffering.max.kbytes": 64 * 1024,  # the default, 1 GiB, ends a container before it is noticed
            "linger.ms": 1,
            "delivery.timeout.ms": 20_000,
            **overrides,
        }
    )


def connect(client: Producer | Consumer) -> None:
    """Connect now: a client by itself would do so half a second after it is first used. Gives up after two seconds."""
    with suppress(KafkaException):
        client.list_topics(timeout=2.0)


def send(to: Producer, settings: Settings, message: Outgoing, on_delivery: Acknowledged) -> None:
    """Hand one message to the client; when its queue is full, wait until there is room."""
    while True:
        try:
            to.produce(
                topic_name(settings, message.topic),
                key=message.raw_key,
                value=message.value,
                headers=list(message.headers),
                on_delivery=on_delivery,
            )
        except BufferError:
            to.poll(0.1)
        else:
            return


class Publisher:
    """Writes messages and returns once the log has every one of them. For one thread."""

    def __init__(self, settings: Settings, service: str, **overrides: Any) -> None:
        self._settings = settings
        self._producer = producer(settings, service, **overrides)
        connect(self._producer)

    def publish(self, messages: Iterable[Outgoing]) -> None:
        """Raises KafkaException when any is not acknowledged; then nothing may be taken for written."""
        errors: list[KafkaError] = []
        waiting = 0

        def acknowledged(error: KafkaError | None, _: Message) -> None:
            nonlocal waiting
            waiting -= 1
            if error is not None:
                errors.append(error)

        for message in messages:
            waiting += 1
            send(self._producer, self._settings, message, acknowledged)
        while waiting:
            self._producer.poll(0.5)
        if errors:
            raise KafkaException(errors[0])


class AsyncPublisher:
    """The same for an event loop: a thread polls and hands delivery reports over once per burst.

    Make it on the loop; `close` it there too. confluent_kafka's own asyncio producer refuses headers and waits seconds.
    """

    def __init__(self, settings: Settings, service: str, **overrides: Any) -> None:
        self._settings = settings
        self._fatal = fatal = list[KafkaError]()

        def note(error: KafkaError) -> None:  # a method would tie the client to its owner and keep both alive
            if error.fatal():
                fatal.append(error)

        self._producer = producer(settings, service, error_cb=note, **overrides)
        self._loop = asyncio.get_running_loop()
        self._done: list[tuple[asyncio.Future[None], KafkaError | None]] = []
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._poll, name="deliveries", daemon=True)
        self._thread.start()

    def send(self, message: Outgoing) -> "asyncio.Future[None]":
        """A future that ends when the log has the message. It raises KafkaException; BufferError comes at once."""
        future: asyncio.Future[None] = self._loop.create_future()
        self._producer.produce(
            topic_name(self._settings, message.topic),
            key=message.raw_key,
            value=message.value,
            headers=list(message.headers),
            on_delivery=lambda error, _: self._done.append((future, error)),
        )
        return future

    def check(self, topic: Topic) -> None:
        """From another thread: raises KafkaException while the cluster does not know the topic, RuntimeError when the
        producer can never write again and the process has to end.
        """
        if self._fatal or not (self._thread.is_alive() or self._closing.is_set()):
            raise RuntimeError(f"the producer is broken: {self._fatal or 'its deliveries are not read any more'}")
        name = topic_name(self._settings, topic.name)
        error = self._producer.list_topics(name, timeout=2.0).topics[name].error
        if error is not None:
            raise KafkaException(error)

    def _poll(self) -> None:
        while not (self._closing.is_set() and not len(self._producer)):
            # The first report of a burst is on the list when poll returns; the rest are taken without waiting.
            self._producer.poll(0.2)
            self._producer.poll(0)
            if self._done:
                burst, self._done = self._done, []
                self._loop.call_soon_threadsafe(self._tell, burst)

    @staticmethod
    def _tell(burst: list[tuple["asyncio.Future[None]", KafkaError | None]]) -> None:
        for future, error in burst:
            if future.done():  # the one who waited has gone
                continue
            if error is None:
                future.set_result(None)
            else:
                future.set_exception(KafkaException(error))

    def close(self) -> None:
        """Deliver what is under way, for as long as the delivery time-out lets it."""
        self._closing.set()
        self._thread.join()


def read_from_start(
    settings: Settings, service: str, topics: Topic | Sequence[Topic], stop: threading.Event, since: datetime = EVER
) -> Iterator[Message | None]:
    """Every message of topics from their beginning, or from `since` by the messages' timestamps, then what comes.

    Without a group, without end until `stop`. Yields None each time everything there was has been read, and about once
    a second while nothing comes.
    """
    wanted = [topics] if isinstance(topics, Topic) else topics
    unread = {(topic_name(settings, topic.name), number) for topic in wanted for number in range(topic.partitions)}
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
    try:
        reader.assign(_starts(reader, unread, since))
        while not stop.is_set():
            message = reader.poll(1.0)
            if message is None:
                if not unread:
                    yield None
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
