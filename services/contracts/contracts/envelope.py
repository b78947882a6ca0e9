"""CloudEvents 1.0 in Kafka's binary mode: context in `ce_*` headers, the event as JSON in the value."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

import msgspec

from contracts.base import Event
from contracts.topics import EVENTS, Topic, topic_of

TYPE_PREFIX = "pl.policja.kmzb."
Headers = list[tuple[str, bytes]]


class Unusable(Exception):
    """A message no handler can ever use. `reason` is one of a few words, for a metric; the text says what is wrong."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Envelope:
    """An event and its context. `submitted_at` is when the citizen pressed the button, carried along for the age."""

    id: UUID
    type: str
    source: str
    subject: str
    time: datetime
    data: Event
    traceparent: str | None = None
    submitted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message ready for the log. A value of None is a tombstone."""

    topic: str
    key: str
    headers: Headers
    value: bytes | None


def follows(cause: UUID, what: str) -> UUID:
    """The id of an event that follows from another: the same each time, so a repeat is recognisable."""
    return uuid5(cause, what)


def encode(
    event: Event,
    *,
    source: str,
    at: datetime,
    event_id: UUID | None = None,
    cause: Envelope | None = None,
    topic: Topic | None = None,
    submitted_at: datetime | None = None,
    traceparent: str | None = None,
) -> Outgoing:
    """An event as a message. Without `event_id`, it follows from `cause`; age and trace are inherited from it.

    Raises ValueError when neither is given: an id that nobody can compute again would make repeats invisible.
    """
    type_name = type(event).__name__
    if event_id is None:
        if cause is None:
            raise ValueError(f"{type_name} needs an event_id, or the event it follows from")
        event_id = follows(cause.id, f"{type_name}/{event.key}")
    if cause is not None:
        submitted_at = submitted_at or cause.submitted_at
        traceparent = traceparent or cause.traceparent
    headers: Headers = [
        ("ce_specversion", b"1.0"),
        ("ce_id", str(event_id).encode()),
        ("ce_type", f"{TYPE_PREFIX}{type_name}.v1".encode()),
        ("ce_source", f"/kmzb/{source}".encode()),
        ("ce_subject", event.key.encode()),
        ("ce_time", at.isoformat().encode()),
        ("content-type", b"application/json"),
    ]
    if submitted_at is not None:
        headers.append(("ce_submittedat", submitted_at.isoformat().encode()))
    if traceparent is not None:
        headers.append(("traceparent", traceparent.encode()))
    return Outgoing((topic or topic_of(event)).name, event.key, headers, msgspec.json.encode(event))


def tombstone(topic: Topic, key: str) -> Outgoing:
    """The message that erases a key from a compacted topic."""
    return Outgoing(topic.name, key, [], None)


def decode(headers: Iterable[tuple[str, bytes]], value: bytes) -> Envelope:
    """The event in a message. Raises Unusable with the reason when it is not one we can read."""
    context = dict(headers)
    try:
        type_name = context["ce_type"].decode()
        event_class = EVENTS[type_name.removeprefix(TYPE_PREFIX).removesuffix(".v1")]
        return Envelope(
            id=UUID(context["ce_id"].decode()),
            type=type_name,
            source=context["ce_source"].decode(),
            subject=context["ce_subject"].decode(),
            time=_instant(context["ce_time"]),
            data=_DECODERS[event_class].decode(value),
            traceparent=context["traceparent"].decode() if "traceparent" in context else None,
            submitted_at=_instant(context["ce_submittedat"]) if "ce_submittedat" in context else None,
        )
    except KeyError as missing:
        raise Unusable("envelope", f"header missing or event type unknown: {missing}") from missing
    except msgspec.ValidationError as wrong:
        raise Unusable("schema", str(wrong)) from wrong
    # Bytes that are not UTF-8 and nesting beyond the stack come as these, not as msgspec's own errors.
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as wrong:
        raise Unusable("json", str(wrong)) from wrong
    except ValueError as wrong:
        raise Unusable("envelope", str(wrong)) from wrong


def _instant(raw: bytes) -> datetime:
    instant = datetime.fromisoformat(raw.decode())
    if instant.tzinfo is None:
        raise ValueError(f"a time without a zone: {raw!r}")
    return instant


_DECODERS = {event_class: msgspec.json.Decoder(event_class) for event_class in EVENTS.values()}
