"""The sets in force, as the topic `district` has them, and the one way to put a new one in force.

A set takes effect with its last message, `<garrison>/current`. Whoever is killed before it leaves districts of a
version nobody reads, which `prune` clears away later: nothing changed.
"""

import secrets
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from uuid import NAMESPACE_URL, uuid5

from chassis import clock
from chassis.kafka import client as kafka
from chassis.settings import Settings
from contracts.districts import District, DistrictSet, district_set_sha256
from contracts.envelope import Outgoing, decode, encode, tombstone
from contracts.topics import DISTRICT, IMPORT

from boundaries import seed, units

# How long a version that is no longer in force stays readable.
KEPT = timedelta(days=7)

# A topic of some megabytes is read in a second; after this the broker or the topic is taken for missing.
READ_LIMIT_S = 30.0


class LogError(Exception):
    """The topic could not be read or written; every command of `kmzb` ends with these words and no traceback."""


@dataclass(frozen=True)
class Record:
    """One message of the topic; without headers and value it is a tombstone."""

    key: str
    headers: Sequence[tuple[str, bytes]]
    value: bytes | None


class DistrictLog(Protocol):
    """What this module needs of the topic: read all of it, and write with every message acknowledged."""

    def read_all(self) -> Iterable[Record]: ...

    def publish(self, messages: Sequence[Outgoing]) -> None: ...


class KafkaLog:
    """The topic on Kafka."""

    def __init__(self, settings: Settings, read_limit_s: float = READ_LIMIT_S) -> None:
        self._settings = settings
        self._read_limit_s = read_limit_s
        self._publisher: kafka.Publisher | None = None

    def read_all(self) -> Iterator[Record]:
        """Every message there is now. Raises LogError when the end is not reached in time."""
        stop = threading.Event()
        timer = threading.Timer(self._read_limit_s, stop.set)
        timer.start()
        try:
            for message in kafka.read_from_start(self._settings, IMPORT, DISTRICT, stop):
                if message is None:
                    return
                yield _record(message.key(), message.headers(), message.value())
            raise LogError(f"{DISTRICT.name} could not be read to its end within {self._read_limit_s:.0f} s")
        except kafka.KafkaException as wrong:
            raise LogError(f"{DISTRICT.name} could not be read: {wrong}") from wrong
        finally:
            timer.cancel()

    def publish(self, messages: Sequence[Outgoing]) -> None:
        # One for all sets: a client needs half a second before its first message is acknowledged.
        self._publisher = self._publisher or kafka.Publisher(self._settings, IMPORT)
        try:
            self._publisher.publish(messages)
        except kafka.KafkaException as wrong:
            raise LogError(f"{DISTRICT.name} could not be written: {wrong}") from wrong


def _record(key: Any, headers: Any, value: Any) -> Record:
    """Types as the client promises them: bytes, or a list of pairs, or nothing."""
    return Record(key.decode(), [(name, raw) for name, raw in headers or () if raw is not None], value)


@dataclass
class Known:
    """What the topic holds: sets in force by garrison, districts by garrison, version and code."""

    sets: dict[str, DistrictSet] = field(default_factory=dict)
    districts: dict[str, dict[str, dict[str, District]]] = field(default_factory=dict)
    published: dict[tuple[str, str], datetime] = field(default_factory=dict)

    def running(self) -> dict[str, list[District]]:
        """Garrison → its districts in force. A set whose count or hash is not right is not in force."""
        found = {}
        for garrison, current in self.sets.items():
            held = list(self.districts.get(garrison, {}).get(current.version, {}).values())
            if len(held) == current.count and district_set_sha256(held) == current.sha256:
                found[garrison] = held
        return found


def read_known(log: DistrictLog) -> Known:
    """The topic, folded by key."""
    newest: dict[str, Record] = {}
    for record in log.read_all():
        newest[record.key] = record
    known = Known()
    for record in newest.values():
        if record.value is None:
            continue
        envelope = decode(record.headers, record.value)
        event = envelope.data
        if isinstance(event, DistrictSet):
            known.sets[event.garrison] = event
        elif isinstance(event, District):
            known.districts.setdefault(event.garrison, {}).setdefault(event.version, {})[event.code] = event
            slot = (event.garrison, event.version)
            known.published[slot] = max(envelope.time, known.published.get(slot, envelope.time))
    return known


def publish_set(log: DistrictLog, districts: Sequence[District], at: datetime, valid_from: datetime) -> DistrictSet:
    """Publishes every district of one garrison's version, and only then the set that puts them in force."""
    garrison, version = districts[0].garrison, districts[0].version
    assert all((d.garrison, d.version) == (garrison, version) for d in districts), "one set, one garrison and version"
    current = DistrictSet(
        garrison=garrison,
        version=version,
        count=len(districts),
        sha256=district_set_sha256(districts),
        valid_from=valid_from,
    )
    log.publish([_message(district, version, at) for district in districts])
    log.publish([_message(current, version, at)])
    return current


def _message(event: District | DistrictSet, version: str, at: datetime) -> Outgoing:
    event_id = uuid5(NAMESPACE_URL, f"kmzb/{event.key}/{version}")
    return encode(event, source=IMPORT, at=at, event_id=event_id)


def new_version(at: datetime) -> str:
    """A version that sorts by time and that two imports in one second do not share."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H.%M.%SZ}-{secrets.token_hex(2)}"


def seed_missing(log: DistrictLog, version: str, at: datetime) -> list[DistrictSet]:
    """Publishes the default set of every garrison that has none in force."""
    running = read_known(log).running()
    missing = [garrison for garrison in units.garrisons() if garrison not in running]
    return [publish_set(log, seed.default_districts(garrison, version), at, at) for garrison in missing]


def seed_cluster(bootstrap: str, namespace: str) -> int:
    """Publish the default districts of every garrison that has none on a cluster; gives how many had none.

    Raises LogError when the topic can't be read or written.
    """
    at = clock.now()
    log = KafkaLog(Settings(kafka_bootstrap=bootstrap, namespace=namespace))
    return len(seed_missing(log, new_version(at), at))


def prune(log: DistrictLog, at: datetime, kept: timedelta = KEPT) -> list[tuple[str, str]]:
    """Tombstones versions that ended at least `kept` ago; the versions as (garrison, version).

    A version ended when the next one was published; one newer than the set in force was broken off, or is being
    published this moment, and waits for its own age.
    """
    known = read_known(log)
    pruned = []
    for garrison, versions in known.districts.items():
        current = known.sets.get(garrison)
        ordered = sorted(versions, key=lambda version: known.published[garrison, version])
        for version, successor in zip(ordered, [*ordered[1:], None], strict=True):
            ended = known.published[garrison, successor or version]
            if (current is None or version != current.version) and at - ended >= kept:
                pruned.append((garrison, version))
                log.publish([tombstone(DISTRICT, district.key) for district in versions[version].values()])
    return pruned
