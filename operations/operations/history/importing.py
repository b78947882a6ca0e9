"""Puts on the log what an export says anew, by what public-map knows: the same said again is said to nobody."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid5

import psycopg
from chassis import clock
from chassis.kafka.client import Publisher
from chassis.settings import Settings
from contracts.envelope import Outgoing, encode, follows
from contracts.events.public import ReportImported
from contracts.policy.visibility import window
from contracts.topics import HISTORY, OPERATORS, PUBLIC_MAP
from deploy.stack.process import StackError

from operations.consumption.groups import positions
from operations.history.features import Fault
from operations.history.reading import Grounds, Placed, read_export

_REPORTS = UUID("b0d1f2f0-6f0c-5c53-8a55-6b8f0f3f7f2e")
_SAID_EVERY = 10_000

Known = Mapping[UUID, tuple[int, str]]
"""Report → the newest version that was said of it, and its digest."""


@dataclass(slots=True)
class Tally:
    """What became of a file's features; `shown`: those everyone sees on the map now. Of `faults` the first ones."""

    features: int = 0
    new: int = 0
    changed: int = 0
    same: int = 0
    shown: int = 0
    faulty: int = 0
    faults: list[Fault] = field(default_factory=list)


def report_id(source: str, object_id: int) -> UUID:
    """The id of a report of another system: the same each time it is imported."""
    return uuid5(_REPORTS, f"{source}/{object_id}")


def require_read(settings: Settings) -> None:
    """Raises StackError while public-map has not read all that was imported before: what is new is not known then."""
    if waiting := sum(position.waiting for position in positions(settings, PUBLIC_MAP, [HISTORY])):
        raise StackError(
            f"public-map has not read {waiting} of the reports imported before: see that it runs (kmzb lag),"
            " and say this again"
        )


@contextmanager
def one_at_a_time(dsn: str) -> Iterator[psycopg.Connection]:
    """A connection to public-map's database, of the one import there is. Raises StackError for a second one."""
    with psycopg.connect(dsn, connect_timeout=5, autocommit=True) as connection:
        row = connection.execute("select pg_try_advisory_lock(hashtext('import of history'))").fetchone()
        if not (row and row[0]):
            raise StackError("another import is under way: wait until it ends")
        yield connection


class Import:
    """One file of one source. Raises Refused, OSError, psycopg.Error."""

    def __init__(self, file: Path, source: str, grounds: Grounds, connection: psycopg.Connection) -> None:
        self._file, self._source, self._grounds, self._connection = file, source, grounds, connection

    def examined(self, at: datetime, say: Callable[[str], None], faults_kept: int) -> Tally:
        """What would become of all of it; nothing is written."""
        tally = Tally()
        for part in self._parts(at):
            placed = [each for each in part if isinstance(each, Placed)]
            known = self._known(placed)
            for each in placed:
                _count(tally, each, known.get(self._id(each)), at)
            faults = [each for each in part if isinstance(each, Fault)]
            tally.faulty += len(faults)
            tally.faults += faults[: faults_kept - len(tally.faults)]
            tally.features += len(part)
            if tally.features % _SAID_EVERY == 0:
                say(f"  {tally.features:,} features read")
        return tally

    def publish(self, settings: Settings, at: datetime, say: Callable[[str], None]) -> None:
        """Say what is new or changed, of the same file. Raises KafkaException; the same again does the rest."""
        publisher, done = Publisher(settings, OPERATORS), 0
        for part in self._parts(at):
            placed = [each for each in part if isinstance(each, Placed)]
            publisher.publish(self._messages(placed, self._known(placed)))
            done += len(part)
            if done % _SAID_EVERY == 0:
                say(f"  {done:,} features imported")

    def _parts(self, at: datetime) -> Iterator[list[Placed | Fault]]:
        return read_export(self._file, self._grounds, at)

    def _id(self, placed: Placed) -> UUID:
        return report_id(self._source, placed.said.object_id)

    def _known(self, placed: Sequence[Placed]) -> Known:
        rows = self._connection.execute(
            "select report_id, imported_version, imported_digest from report"
            " where report_id = any(%s::uuid[]) and imported_version is not null",
            (list(map(self._id, placed)),),
        )
        return {row[0]: (row[1], row[2]) for row in rows}

    def _messages(self, placed: Sequence[Placed], known: Known) -> Iterator[Outgoing]:
        at = clock.now()
        for each in placed:
            version, digest = known.get(self._id(each), (0, ""))
            if digest != each.said.digest:
                event = self._event(each, version + 1, at)
                event_id = follows(event.report_id, f"imported/{event.version}/{event.digest}")
                yield encode(event, source=OPERATORS, at=at, event_id=event_id)

    def _event(self, placed: Placed, version: int, at: datetime) -> ReportImported:
        told = placed.said
        return ReportImported(
            report_id=self._id(placed),
            version=version,
            imported_at=at,
            source=self._source,
            object_id=told.object_id,
            digest=told.digest,
            category=told.category,
            status=told.status,
            longitude=placed.longitude,
            latitude=placed.latitude,
            owner=placed.owner,
            submitted_at=told.submitted_at,
            changed_at=told.changed_at,
        )


def _count(tally: Tally, placed: Placed, known: tuple[int, str] | None, at: datetime) -> None:
    told = placed.said
    if known is None:
        tally.new += 1
    elif known[1] == told.digest:
        tally.same += 1
    else:
        tally.changed += 1
    visible = window(told.category, told.status, told.changed_at)
    tally.shown += bool(visible and visible.open_at(at))
