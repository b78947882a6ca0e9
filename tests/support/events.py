"""Events as a service receives them, made without a broker, for feeding a handler directly."""

from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from chassis.kafka.messages import Newer, RawMessage, Received, read_message
from contracts.base import Event, Owner
from contracts.envelope import Outgoing, Unusable, encode
from contracts.topics import Topic, topic_named

SUBMITTED = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
OPOLE = Owner(garrison="OPO", unit="KMP-1661", unit_name="Komenda Miejska Policji w Opolu", district="166101")
_offsets = count()


class ClientMessage:
    """A message as the client gives it, as far as anybody looks at it."""

    def __init__(self, message: Outgoing, partition: int = 0, offset: int = 0) -> None:
        self._message, self._partition, self._offset = message, partition, offset

    def topic(self) -> str:
        return self._message.topic

    def partition(self) -> int:
        return self._partition

    def offset(self) -> int:
        return self._offset

    def key(self) -> bytes:
        return self._message.raw_key

    def value(self) -> bytes | None:
        return self._message.value

    def headers(self) -> list[tuple[str, bytes]]:
        return self._message.headers

    def timestamp(self) -> tuple[int, int]:
        return 1, 0

    def error(self) -> None:
        return None


def report_id(number: int) -> UUID:
    """A report id that is the same in every run."""
    return uuid5(NAMESPACE_OID, f"report {number}")


def outgoing(event: Event, *, source: str = "test", topic: Topic | None = None, **context: Any) -> Outgoing:
    """The event as its message, with an id that depends on nothing but the event."""
    context.setdefault("event_id", uuid5(NAMESPACE_OID, repr(event)))
    context.setdefault("at", SUBMITTED)
    return encode(event, source=source, topic=topic, **context)


def received(event: Event, *, topic: Topic | None = None, **context: Any) -> Received:
    """The event as a handler gets it."""
    return as_received(outgoing(event, topic=topic, **context))


def received_tombstone(topic: Topic, key: str) -> Received:
    """An erased key as a handler gets it."""
    return as_received(Outgoing(topic.name, key, [], None))


def as_received(message: Outgoing) -> Received:
    """A message as a handler gets it. Raises the Unusable that it is, or that a newer writer's would be."""
    match read_message(on_the_log(message)):
        case Received() as usable:
            return usable
        case Newer(why=why) | (Unusable() as why):
            raise why


def on_the_log(message: Outgoing) -> RawMessage:
    """A message as it stands on the log, each at an offset of its own."""
    topic = topic_named(message.topic)
    assert topic
    return RawMessage(topic, 0, next(_offsets), 0, message.raw_key, list(message.headers), message.value)
