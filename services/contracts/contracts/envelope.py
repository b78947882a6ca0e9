"""CloudEvents 1.0 in Kafka's binary mode: context in `ce_*` headers, the event as JSON in the value.

`ce_dataschema` names the event's schema and the release of the contracts its writer had:
`urn:kmzb:CaseOpened.v1:0.1.0`.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache
from uuid import UUID, uuid5

import msgspec

from contracts import RELEASE
from contracts.base import Event
from contracts.topics import EVENTS, Topic, topic_of
from contracts.values.checking import check_values
from contracts.values.context import TRACE, read_context
from contracts.values.instants import is_instant, parse_instant

TYPE_PREFIX = "pl.policja.kmzb."
CONNECTION_TEST = f"{TYPE_PREFIX}ConnectionTest.v1"
"""The type of a message that says nothing of any threat. Whoever does not know a type passes over it."""
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_DATASCHEMA = re.compile(rb"urn:kmzb:\w+\.v1:(\d{1,6}\.\d{1,6}\.\d{1,6})")
# Headers that `encode` need not read again, as it made them of what can be nothing else.
_USUAL_KEY = re.compile("[0-9A-Za-z/._-]{1,200}")
_NO_ID, _LAST_ID = UUID(int=0), UUID(int=2**128 - 1)
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
    """A message ready for the log. A value of None is a tombstone.

    A key that is no UTF-8, as a dead letter may have one, is written with Python's surrogate escapes (PEP 383).
    """

    topic: str
    key: str
    headers: Headers
    value: bytes | None

    @property
    def raw_key(self) -> bytes:
        """The key as the log has it."""
        return self.key.encode("utf-8", "surrogateescape")


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

    Raises ValueError when neither is given: an id that nobody can compute again would make repeats invisible. Also for
    what no reader would take, naming the field: what is once on the log can't be taken back.
    """
    type_name, key = type(event).__name__, event.key
    if event_id is None:
        if cause is None:
            raise ValueError(f"{type_name} needs an event_id, or the event it follows from")
        event_id = follows(cause.id, f"{type_name}/{key}")
    if cause is not None:
        submitted_at, traceparent = submitted_at or cause.submitted_at, traceparent or cause.traceparent
    named, said_by, schema = _named_by(type_name, source)
    headers: Headers = [
        ("ce_specversion", b"1.0"),
        ("ce_id", str(event_id).encode()),
        ("ce_type", named),
        ("ce_source", said_by),
        ("ce_subject", key.encode()),
        ("ce_time", at.isoformat().encode()),
        ("ce_dataschema", schema),
        ("content-type", b"application/json"),
    ]
    if submitted_at is not None:
        headers.append(("ce_submittedat", submitted_at.isoformat().encode()))
    if traceparent is not None:
        headers.append(("traceparent", traceparent.encode()))
    value = _value(event, headers, usual=_is_usual(key, event_id, at, submitted_at or at))
    return Outgoing((topic or topic_of(event)).name, key, headers, value)


@lru_cache(maxsize=1_000)
def _named_by(type_name: str, source: str) -> tuple[bytes, bytes, bytes]:
    """What all events of a type by one writer say alike: their type, source and schema. Raises ValueError."""
    names = f"{TYPE_PREFIX}{type_name}.v1", f"/kmzb/{source}", f"urn:kmzb:{type_name}.v1:{RELEASE}"
    named, said_by, schema = (name.encode() for name in names)
    read_context([("ce_type", named), ("ce_source", said_by), ("ce_dataschema", schema)])
    return named, said_by, schema


def _is_usual(key: str, event_id: UUID, *instants: datetime) -> bool:
    """Whether headers made of these can be nothing but right."""
    known = _USUAL_KEY.fullmatch(key) is not None and _NO_ID < event_id < _LAST_ID
    return known and all(at.tzinfo is UTC and is_instant(at) for at in instants)


