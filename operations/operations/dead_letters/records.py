"""Dead letters as they stand on the services' dead-letter topics, and the messages they hold."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from chassis.kafka.client import topic_name
from chassis.kafka.messages import original_headers
from chassis.settings import Settings
from confluent_kafka import OFFSET_BEGINNING, Message
from contracts.policy.regions import NATIONAL, Region
from contracts.topics import DEAD_LETTERS, topic_named
from deploy.stack.process import StackError

from operations.topic_reader import TopicPartition, read_partitions

DEAD_LETTER_HEADERS = "kmzb_dlq_"
BEHIND = "behind"
"""The reason of a dead letter that could be used, but came after one under its key that could not."""

PartitionKey = tuple[str, int, str]
"""(topic, partition, key): what has an order."""


@dataclass(frozen=True, slots=True)
class OriginalMessage:
    """A message as it stood on its topic (the registry's name). Two that are equal say the same.

    A key that is no UTF-8 is written with Python's surrogate escapes (PEP 383).
    """

    topic: str
    partition: int
    key: str
    headers: tuple[tuple[str, bytes], ...]
    value: bytes | None

    @property
    def raw_key(self) -> bytes:
        """The key as its topic has it."""
        return self.key.encode("utf-8", "surrogateescape")

    @property
    def type(self) -> str:
        """The event's type as people say it."""
        name = dict(self.headers).get("ce_type", b"").decode(errors="replace")
        if not name:
            return "tombstone" if self.value is None else "no event"
        return name.removeprefix("pl.policja.kmzb.").removesuffix(".v1")

    @property
    def partition_key(self) -> PartitionKey:
        """What it has an order with."""
        return self.topic, self.partition, self.key


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One dead letter. `partition` and `offset` are its own; the original had `original_offset`, -1 if unknown.

    `instance` is whose of the service's set it aside. `whole`: whether the letter holds all of it; what was too large
    or can't be written again is left out.
    """

    service: str
    partition: int
    offset: int
    written_at: datetime
    original: OriginalMessage
    original_offset: int
    reason: str
    detail: str
    whole: bool = True
    instance: str = NATIONAL

    @property
    def member(self) -> str:
        """Who set it aside, as its group is called."""
        return Region(instance=self.instance).member(self.service)

    @property
    def origin(self) -> str:
        """Where its original stood, as people and `kmzb dead-letters set-aside` say it."""
        return f"{self.original.topic}/{self.original.partition}@{self.original_offset}"

    def is_under(self, key: str | None) -> bool:
        """Whether its original had this key, as people are shown it; None is every key."""
        return key in (None, self.original.key, shown_key(self.original.key))

    @property
    def replayable(self) -> bool:
        """Whether the service reads the topic it came from, and it can be written there as it was."""
        topic = topic_named(self.original.topic)
        if topic is None or self.service not in topic.readers or self.original_offset < 0:
            return False
        return self.original.partition in range(topic.partitions) and self.whole


def read_dead_letters(settings: Settings, services: Iterable[str]) -> list[DeadLetter]:
    """What stands on the services' dead-letter topics, in the order of the originals. Raises StackError."""
    owners = {topic_name(settings, DEAD_LETTERS[service].name): service for service in services}
    starts: dict[TopicPartition, int] = {
        (name, number): OFFSET_BEGINNING
        for name, service in owners.items()
        for number in range(DEAD_LETTERS[service].partitions)
    }
    messages = read_partitions(settings, starts)
    found = [_dead_letter(owners[str(message.topic())], message) for message in messages]
    return sorted(found, key=_original_place)


def letters_under(settings: Settings, service: str, key: str | None) -> list[DeadLetter]:
    """Those of a service, under a key or all. Raises StackError when there are none."""
    chosen = [letter for letter in read_dead_letters(settings, [service]) if letter.is_under(key)]
    if not chosen:
        raise StackError(f"{service} has no dead letters" + (f" under the key {plain(key)}" if key else ""))
    return chosen


def find_dead_letter(settings: Settings, service: str, partition: int, offset: int) -> Message:
    """One dead letter by its own partition and offset, as it stands there. Raises StackError when there is none."""
    topic = DEAD_LETTERS[service]
    if partition in range(topic.partitions) and offset >= 0:
        starts = {(topic_name(settings, topic.name), partition): offset}
        for message in read_partitions(settings, starts):
            if message.offset() == offset:
                return message
            break
    raise StackError(f"{service} has no dead letter {partition} {offset}; `kmzb dead-letters list` shows those it has")


def original_message(topic: str, partition: int, message: Message) -> OriginalMessage:
    """A message as its topic has it, without the headers a dead letter adds."""
    headers = tuple((name, raw) for name, raw in original_headers(message) if not name.startswith(DEAD_LETTER_HEADERS))
    key, value = message.key() or b"", message.value()
    return OriginalMessage(
        topic,
        partition,
        key if isinstance(key, str) else key.decode("utf-8", "surrogateescape"),
        headers,
        value.encode() if isinstance(value, str) else value,
    )


def _dead_letter(service: str, message: Message) -> DeadLetter:
    """A message of a dead-letter topic; what its headers lack is empty, and its original's offset then -1."""
    headers = dict(original_headers(message))
    names = ("topic", "partition", "offset", "reason", "detail")
    topic, partition, offset, reason, detail = (
        headers.get(DEAD_LETTER_HEADERS + name, b"").decode(errors="replace") for name in names
    )
    return DeadLetter(
        service=service,
        partition=message.partition() or 0,
        offset=message.offset() or 0,
        written_at=datetime.fromtimestamp(message.timestamp()[1] / 1000, UTC),
        original=original_message(topic, int(partition) if _is_number(partition) else -1, message),
        original_offset=int(offset) if _is_number(offset) else -1,
        reason=reason,
        detail=detail,
        whole=not {f"{DEAD_LETTER_HEADERS}cut", f"{DEAD_LETTER_HEADERS}headers"} & headers.keys(),
        instance=headers.get(f"{DEAD_LETTER_HEADERS}instance", NATIONAL.encode()).decode(errors="replace"),
    )


def shown_key(key: str) -> str:
    """A key for people, as the services show blocked ones: its beginning, what is no text escaped."""
    return plain(key.encode("utf-8", "surrogateescape")[:200].decode("utf-8", "backslashreplace"))


def plain(text: str) -> str:
    """For a terminal: a key or a header may hold anything."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19


def _original_place(letter: DeadLetter) -> tuple[str, str, int, int]:
    return letter.service, letter.original.topic, letter.original.partition, letter.original_offset
