"""public-map: hears of reports, owners, changes and clocks; says what everyone may see; answers map and receipts.

In: report-submitted, report-routed, case-changed, clock. Out: public.report, with a tombstone for what leaves the map.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from chassis import outbox
from chassis.health import Health
from chassis.kafka.consumer import Loop
from chassis.kafka.messages import Received
from chassis.kafka.processing import Storing
from chassis.kafka.relay import Relay
from chassis.postgres import Connection, Database, database_time, require_migrated
from chassis.run import Worker, every, run
from chassis.settings import load
from chassis.telemetry import DUPLICATES, configure_logs
from contracts.cases import CaseChange, CasesMerged
from contracts.clocks import ClockEvent
from contracts.public import PublicReport
from contracts.reports import ReportSubmitted
from contracts.routing import Routing
from contracts.statuses import Status
from contracts.topics import CASE_CHANGED, CLOCK, PUBLIC_MAP, REPORT_ROUTED, REPORT_SUBMITTED
from prometheus_client import Gauge

from public_map import domain, messages, public_reports, store
from public_map.api import create_api
from public_map.reconciler import Reconciler
from public_map.settings import Settings

TOPICS = (REPORT_SUBMITTED, REPORT_ROUTED, CASE_CHANGED, CLOCK)
_EXPIRED_AT_ONCE = 500
_COUNT_SECONDS = 15.0
_SHOWN = Gauge("kmzb_public_map_reports", "Reports everyone can see", ["status"])


def main() -> None:
    settings = load(Settings, PUBLIC_MAP)
    configure_logs(PUBLIC_MAP, settings.log_level)
    database = Database(settings.postgres_dsn.get_secret_value(), size=8)
    require_migrated(database, "public_map")
    health = Health("consumer")
    run(create_api(database, settings, health), settings.url, workers(settings, database, health))


def workers(settings: Settings, database: Database, health: Health) -> dict[str, Worker]:
    """What runs beside the API."""
    look = settings.visibility_check.total_seconds()
    reconciler = Reconciler(settings, database, health)
    storing = Storing(settings, PUBLIC_MAP, database, handle)
    return {
        "consumer": Loop(
            settings, PUBLIC_MAP, TOPICS, storing, health, on_progress=reconciler.note_progress, progress_seconds=1.0
        ),
        "relay": Relay(settings, PUBLIC_MAP, database, health),
        "visibility": every(look, "visibility", health, lambda: end_visibility(database)),
        "counts": every(_COUNT_SECONDS, "counts", health, lambda: count_shown(database)),
        "reconciler": reconciler,
    }


def handle(connection: Connection, batch: Sequence[Received]) -> None:
    """Take what was heard into the tables, and say what everyone sees differently from now on."""
    events = [received.event for received in batch]
    changes = [event for event in events if isinstance(event, CaseChange)]
    merges = [change for change in changes if isinstance(change, CasesMerged)]
    store.merge_submissions(connection, [event for event in events if isinstance(event, ReportSubmitted)])
    store.merge_routings(connection, [event for event in events if isinstance(event, Routing)])
    store.merge_clocks(connection, [event for event in events if isinstance(event, ClockEvent)])
    store.merge_merges(connection, merges)
    newest = domain.newest(changes)
    news = store.merge_changes(connection, newest)
    known = len(changes) - store.merge_steps(connection, changes)
    connection.after_commit(DUPLICATES.labels(PUBLIC_MAP).inc, known)
    publish(connection, [change for change in newest if change.report_id in news], [each.report_id for each in merges])


def publish(connection: Connection, news: Sequence[CaseChange], ended: Sequence[UUID]) -> None:
    """Put the new states on the map, or take their reports off it; `ended` are off it in any case."""
    at = database_time(connection)
    shown: list[tuple[PublicReport, datetime | None]] = []
    hidden = list(ended)
    for change in news:
        window = domain.window(change)
        if window and window.open_at(at):
            shown.append((domain.public_report(change), window.until))
        else:
            hidden.append(change.report_id)
    public_reports.show(connection, shown)
    gone = public_reports.hide(connection, hidden)
    outbox.append(connection, [*(messages.shown(report) for report, _ in shown), *messages.gone(gone)])


def end_visibility(database: Database) -> int:
    """Take off the map what has been there long enough, by the database's clock; returns how many reports."""
    ended = 0
    while True:
        with database.transaction() as connection:
            gone = public_reports.take_expired(connection, _EXPIRED_AT_ONCE)
            outbox.append(connection, messages.gone(gone))
        ended += len(gone)
        if len(gone) < _EXPIRED_AT_ONCE:
            return ended


def count_shown(database: Database) -> None:
    with database.transaction() as connection:
        counts = public_reports.count_by_status(connection)
    for status in Status:
        _SHOWN.labels(status.value).set(counts[status])
