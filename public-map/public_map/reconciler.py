"""Compares the public topic with the table whose twin it is, and mends the topic where it says something else.

They part when the table is built anew from the events, because a report that is hidden by then was never in the new
table and so never leaves it; or when a message of the outbox was lost with its database.
"""

import re
import threading
from collections.abc import Set
from datetime import datetime
from time import monotonic
from uuid import UUID

import structlog
from chassis import outbox
from chassis.health import Health
from chassis.kafka.consumer import Progress
from chassis.kafka.messages import Newer, Received, raw_message, read_message
from chassis.kafka.reader import read_from_start
from chassis.postgres import Connection, Database
from contracts.envelope import Unusable
from contracts.events.public import PublicReport
from contracts.topics import CASE_CHANGED, HISTORY, PUBLIC_MAP, PUBLIC_REPORT
from prometheus_client import Counter

from public_map.domain.differences import Differences, TopicEntry, batches, differences, still_different
from public_map.messages import public_report_message, withdrawal_message
from public_map.settings import Settings
from public_map.store.clusters import update_miscounted_cells
from public_map.store.public_reports import list_public_reports
from public_map.store.reconciliation import lock_public_reports, read_table_state

log = structlog.get_logger()
STATES = (CASE_CHANGED, HISTORY)
"""The topics that say what is public."""
RECONCILED = Counter(
    "kmzb_reconciled_total",
    "What was mended: messages on the public topic, and counts of the map's cells, that were not as the table",
    ["what"],
)
FOREIGN = Counter("kmzb_public_topic_foreign_total", "Messages on the public topic under a key no report has")
for _what in ("tombstone", "report", "cluster"):
    RECONCILED.labels(_what)  # so that they are 0, not absent, until the first one
# Nobody else changes what is public meanwhile, so it has to be short.
_BATCH = 500
_CHECK_SECONDS = 1.0


class Reconciler:
    """A worker that compares once all that says what is public is in the table, and then again and again.

    It judges only what did not change while it compared. Two instances may mend the same; the repeat has the same id.
    """

    def __init__(self, settings: Settings, database: Database, health: Health) -> None:
        self._settings, self._database, self._health = settings, database, health
        self._read_up: set[tuple[str, int]] = set()
        self._ready = threading.Event()

    def note_progress(self, progress: Progress[datetime]) -> None:
        """Learn from the consumer how far it is. A report's partition is the same on all topics of reports."""
        assigned = {each for each in progress.read_to_end if each[0] in {topic.name for topic in STATES}}
        self._read_up |= progress.caught_up_at.keys()
        if assigned and assigned <= self._read_up:
            self._ready.set()

    def _caught_up(self) -> Set[int]:
        """The partitions of which everything that says what is public was in the table once."""
        return frozenset.intersection(
            *(frozenset(number for name, number in self._read_up if name == topic.name) for topic in STATES)
        )

    def __call__(self, stop: threading.Event) -> None:
        """Run until `stop`."""
        every_seconds = self._settings.reconcile_every.total_seconds()
        due = monotonic()
        while not stop.is_set():
            self._health.beat("reconciler")
            if self._ready.is_set() and monotonic() >= due:
                self.reconcile(stop)
                due = monotonic() + every_seconds
            stop.wait(min(_CHECK_SECONDS, every_seconds))

    def reconcile(self, stop: threading.Event) -> int:
        """Compare and mend; returns how many messages it took. Nothing when stopped before the topic was read."""
        caught_up = self._caught_up()
        with self._database.transaction() as connection:
            table = read_table_state(connection, PUBLIC_REPORT.name)
        topic = self._read_topic(stop)
        if topic is None:
            return 0
        published = 0
        for found in batches(differences(table, topic, caught_up), _BATCH):
            with self._database.transaction() as connection:
                published += publish_differences(connection, found)
            self._health.beat("reconciler")
        log.info("topic compared with table", on_topic=len(topic), in_table=len(table.versions), mended=published)
        return published

    def _read_topic(self, stop: threading.Event) -> dict[UUID, TopicEntry] | None:
        """What a reader of the whole topic ends up with now; None when stopped before its end."""
        entries: dict[UUID, TopicEntry] = {}
        for message in read_from_start(self._settings, PUBLIC_MAP, PUBLIC_REPORT, stop):
            self._health.beat("reconciler")
            if message is None:
                return entries
            raw = raw_message(self._settings, message)
            if not re.fullmatch(PUBLIC_REPORT.key.encode(), raw.key):
                # Not ours: whoever wrote it may write there, which is for an operator to end.
                FOREIGN.inc()
                log.error("no report's key on the public topic", message=raw.where, key=ascii(raw.key[:100]))
                continue
            report_id = UUID(raw.key.decode())
            if raw.value is None:
                entries.pop(report_id, None)
            else:
                entries[report_id] = TopicEntry(raw.partition, version_in(read_message(raw)))
        return None


def version_in(message: Received | Unusable | Newer) -> int:
    """The version of the report in a message; 0 when it can't be read any more and has to be published again."""
    report = message.event if isinstance(message, Received) else None
    return report.version if isinstance(report, PublicReport) else 0


def publish_differences(connection: Connection, found: Differences) -> int:
    """Publish what is still different now that nobody else can change it; returns how many messages that takes."""
    lock_public_reports(connection)
    table = read_table_state(connection, PUBLIC_REPORT.name, [*found.withdrawn, *found.missing])
    left = still_different(found, table)
    reports = list_public_reports(connection, left.missing)
    outbox.append(connection, [*map(withdrawal_message, left.withdrawn), *map(public_report_message, reports)])
    connection.after_commit(RECONCILED.labels("tombstone").inc, len(left.withdrawn))
    connection.after_commit(RECONCILED.labels("report").inc, len(reports))
    return len(left.withdrawn) + len(reports)


def mend_clusters(database: Database) -> int:
    """Compare the counts of the map's cells with the table and mend them; returns how many were wrong."""
    with database.transaction() as connection:
        mended = update_miscounted_cells(connection)
        connection.after_commit(RECONCILED.labels("cluster").inc, mended)
    if mended:
        log.error("cells miscounted", mended=mended)
    return mended
