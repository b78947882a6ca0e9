"""What ends a process and what does not; and how often a message did.

The tries are kept in the committed offset's metadata, so that the next process finds them, in whatever instance.
The metadata belong to the message at the committed offset: `tries=2`, or `set-aside` where an operator said so.
"""

import re
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import TypeVar

import psycopg
import structlog
from confluent_kafka import KafkaError, KafkaException, Message, TopicPartition
from contracts.envelope import Unusable

from chassis.kafka.lag import Partition
from chassis.kafka.letters import TooManyUnusable

log = structlog.get_logger()
LIMIT = 3
SET_ASIDE = "set-aside"
"""Metadata by which an operator has the message at the committed offset set aside."""
Answer = TypeVar("Answer")
BATCH = 500
"""As many messages as are handled at once."""

# The client joins the group again by itself after these, and reads on from what is committed.
_MEMBERSHIP_ERRORS = {
    KafkaError.ILLEGAL_GENERATION,
    KafkaError.UNKNOWN_MEMBER_ID,
    KafkaError.REBALANCE_IN_PROGRESS,
    KafkaError.STALE_MEMBER_EPOCH,
    KafkaError.FENCED_MEMBER_EPOCH,
    KafkaError.UNRELEASED_INSTANCE_ID,
    KafkaError.NOT_COORDINATOR,
    KafkaError.COORDINATOR_NOT_AVAILABLE,
    KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
    KafkaError.REQUEST_TIMED_OUT,
    KafkaError.NETWORK_EXCEPTION,
    KafkaError._NO_OFFSET,
    KafkaError._MAX_POLL_EXCEEDED,
    KafkaError._TIMED_OUT,
    KafkaError._TIMED_OUT_QUEUE,
    KafkaError._TRANSPORT,
    KafkaError._ALL_BROKERS_DOWN,
    KafkaError._WAIT_COORD,
    KafkaError._ASSIGNMENT_LOST,
}
_ASSIGNED_SECONDS = 45.0
_ABOUT_A_MESSAGE = {KafkaError.MSG_SIZE_TOO_LARGE, KafkaError.INVALID_RECORD, KafkaError._INVALID_ARG}


def patiently(ask: Callable[[], Answer]) -> Answer:
    """What the brokers answer, asked again while one of them is being restarted. Raises KafkaException in the end."""
    deadline = monotonic() + _ASSIGNED_SECONDS
    while True:
        try:
            return ask()
        except KafkaException as failed:
            if monotonic() > deadline or not passes(failed.args[0]):
                raise
            log.warning("brokers asked again", error=str(failed.args[0]))
            threading.Event().wait(0.2)


def passes(error: KafkaError) -> bool:
    """Whether an error is over once the member has joined again or the brokers are back: no reason to end."""
    return not error.fatal() and (error.retriable() or error.code() in _MEMBERSHIP_ERRORS)


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

    Below `careful_until` lie the messages that may have been under way when the last process ended.
    """

    offset: int
    tries: int
    careful_until: int
    forced: bool = False
    noted: bool = False


class Tries:
    """What is known of the assigned partitions' tries.

    The first batch of each is noted before it is handled, so that also a death that nobody can catch is counted; after
    one, messages are handled one by one, each noted before, as far as that batch can have reached.
    """

    def __init__(self) -> None:
        self._starts: dict[Partition, _Start] = {}

    def assign(self, partition: Partition, offset: int, metadata: str | None, end: int) -> None:
        """Learn what stands at the offset where the reading begins; `end` is the partition's end by now."""
        found = re.fullmatch(r"tries=(\d{1,3})", metadata or "")
        tries = int(found[1]) if found else 0
        until = min(offset + BATCH, end) if tries else offset
        self._starts[partition] = _Start(offset, tries, until, forced=metadata == SET_ASIDE)

    def revoke(self, partition: Partition) -> None:
        """Forget a partition that is another's now."""
        self._starts.pop(partition, None)

    def split(self, batch: Sequence[Message]) -> Iterator[Sequence[Message]]:
        """The batch in the order it is to be handled: what may have ended a process alone, the rest together."""
        rest = []
        for message in batch:
            start = self._starts.get(partition_of(message))
            if start and (offset_of(message) < start.careful_until or self.verdict(message)):
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
        firsts = {partition_of(message): message for message in reversed(batch)}
        for partition, message in firsts.items():
            start = self._starts.get(partition)
            if start and (not start.noted or offset_of(message) < start.careful_until):
                start.noted = True
                notes.append(self.failed(message))
        return notes

    def failed(self, message: Message) -> TopicPartition:
        """What is to be committed when this message alone could not be handled."""
        start = self._starts.get(partition_of(message))
        before = start.tries if start and offset_of(message) <= max(start.offset, start.careful_until - 1) else 0
        return TopicPartition(*partition_of(message), offset_of(message), metadata=f"tries={before + 1}")

    def taken_back(self, batch: Sequence[Message]) -> list[TopicPartition]:
        """What is to be committed when the handling ended for reasons that say nothing of these messages."""
        firsts = {partition_of(message): message for message in reversed(batch)}
        noted = [(partition, message) for partition, message in firsts.items() if partition in self._starts]
        return [
            TopicPartition(*partition, offset_of(message), metadata=f"tries={self._starts[partition].tries}")
            for partition, message in noted
        ]

    def handled(self, partition: Partition, next_offset: int) -> None:
        """Note that everything before an offset is done."""
        start = self._starts.get(partition)
        if start and next_offset >= start.careful_until:
            del self._starts[partition]


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