def _value(event: Event, headers: Headers, *, usual: bool) -> bytes:
    """The event as JSON, once it is decoded again: what we would refuse to read can't be said."""
    try:
        value = msgspec.json.encode(event)
        if not (usual and _is_read(event, value)):
            decode(headers, value, type(event))
    except (Unusable, UnicodeEncodeError) as wrong:
        raise ValueError(f"{type(event).__name__} {event.key!a} can't be said: {wrong}") from wrong
    return value


def _is_read(event: Event, value: bytes) -> bool:
    """Whether the value alone can be read: of headers there is nothing to be wrong with in `usual` ones."""
    try:
        check_values(_decoder(type(event)).decode(value))
    except (msgspec.MsgspecError, RecursionError):
        return False  # why, decoding all of it says
    return True


def tombstone(topic: Topic, key: str) -> Outgoing:
    """The message that erases a key from a compacted topic."""
    return Outgoing(topic.name, key, [], None)


def decode(headers: Iterable[tuple[str, bytes]], value: bytes, event_class: type[Event] | None = None) -> Envelope:
    """The event in a message, of the class its type names, or read as another: the base of its topic, say.

    Raises Unusable with the reason: "envelope" (headers), "type" (no event we know), "schema" (not its fields), "json".
    """
    try:
        context = read_context(headers)
        data = _decoder(event_class or _named(context["ce_type"])).decode(value)
        check_values(data)
        _require_names_once(value, data)
        context["ce_specversion"]  # raises KeyError; what it says is right where it is there
        return Envelope(
            id=UUID(context["ce_id"]),
            type=context["ce_type"],
            source=context["ce_source"],
            subject=context["ce_subject"],
            time=parse_instant(context["ce_time"]),
            data=data,
            # Whoever wrote it wrongly is not to lose a message for it, or to have it written on by us.
            traceparent=trace if _TRACEPARENT.fullmatch(trace := context.get(TRACE, "")) else None,
            submitted_at=parse_instant(context["ce_submittedat"]) if "ce_submittedat" in context else None,
        )
    except KeyError as missing:
        raise Unusable("envelope", f"header missing: {missing}") from missing
    except msgspec.ValidationError as wrong:
        raise Unusable("schema", str(wrong)) from wrong
    # Bytes that are not UTF-8 and nesting beyond the stack come as these, not as msgspec's own errors.
    except (msgspec.DecodeError, json.JSONDecodeError, UnicodeDecodeError, RecursionError) as wrong:
        raise Unusable("json", str(wrong)) from wrong
    except ValueError as wrong:
        raise Unusable("envelope", str(wrong)) from wrong


def release_of(headers: Iterable[tuple[str, bytes]]) -> str | None:
    """The contract release the writer of a message had, `0.1.0`; None where it says none, as writers elsewhere may."""
    named = _DATASCHEMA.fullmatch(dict(headers).get("ce_dataschema", b""))
    return named[1].decode() if named else None


def is_newer(release: str | None) -> bool:
    """Whether a writer's release is newer than our own, so that what we can't decode may be right nevertheless."""
    return release is not None and _numbers(release) > _numbers(RELEASE)


def _numbers(release: str) -> tuple[int, ...]:
    return tuple(map(int, release.split(".")))


def _named(type_name: str) -> type[Event]:
    event_class = EVENTS.get(type_name.removeprefix(TYPE_PREFIX).removesuffix(".v1"))
    if event_class is None:
        raise Unusable("type", f"no event we know is a {type_name}")
    return event_class


@cache
def _decoder(event_class: type[Event]) -> msgspec.json.Decoder[Event]:
    return msgspec.json.Decoder(event_class)


def _require_names_once(value: bytes, data: Event) -> None:
    """Raises Unusable where a name stands twice in one object: readers differ in which of the two counts.

    What we would write ourselves has each once, so most need no second look.
    """
    if value != msgspec.json.encode(data):
        json.loads(value.decode(), object_pairs_hook=_once, parse_int=str, parse_float=str)


def _once(members: list[tuple[str, object]]) -> None:
    names = [name for name, _ in members]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise Unusable("json", f"a name stands twice: {twice[:100]!a}")
