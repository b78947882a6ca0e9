"""Follows topics while a test runs: one reader for all of them, so that looking again costs nothing."""

from collections.abc import Sequence
from threading import Condition, Event, Thread
from uuid import uuid4

from chassis.kafka.client import client_settings, connect, topic_name
from chassis.kafka.messages import original_headers
from chassis.settings import Settings
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Message, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec
from contracts.envelope import Envelope, decode
from contracts.topics import Topic

SETTLED_SECONDS = 30.0


class TopicFollower:
    """Reads topics from their start in a thread, until it is closed."""

    def __init__(self, settings: Settings, topics: Sequence[Topic]) -> None:
        self._settings = settings
        self._names = {topic_name(settings, topic.name): topic for topic in topics}
        self._partitions = [(name, number) for name, topic in self._names.items() for number in range(topic.partitions)]
        self._messages: dict[str, list[Message]] = {name: [] for name in self._names}
        self._decoded: dict[str, list[Envelope | None]] = {name: [] for name in self._names}
        self._next = dict.fromkeys(self._partitions, 0)
        self._left_out: set[bytes] = set()
        self._failed: BaseException | None = None
        self._news, self._stop = Condition(), Event()
        self._admin = AdminClient(client_settings(settings, "follower"))
        self._thread = Thread(target=self._guarded, daemon=True)
        self._thread.start()

    def leave_out(self, value: bytes) -> None:
        """A value that is no event and was put on a topic on purpose. Call it before that."""
        self._left_out.add(value)

    def messages(self, topic: Topic) -> list[Message]:
        """What was read of a topic by now."""
        with self._news:
            self._check()
            return list(self._messages[topic_name(self._settings, topic.name)])

    def envelopes(self, topic: Topic) -> list[Envelope]:
        """The same as events with their context, without tombstones and what is left out. Raises Unusable."""
        messages, decoded = self.messages(topic), self._decoded[topic_name(self._settings, topic.name)]
        for message in messages[len(decoded) :]:
            value = message.value()
            if value is None or value in self._left_out:
                decoded.append(None)
            else:
                decoded.append(decode(original_headers(message), value))
        return [envelope for envelope in decoded if envelope is not None]

    def settle(self, topics: Sequence[Topic]) -> None:
        """Wait until everything that is on these topics at this moment has been read."""
        names = {topic_name(self._settings, topic.name) for topic in topics}
        asked = {TopicPartition(*found): OffsetSpec.latest() for found in self._partitions if found[0] in names}
        answers = self._admin.list_offsets(asked, request_timeout=10)
        ends = {(found.topic, found.partition): answer.result().offset for found, answer in answers.items()}
        with self._news:
            read = self._news.wait_for(
                lambda: self._failed or all(self._next[found] >= end for found, end in ends.items()), SETTLED_SECONDS
            )
            self._check()
            assert read, f"not read to their ends: {', '.join(sorted(names))}"

    def close(self) -> None:
        """End the reading."""
        self._stop.set()
        self._thread.join()

    def _check(self) -> None:
        if self._failed is not None:
            raise AssertionError("the follower's thread ended") from self._failed

    def _guarded(self) -> None:
        try:
            self._read()
        except BaseException as error:  # noqa: BLE001 - raised again by whoever looks
            with self._news:
                self._failed = error
                self._news.notify_all()

    def _read(self) -> None:
        settings = {"group.id": f"follower-{uuid4().hex}", "enable.partition.eof": True, "enable.auto.commit": False}
        settings |= {"auto.offset.reset": "earliest", "fetch.wait.max.ms": 50}
        with Consumer({**client_settings(self._settings, "follower"), **settings}) as reader:
            connect(reader)
            reader.assign([TopicPartition(*found, OFFSET_BEGINNING) for found in self._partitions])
            while not self._stop.is_set():
                first = reader.poll(0.2)
                for message in [first, *reader.consume(500, 0)] if first else []:
                    self._take(message)

    def _take(self, message: Message) -> None:
        error, found = message.error(), (str(message.topic()), message.partition() or 0)
        if error is not None and error.code() != KafkaError._PARTITION_EOF:
            raise KafkaException(error)
        with self._news:
            if error is None:
                self._messages[found[0]].append(message)
            self._next[found] = (message.offset() or 0) + (error is None)
            self._news.notify_all()
