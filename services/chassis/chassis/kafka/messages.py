"""Messages as they come from the log: their headers and topic, and the event in them once it is decoded."""

from collections.abc import Iterable
from dataclasses import dataclass

from confluent_kafka import Message
from contracts.base import Event
from contracts.envelope import Envelope, Unusable, decode
from contracts.topics import Topic, topic_named

from chassis.clock import now
from chassis.settings import Settings
from chassis.telemetry import EVENT_AGE


@dataclass(frozen=True, slots=True)
class Received:
    """A message as it came: where it stood, its raw bytes, and the event in it (None for a tombstone)."""

    topic: Topic
    partition: int
    offset: int
    key: str
    raw: Message
    envelope: Envelope | None

    @property
    def event(self) -> Event | None:
        return self.envelope.data if self.envelope else None


def registered_name(settings: Settings, message: Message) -> str:
    """The name of the message's topic as the registry has it."""
    return str(message.topic()).removeprefix(settings.namespace)


def original_headers(message: Message) -> list[tuple[str, bytes]]:
    """The headers as they came; the client's types also allow what only producers pass."""
    headers = message.headers() or []
    pairs = headers.items() if isinstance(headers, dict) else headers
    return [(name, raw) for name, raw in pairs if isinstance(raw, bytes)]


def received(settings: Settings, message: Message) -> Received:
    """The message with the event in it. Raises Unusable."""
    topic = topic_named(registered_name(settings, message))
    assert topic is not None  # nobody subscribes to what the registry does not know
    try:
        key = (message.key() or b"").decode()
    except UnicodeDecodeError as wrong:
        raise Unusable("key", str(wrong)) from wrong
    value = message.value()
    envelope = None
    if value is not None:
        envelope = decode(original_headers(message), value)
        if not isinstance(envelope.data, topic.events):
            raise Unusable("event", f"{envelope.type} is not said on {topic.name}")
        if envelope.data.key != key:
            raise Unusable("key", f"the key {key!r} is not the event's, {envelope.data.key!r}")
    elif not topic.compacted:
        raise Unusable("empty", f"{topic.name} has no tombstones")
    return Received(topic, _int(message.partition()), _int(message.offset()), key, message, envelope)


def observe_ages(service: str, batch: Iterable[Received]) -> None:
    """Measure how old events are that have just taken effect, as far as they say when their report was submitted."""
    at = now()
    for message in batch:
        if message.envelope and (submitted_at := message.envelope.submitted_at):
            EVENT_AGE.labels(service, message.topic.name).observe(max(0.0, (at - submitted_at).total_seconds()))


def _int(number: int | None) -> int:
    assert number is not None  # only messages that were never delivered lack it
    return number
