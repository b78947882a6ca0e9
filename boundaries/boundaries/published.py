"""The topic `district` as it stands: which districts each garrison uses now, and the one way to publish a new set.

A set becomes current with its last message, `<garrison>/current`. Whoever is killed before it leaves districts of a
version nobody reads, which `prune` clears away later: nothing changed.
"""

import secrets
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import NAMESPACE_URL, uuid5

from chassis.kafka import client as kafka
from chassis.kafka.messages import Newer, RawMessage, Received, raw_message, read_message
from chassis.kafka.reader import read_from_start
from chassis.settings import Settings
from contracts.envelope import Envelope, Outgoing, Unusable, encode, tombstone
from contracts.events.districts import District, DistrictSet, district_set_sha256, set_fault
from contracts.topics import DISTRICT, IMPORT

# How long a version that is no longer current stays readable.
KEPT = timedelta(days=7)

# A topic of some megabytes is read in a second; after this the broker or the topic is taken for missing.
READ_LIMIT_S = 30.0


class TopicError(Exception):
    """The topic could not be read or written; every command of `kmzb` ends with these words and no traceback."""


class DistrictTopic(Protocol):
    """What this module needs of the topic: read all of it, and write with every message acknowledged."""

    def read_all(self) -> Iterable[RawMessage]:
        """Every message there is now, in order. Raises TopicError."""

    def publish(self, messages: Sequence[Outgoing]) -> None:
        """Write the messages and wait until every one is acknowledged. Raises TopicError."""


class KafkaDistrictTopic:
    """The topic on Kafka."""

    def __init__(self, settings: Settings, read_limit_s: float = READ_LIMIT_S) -> None:
        self._settings = settings
        self._read_limit_s = read_limit_s
        self._publisher: kafka.Publisher | None = None

    def read_all(self) -> Iterator[RawMessage]:
        """Every message there is now. Raises TopicError when the end is not reached in time."""
        stop = threading.Event()
        timer = threading.Timer(self._read_limit_s, stop.set)
        timer.start()
        try:
            for message in read_from_start(self._settings, IMPORT, DISTRICT, stop):
                if message is None:
                    return
                yield raw_message(self._settings, message)
            raise TopicError(f"{DISTRICT.name} could not be read to its end within {self._read_limit_s:.0f} s")
        except kafka.KafkaException as failed:
            raise TopicError(f"{DISTRICT.name} could not be read: {failed}") from failed
        finally:
            timer.cancel()

    def publish(self, messages: Sequence[Outgoing]) -> None:
        """Write the messages and wait until every one is acknowledged. Raises TopicError."""
        # One for all sets: a client needs half a second before its first message is acknowledged.
        self._publisher = self._publisher or kafka.Publisher(self._settings, IMPORT)
        try:
            self._publisher.publish(messages)
        except kafka.KafkaException as failed:
            raise TopicError(f"{DISTRICT.name} could not be written: {failed}") from failed


@dataclass
class Published:
    """What the topic holds.

    `sets` are the announced sets by garrison; `districts` by garrison, version and code; `published_at` when the
    newest district of a garrison's version was written; `unreadable` names what was passed over, and why.
    """

    sets: dict[str, DistrictSet] = field(default_factory=dict)
    districts: dict[str, dict[str, dict[str, District]]] = field(default_factory=dict)
    published_at: dict[tuple[str, str], datetime] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)

    def take(self, envelope: Envelope) -> None:
        """Add what one message says."""
        event = envelope.data
        if isinstance(event, DistrictSet):
            self.sets[event.garrison] = event
        elif isinstance(event, District):
            self.districts.setdefault(event.garrison, {}).setdefault(event.version, {})[event.code] = event
            version = (event.garrison, event.version)
            self.published_at[version] = max(envelope.time, self.published_at.get(version, envelope.time))

    def current(self) -> dict[str, list[District]]:
        """Garrison → the districts of its current set. An announced set whose count or hash is not right is none."""
        found = {}
        for garrison, announced in self.sets.items():
            districts = list(self.districts.get(garrison, {}).get(announced.version, {}).values())
            if len(districts) == announced.count and district_set_sha256(districts) == announced.sha256:
                found[garrison] = districts
        return found


