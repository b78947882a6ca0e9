"""Events as a service receives them, made without a broker, for feeding a handler directly."""

from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from chassis.kafka.messages import Received
from contracts.base import Event, Owner
from contracts.envelope import Outgoing, decode, encode
from contracts.topics import Topic, topic_named

SUBMITTED = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
OPOLE = Owner(garrison="OPO", unit="KMP-1661", unit_name="Komenda Miejska Policji w Opolu", district="166101")
_offsets = count()


class RawMessage:
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
        return self._message.key.encode()

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
    message = outgoing(event, topic=topic, **context)
    assert message.value is not None
    raw: Any = RawMessage(message, offset=next(_offsets))
    envelope = decode(message.headers, message.value)
    found = topic_named(message.topic)
    assert found
    return Received(found, 0, raw.offset(), message.key, raw, envelope)


def received_tombstone(topic: Topic, key: str) -> Received:
    """An erased key as a handler gets it."""
    raw: Any = RawMessage(Outgoing(topic.name, key, [], None), offset=next(_offsets))
    return Received(topic, 0, raw.offset(), key, raw, None)
