"""Messages as they come from the log, and the one function that says what each of them is."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from confluent_kafka import Message
from contracts.base import Event
from contracts.envelope import Envelope, Headers, Unusable, decode, is_newer, release_of
from contracts.topics import Topic, others_write, topic_named
from contracts.values.instants import AHEAD
from prometheus_client import Histogram

from chassis.clock import now
from chassis.settings import Settings
from chassis.telemetry import EVENT_AGE

# What a newer release may explain: an event, a field's value, or an event on this topic that ours does not know.
_GROWTH = ("type", "schema", "event")
_NO_TEXT = re.compile("[\0\ufffd\ud800-\udfff]")
_topic_named = lru_cache(maxsize=1_000)(topic_named)


@dataclass(frozen=True, slots=True)
class RawMessage:
    """A message as it stands on the log, untouched. `written_ms`: when, by its timestamp, since 1970.

    `odd_headers`: in words, headers that no event has and no client of ours could write again.
    """

    topic: Topic
    partition: int
    offset: int
    written_ms: int
    key: bytes
    headers: Headers
    value: bytes | None
    odd_headers: str = ""

    @property
    def where(self) -> str:
        return f"{self.topic.name}/{self.partition}@{self.offset}"


@dataclass(frozen=True, slots=True)
class Received:
    """A message that can be used, and the event in it: None for a tombstone.

    The event is of its topic's base alone where a newer writer's could not be read as what it is.
    """

    raw: RawMessage
    key: str
    envelope: Envelope | None

    @property
    def topic(self) -> Topic:
        return self.raw.topic

    @property
    def event(self) -> Event | None:
        return self.envelope.data if self.envelope else None


@dataclass(frozen=True, slots=True)
class Newer:
    """A message of a writer with a newer release of the contracts that ours can't read as what it is, and `why` not.

    `base`: the same as far as the base of its topic goes; None where not even that can be read.
    """

    raw: RawMessage
    key: str
    release: str
    base: Received | None
    why: Unusable


def original_headers(message: Message) -> Headers:
    """The headers as they came, those left out that `odd_headers` names."""
    return _headers(message)[0]


def odd_headers(message: Message) -> str:
    """In words, the headers without a value or with a name that is no text; empty where there are none."""
    return _headers(message)[1]


def _headers(message: Message) -> tuple[Headers, str]:
    try:
        headers = message.headers() or []
    except UnicodeDecodeError as unreadable:  # some releases of the client can't give names that are no UTF-8
        return [], f"none could be read: {unreadable}"
    pairs = headers.items() if isinstance(headers, dict) else headers
    usable: Headers = []
    odd = []
    for name, raw in pairs:
        if isinstance(raw, bytes) and _is_text(name):
            usable.append((name, raw))
        else:
            odd.append(f"{name.encode('utf-8', 'backslashreplace')!r}: {raw!r}")
    return usable, ", ".join(odd)


def _is_text(name: str) -> bool:
    """Whether it can be written again as it was. The client gives U+FFFD for what is no UTF-8."""
    return "\0" not in name if name.isascii() else not _NO_TEXT.search(name)


def raw_message(settings: Settings, message: Message) -> RawMessage:
    """A delivered message under its topic's name in the registry."""
    topic = _topic_named(str(message.topic()).removeprefix(settings.namespace))
    partition, offset = message.partition(), message.offset()
    assert topic is not None  # nobody subscribes to what the registry does not know
    assert partition is not None  # only messages that were never delivered lack them
    assert offset is not None
    headers, odd = _headers(message)
    return RawMessage(
        topic, partition, offset, message.timestamp()[1], message.key() or b"", headers, message.value(), odd
    )


def read_message(raw: RawMessage) -> Received | Unusable | Newer:
    """What a message is, whatever its bytes; this never raises. The Unusable is for the caller to raise or to keep.

    What can't be decoded is unusable where its writer had our release or an older one, or says none; and where others
    write, whatever they say: what is held is kept without bound, and a letter may be replayed after the upgrade, too.
    """
    try:
        key = raw.key.decode()
        if raw.value is None and not raw.topic.compacted:
            raise Unusable("empty", f"{raw.topic.name} has no tombstones")
        if raw.value is None and not re.fullmatch(raw.topic.key, key):
            raise Unusable("key", "no event has such a key, so there is nothing to erase")
        envelope = None if raw.value is None else _envelope(raw, key, raw.value)
    except UnicodeDecodeError as wrong:
        return Unusable("key", str(wrong))
    except Unusable as why:
        release = release_of(raw.headers)
        explained = why.reason in _GROWTH and not others_write(raw.topic)
        if release is None or not explained or not is_newer(release):
            return why
        base = _base(raw, key)
        return base if isinstance(base, Unusable) else Newer(raw, key, release, base, why)
    # What decoding is known to raise is unusable already; of what it is not, this much is about the message as well.
    except (ArithmeticError, LookupError, RecursionError, TypeError, ValueError) as unforeseen:
        return Unusable("unreadable", type(unforeseen).__name__)
    return Received(raw, key, envelope)


def received(settings: Settings, message: Message) -> Received:
    """A delivered message, for those that can't hold one. Raises Unusable, also for a newer writer's."""
    match read_message(raw_message(settings, message)):
        case Received() as usable:
            return usable
        case Newer(why=why) | (Unusable() as why):
            raise why


def observe_ages(service: str, batch: Iterable[Received]) -> None:
    """Measure how old events are that have just taken effect, as far as they say when their report was submitted."""
    at, ages = now(), dict[str, Histogram]()
    for message in batch:
        if message.envelope and (submitted_at := message.envelope.submitted_at):
            topic = message.topic.name
            age = ages.get(topic) or ages.setdefault(topic, EVENT_AGE.labels(service, topic))
            age.observe(max(0.0, (at - submitted_at).total_seconds()))


def _envelope(raw: RawMessage, key: str, value: bytes, event_class: type[Event] | None = None) -> Envelope:
    envelope = decode(raw.headers, value, event_class)
    if event_class is None and not isinstance(envelope.data, raw.topic.events):
        raise Unusable("event", f"{envelope.type} is not said on {raw.topic.name}")
    if envelope.data.key != key and not (event_class and key.startswith(f"{envelope.data.key}/")):  # below its base's
        raise Unusable("key", f"the key {key[:100]!r} is not the event's, {envelope.data.key!r}")
    for submitted_at in (envelope.submitted_at, getattr(envelope.data, "submitted_at", None)):
        # Nobody can wait for what is due in decades: it would stand in every queue of deadlines until then.
        if submitted_at is not None and submitted_at > now() + AHEAD:
            raise Unusable("time", f"submitted at {submitted_at.isoformat()}, which has not come")
    return envelope


def _base(raw: RawMessage, key: str) -> Received | Unusable | None:
    """The message by the base of its topic, None where there is none or it can't be read.

    No release changes what a key is, or what has happened already.
    """
    if raw.topic.base is None or raw.value is None:
        return None
    try:
        return Received(raw, key, _envelope(raw, key, raw.value, raw.topic.base))
    except Unusable as why:
        return why if why.reason in ("key", "time") else None
