"""How often a message ended the process.

The tries are kept in the committed offset's metadata, so that the next process finds them, in whatever instance:
`tries=2;until=1204` (see `_Start`), or `set-aside` where an operator said so.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import psycopg
from confluent_kafka import KafkaError, KafkaException, Message, TopicPartition
from contracts.envelope import Unusable

from chassis.kafka.lag import Partition
from chassis.kafka.letters import TooManyUnusable

LIMIT = 3
SET_ASIDE = "set-aside"
"""Metadata by which an operator has the message at the committed offset set aside."""
BATCH = 500
"""As many messages as are handled at once."""

_ABOUT_A_MESSAGE = {KafkaError.MSG_SIZE_TOO_LARGE, KafkaError.INVALID_RECORD, KafkaError._INVALID_ARG}


def says_nothing_of_a_message(error: Exception) -> bool:
    """Whether what ended the handling is no try: servers away, a schema that is not there, the brake."""
    if isinstance(error, KafkaException):
        cause = error.args[0] if error.args else None
        return not (isinstance(cause, KafkaError) and cause.code() in _ABOUT_A_MESSAGE)
    return isinstance(
        error,
        TooManyUnusable | OSError | psycopg.OperationalError | psycopg.InterfaceError | psycopg.ProgrammingError,
    )


@dataclass(slots=True)
class _Start:
    """What was found at a partition's committed offset when it was assigned.

    `tries`: how often the message there ended a process alone. Those below `until` were begun together with it by a
    process that never ended them; one of them may be the reason, so they are handled one by one.
    """

    offset: int
    tries: int
    until: int
    forced: bool = False
    noted: bool = False

    def tries_of(self, offset: int) -> int:
        """How often the message at an offset ended a process alone."""
        return self.tries if offset == self.offset else 0


class Tries:
    """What is known of the assigned partitions' tries.

    The first batch of each is noted before it is handled, so that also a death that nobody can catch is found by the
    next process. That handles the very messages of the batch one by one, each noted before: only what ended processes
    alone is counted, because whoever kills or cuts off a process from outside says nothing of the messages in it.
    """

    def __init__(self) -> None:
        self._starts: dict[Partition, _Start] = {}

    def assign(self, partition: Partition, offset: int, metadata: str | None) -> None:
        """Learn what stands at the offset where the reading begins."""
        found = re.fullmatch(r"tries=(\d{1,3});until=(\d{1,19})", metadata or "")
        tries, until = (int(found[1]), int(found[2])) if found else (0, offset)
        self._starts[partition] = _Start(offset, tries, until, forced=metadata == SET_ASIDE)

    def revoke(self, partition: Partition) -> None:
        """Forget a partition that is another's now."""
        self._starts.pop(partition, None)

    def split(self, batch: Sequence[Message]) -> Iterator[Sequence[Message]]:
        """The batch in the order it is to be handled: what may have ended a process alone, the rest together."""
        rest = []
        for message in batch:
            start = self._starts.get(partition_of(message))
            if start and (offset_of(message) < start.until or self.verdict(message)):
                yield [message]
            else:
                rest.append(message)
        if rest:
            yield rest

    def verdict(self, message: Message) -> Unusable | None:
        """Why a message is to be set aside without being tried again, if it is."""
        start = self._starts.get(partition_of(message))
        if start is None or offset_of(message) != start.offset:
            return None
        if start.forced:
            return Unusable("operator", "an operator had it set aside")
        if start.tries >= LIMIT:
            return Unusable("crash", f"{start.tries} tries to use it ended the process")
        return None

    def due_notes(self, batch: Sequence[Message]) -> list[TopicPartition]:
        """What is to be committed before these messages are handled."""
        notes = []
        for first, last in _extents(batch):
            start = self._starts.get(partition_of(first))
            if start and (not start.noted or offset_of(first) < start.until):
                start.noted = True
                notes.append(self.failed(first) if len(batch) == 1 else _note(first, 0, offset_of(last) + 1))
        return notes

    def failed(self, message: Message) -> TopicPartition:
        """What is to be committed when this message alone could not be handled."""
        offset = offset_of(message)
        start = self._starts.get(partition_of(message)) or _Start(offset, 0, offset)
        return _note(message, start.tries_of(offset) + 1, max(start.until, offset + 1))

    def taken_back(self, batch: Sequence[Message]) -> list[TopicPartition]:
        """What is to be committed when the handling ended for reasons that say nothing of these messages."""
        notes = []
        for first, _ in _extents(batch):
            if start := self._starts.get(partition_of(first)):
                notes.append(_note(first, start.tries_of(offset_of(first)), start.until))
        return notes

    def handled(self, partition: Partition, next_offset: int) -> None:
        """Note that everything before an offset is done."""
        start = self._starts.get(partition)
        if start and next_offset >= start.until:
            del self._starts[partition]


def _extents(batch: Sequence[Message]) -> list[tuple[Message, Message]]:
    """The first and the last message of each partition in a batch."""
    firsts = {partition_of(message): message for message in reversed(batch)}
    lasts = {partition_of(message): message for message in batch}
    return [(first, lasts[partition]) for partition, first in firsts.items()]


def _note(message: Message, tries: int, until: int) -> TopicPartition:
    return TopicPartition(*partition_of(message), offset_of(message), metadata=f"tries={tries};until={until}")


def partition_of(message: Message) -> Partition:
    """The partition of a delivered message, under its topic's name on the cluster."""
    partition = message.partition()
    assert partition is not None  # only messages that were never delivered lack it
    return str(message.topic()), partition


def offset_of(message: Message) -> int:
    """The offset of a delivered message."""
    offset = message.offset()
    assert offset is not None  # only messages that were never delivered lack it
    return offset
