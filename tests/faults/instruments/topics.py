"""Reads every topic from outside, as any reader would, and writes each message into the ledger."""

import hashlib
import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from time import monotonic

import msgspec
from chassis.clock import now
from chassis.kafka.client import client_settings, topic_name
from chassis.kafka.messages import original_headers
from chassis.settings import Settings
from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition
from confluent_kafka import Message as Raw
from contracts.envelope import TYPE_PREFIX
from contracts.topics import CONTACT, CONTENT, DISTRICT, PROGRESS
from deploy.agencies import all_topics

from faults.ledger import Ledger, Message

# A citizen's words and contacts, and whole borders: of these only the hash is kept.
WITHOUT_BODY = {CONTENT.name, CONTACT.name, DISTRICT.name}
_BATCH = 500


class Topics:
    """A thread that reads all topics from their beginning; `heard` is called, from it, with each event's message."""

    def __init__(self, settings: Settings, ledger: Ledger, heard: Callable[[Message], None]) -> None:
        self._settings, self._ledger, self._heard = settings, ledger, heard
        self._names = {topic_name(settings, topic.name): topic.name for topic in all_topics()}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._read, name="topics", daemon=True)
        self.counts: Counter[str] = Counter()
        self.moved_at = monotonic()
        self.failed: list[BaseException] = []

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(20)

    @property
    def silent_seconds(self) -> float:
        """How long nothing has come on any topic but the progress."""
        return monotonic() - self.moved_at

    def _read(self) -> None:
        try:
            self._read_until_stopped()
        except BaseException as error:  # the thread's end: whoever started it looks here
            self.failed.append(error)
            raise

    def _read_until_stopped(self) -> None:
        reader = Consumer(
            {
                **client_settings(self._settings, "faults"),
                "group.id": f"{self._settings.namespace}faults",
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
                "fetch.wait.max.ms": 100,
            }
        )
        places = [(name, number) for name in self._names for number in range(self._partitions(name))]
        reader.assign([TopicPartition(name, number, OFFSET_BEGINNING) for name, number in places])
        try:
            while not self._stop.is_set():
                first = reader.poll(0.2)
                if first is None:
                    continue
                arrived = now()
                batch = [first, *reader.consume(_BATCH, 0)]
                # An error is the client's about its connection: it tries again by itself.
                lines = [self._line(raw, arrived) for raw in batch if raw.error() is None]
                self._ledger.write(*lines)
                self._tell(lines)
        finally:
            reader.close()

    def _tell(self, lines: list[Message]) -> None:
        for line in lines:
            self.counts[line.event or line.topic] += 1
            if line.event is not None:
                self._heard(line)
        if any(line.topic != PROGRESS.name for line in lines):  # which never ends
            self.moved_at = monotonic()

    def _partitions(self, name: str) -> int:
        return next(topic.partitions for topic in all_topics() if topic.name == self._names[name])

    def _line(self, raw: Raw, arrived: datetime) -> Message:
        name = self._names[str(raw.topic())]
        headers = {header: value.decode("utf-8", "replace") for header, value in original_headers(raw)}
        value = raw.value()
        kind = headers.get("ce_type", "").removeprefix(TYPE_PREFIX).removesuffix(".v1")
        return Message(
            topic=name,
            partition=raw.partition() or 0,
            offset=raw.offset() or 0,
            at=datetime.fromtimestamp(raw.timestamp()[1] / 1000, UTC),
            arrived=arrived,
            key=(raw.key() or b"").decode("utf-8", "replace"),
            id=headers.get("ce_id"),
            event=kind or None,
            time=headers.get("ce_time"),
            sha=hashlib.sha256(value).hexdigest()[:16] if value is not None else None,
            body=msgspec.Raw(value) if value and name not in WITHOUT_BODY and kind else msgspec.UNSET,
        )