def read_published(topic: DistrictTopic) -> Published:
    """The topic, folded by key. What can't be read is passed over and named: no command must end at it, the one least
    of all that replaces it. Raises TopicError.
    """
    newest: dict[bytes, RawMessage] = {}
    for raw in topic.read_all():
        newest[raw.key] = raw
    published = Published()
    for raw in newest.values():
        match read_message(raw):
            case Received(envelope=envelope) if envelope is not None:
                published.take(envelope)
            case Received():
                pass
            case Newer(why=why) | (Unusable() as why):
                published.unreadable.append(f"{raw.where}, under the key {raw.key[:100]!r}: {why}")
    return published


def publish_set(topic: DistrictTopic, districts: Sequence[District], at: datetime, valid_from: datetime) -> DistrictSet:
    """Publish every district of one garrison's version, and only then the set that makes them current.

    `at` is the time the events carry, `valid_from` the moment the set is valid from. Raises TopicError; ValueError,
    before anything is published, for what readers would not take.
    """
    announced, messages = set_messages(districts, at, valid_from)
    topic.publish(messages[:-1])
    topic.publish(messages[-1:])
    return announced


def set_messages(
    districts: Sequence[District], at: datetime, valid_from: datetime
) -> tuple[DistrictSet, list[Outgoing]]:
    """A set and its messages, the announcement last: `encode` reads every one as readers will, and the whole is judged.

    Raises ValueError for what they would not take: a set half published would have to be cleared away again.
    """
    garrison, version = districts[0].garrison, districts[0].version
    assert all((d.garrison, d.version) == (garrison, version) for d in districts), "one set, one garrison and version"
    announced = DistrictSet(
        garrison=garrison,
        version=version,
        count=len(districts),
        sha256=district_set_sha256(districts),
        valid_from=valid_from,
    )
    events: list[District | DistrictSet] = [*districts, announced]
    messages = [_message(event, version, at) for event in events]
    if fault := set_fault(districts, announced):
        raise ValueError(f"{garrison} {version} is no valid set: {fault}")
    return announced, messages


def _message(event: District | DistrictSet, version: str, at: datetime) -> Outgoing:
    event_id = uuid5(NAMESPACE_URL, f"kmzb/{event.key}/{version}")
    return encode(event, source=IMPORT, at=at, event_id=event_id)


def new_version(at: datetime) -> str:
    """A version that sorts by time and that two imports in one second do not share."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H.%M.%SZ}-{secrets.token_hex(2)}"


def prune(topic: DistrictTopic, at: datetime, kept: timedelta = KEPT) -> list[tuple[str, str]]:
    """Tombstone the versions that `ended`; gives them as (garrison, version). Raises TopicError."""
    published = read_published(topic)
    pruned = ended(published, at, kept)
    for garrison, version in pruned:
        districts = published.districts[garrison][version].values()
        topic.publish([tombstone(DISTRICT, district.key) for district in districts])
    return pruned


def ended(published: Published, at: datetime, kept: timedelta = KEPT) -> list[tuple[str, str]]:
    """The versions that ended at least `kept` before `at`, as (garrison, version).

    A version ended when the next one was published; one newer than the current set was broken off, or is being
    published this moment, and waits for its own age.
    """
    found = []
    for garrison, versions in published.districts.items():
        current = published.sets.get(garrison)
        ordered = sorted(versions, key=lambda version: published.published_at[garrison, version])
        for version, successor in zip(ordered, [*ordered[1:], None], strict=True):
            since = published.published_at[garrison, successor or version]
            if (current is None or version != current.version) and at - since >= kept:
                found.append((garrison, version))
    return found
