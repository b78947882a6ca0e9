"""Writes messages for an event loop, which is told when the log has them."""

import asyncio
import threading
from typing import Any

from chassis.kafka.client import KafkaError, KafkaException, producer, topic_name
from chassis.settings import Settings
from contracts.envelope import Outgoing
from contracts.topic import Topic


class AsyncPublisher:
    """A thread polls, and hands delivery reports over to the loop once per burst.

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

    def check(self, topic: Topic) -> int:
        """From another thread: how many of the topic's partitions lack a copy in sync, of those they should have.

        Raises KafkaException while the cluster does not know the topic, RuntimeError when the producer can never write
        again and the process has to end.
        """
        if self._fatal or not (self._thread.is_alive() or self._closing.is_set()):
            raise RuntimeError(f"the producer is broken: {self._fatal or 'its deliveries are not read any more'}")
        name = topic_name(self._settings, topic.name)
        found = self._producer.list_topics(name, timeout=2.0).topics[name]
        if found.error is not None:
            raise KafkaException(found.error)
        return sum(len(partition.isrs) < len(partition.replicas) for partition in found.partitions.values())

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
