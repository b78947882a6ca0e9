"""Compares the public topic with the table whose twin it is, and mends the topic where it says something else.

They part when the table is built anew from the events, because a report that is hidden by then was never on the new
map and so never leaves it; or when a message of the outbox was lost with its database.
"""

import threading
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from time import monotonic
from uuid import UUID

import structlog
from chassis import outbox
from chassis.health import Health
from chassis.kafka.client import read_from_start
from chassis.kafka.consumer import Progress
from chassis.kafka.messages import original_headers
from chassis.postgres import Connection, Database
from contracts.envelope import Headers, Unusable, decode
from contracts.public import PublicReport
from contracts.topics import CASE_CHANGED, PUBLIC_MAP, PUBLIC_REPORT
from prometheus_client import Counter

from public_map import messages, public_reports, store
from public_map.settings import Settings

log = structlog.get_logger()
RECONCILED = Counter("kmzb_reconciled_total", "Messages said because the public topic was not as the table", ["what"])
for _what in ("tombstone", "report"):
    RECONCILED.labels(_what)  # so that they are 0, not absent, until the first one
# Nobody else writes to the map meanwhile, so it has to be short.
_AT_ONCE = 500
_LOOK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class OnTopic:
    """A report as a reader of the topic ends up with it."""

    partition: int
    version: int


@dataclass(frozen=True, slots=True)
class InTable:
    """What the table shows, version by report, and the reports of which something is still on its way to the topic."""

    versions: Mapping[UUID, int]
    on_the_way: Set[UUID]


class Reconciler:
    """A worker that compares once everything that was said of cases is in the table, and then again and again.

    It judges only what did not change while it compared. Two instances may mend the same; the repeat has the same id.
    """

    def __init__(self, settings: Settings, database: Database, health: Health) -> None:
        self._settings, self._database, self._health = settings, database, health
        self._caught_up: Set[int] = frozenset()
        self._ready = threading.Event()

    def note_progress(self, progress: Progress) -> None:
        """The consumer says how far it is. A report's partition is the same on all topics of reports."""
        assigned = {number for topic, number in progress.read_to_end if topic == CASE_CHANGED.name}
        self._caught_up |= {number for topic, number in progress.caught_up_at if topic == CASE_CHANGED.name}
        if assigned and assigned <= self._caught_up:
            self._ready.set()

    def __call__(self, stop: threading.Event) -> None:
        due = monotonic()
        while not stop.is_set():
            self._health.beat("reconciler")
            if self._ready.is_set() and monotonic() >= due:
                self.reconcile(stop)
                due = monotonic() + self._settings.reconcile_every.total_seconds()
            stop.wait(min(_LOOK_SECONDS, self._settings.reconcile_every.total_seconds()))

    def reconcile(self, stop: threading.Event) -> int:
        """Compare and mend; returns how many messages it took. Nothing when stopped before the topic was read."""
        caught_up = self._caught_up
        with self._database.transaction() as connection:
            table = in_table(connection)
        topic = self._read(stop)
        if topic is None:
            return 0
        gone, shown = differences(table, topic, caught_up)
        said = 0
        for at in range(0, max(len(gone), len(shown)), _AT_ONCE):
            with self._database.transaction() as connection:
                said += mend(connection, gone[at : at + _AT_ONCE], dict(shown[at : at + _AT_ONCE]))
            self._health.beat("reconciler")
        log.info("topic compared with table", on_topic=len(topic), in_table=len(table.versions), mended=said)
        return said

    def _read(self, stop: threading.Event) -> dict[UUID, OnTopic] | None:
        """What the topic shows now; None when stopped before its end."""
        shown: dict[UUID, OnTopic] = {}
        for message in read_from_start(self._settings, PUBLIC_MAP, PUBLIC_REPORT, stop):
            self._health.beat("reconciler")
            if message is None:
                return shown
            report_id = UUID((message.key() or b"").decode())
            if (value := message.value()) is None:
                shown.pop(report_id, None)
            else:
                shown[report_id] = OnTopic(message.partition() or 0, version_in(original_headers(message), value))
        return None


def version_in(headers: Headers, value: bytes) -> int:
    """The version a message tells of; 0 when it can't be read any more and has to be said again."""
    try:
        report = decode(headers, value).data
    except Unusable:
        return 0
    return report.version if isinstance(report, PublicReport) else 0


def in_table(connection: Connection, among: Sequence[UUID] | None = None) -> InTable:
    """The table as it is, and then what is on the way: what is in the one and not in the other is on the topic."""
    return InTable(public_reports.versions(connection, among), store.on_the_way(connection, PUBLIC_REPORT.name))


def differences(
    table: InTable, topic: Mapping[UUID, OnTopic], caught_up: Set[int]
) -> tuple[list[UUID], list[tuple[UUID, int]]]:
    """What has to leave the topic, and what has to be said with its version.

    Only where all changes of cases are in the table is a report that is not there not public.
    """
    gone = [
        report_id
        for report_id, said in topic.items()
        if said.partition in caught_up and report_id not in table.versions and report_id not in table.on_the_way
    ]
    shown = [
        (report_id, version)
        for report_id, version in table.versions.items()
        if report_id not in table.on_the_way and (report_id not in topic or topic[report_id].version < version)
    ]
    return sorted(gone), sorted(shown)


def mend(connection: Connection, gone: Sequence[UUID], shown: Mapping[UUID, int]) -> int:
    """Say what is still true now that nobody else can change it; returns how many messages that takes."""
    public_reports.keep_as_it_is(connection)
    now = in_table(connection, [*gone, *shown])
    tombstones = [each for each in gone if each not in now.versions and each not in now.on_the_way]
    same = [each for each, version in shown.items() if now.versions.get(each) == version and each not in now.on_the_way]
    reports = public_reports.of(connection, same)
    outbox.append(connection, [*messages.gone(tombstones), *map(messages.shown, reports)])
    connection.after_commit(RECONCILED.labels("tombstone").inc, len(tombstones))
    connection.after_commit(RECONCILED.labels("report").inc, len(reports))
    return len(tombstones) + len(reports)
