"""public-map: knows of reports, owners, cases and clocks; decides what everyone may see; answers map and receipts.

In: report-submitted, report-routed, case-changed, clock; for the holders of receipts follow-up and to-reporter; from
elsewhere history; beside them district. Out: public.report, with a tombstone for what leaves the map; the reconciler
reads it back and mends it.
"""

from collections.abc import Sequence

from chassis import outbox
from chassis.health import Health
from chassis.kafka.consumer import Loop
from chassis.kafka.messages import Received
from chassis.kafka.processing import Storing
from chassis.postgres import Connection, Database, database_time, require_migrated
from chassis.relay import Relay
from chassis.run import Worker, every, run, sparingly
from chassis.settings import load
from chassis.telemetry import DUPLICATES, configure_logs
from contracts.base import ReportEvent
from contracts.events.cases import WordsToReporter
from contracts.events.clocks import ClockEvent
from contracts.events.reports import FollowUp
from contracts.statuses import Status
from contracts.topics import (
    CASE_CHANGED,
    CLOCK,
    FOLLOW_UP,
    HISTORY,
    PUBLIC_MAP,
    REPORT_ROUTED,
    REPORT_SUBMITTED,
    TO_REPORTER,
)
from prometheus_client import Gauge
from web.server import serving

from public_map.api.application import create_api
from public_map.districts import Districts
from public_map.domain.conversation import letters, said_after
from public_map.domain.effects import Effects, effects
from public_map.live import LiveReports
from public_map.messages import public_report_message, withdrawal_message
from public_map.reconciler import Reconciler, mend_clusters
from public_map.settings import Settings
from public_map.store.clocks import list_clocks, upsert_clocks
from public_map.store.public_reports import (
    count_by_status,
    delete_expired_public_reports,
    delete_public_reports,
    upsert_public_reports,
)
from public_map.store.receipts import upsert_letters, upsert_said
from public_map.store.reports import lock_reports, update_reports
from public_map.store.statistics import upsert_handlings
from public_map.store.timelines import insert_case_versions

TOPICS = (REPORT_SUBMITTED, REPORT_ROUTED, CASE_CHANGED, CLOCK, FOLLOW_UP, TO_REPORTER, HISTORY)
# A submission's base lacks what its receipt proves.
BASE_SUFFICES = (REPORT_ROUTED, CASE_CHANGED, CLOCK, HISTORY)
_EXPIRED_AT_ONCE = 500
_MEASURE_SECONDS = 15.0
_PUBLIC_REPORTS = Gauge("kmzb_public_map_reports", "Reports everyone can see", ["status"])


def main() -> None:
    """Run until a signal, or until a worker fails."""
    settings = load(Settings, PUBLIC_MAP)
    configure_logs(PUBLIC_MAP, settings.log_level)
    database = Database(settings.postgres_dsn.get_secret_value(), size=8)
    require_migrated(database, "public_map")
    health = Health("consumer")
    districts, live = Districts(settings, health), LiveReports(settings, health)
    beside = {"districts": districts.follow, "live": live.follow}
    api = create_api(database, settings, health, districts, live)
    run({**serving(api, settings), **workers(settings, database, health), **beside}, health)


def workers(settings: Settings, database: Database, health: Health) -> dict[str, Worker]:
    """What runs beside the API."""
    check_seconds = settings.visibility_check.total_seconds()
    reconciler = Reconciler(settings, database, health)
    storing = Storing(settings, PUBLIC_MAP, database, handle, base_suffices=BASE_SUFFICES)
    return {
        "consumer": Loop(
            settings, PUBLIC_MAP, TOPICS, storing, health, on_progress=reconciler.note_progress, progress_seconds=1.0
        ),
        "relay": Relay(settings, PUBLIC_MAP, database, health),
        "visibility": every(check_seconds, "visibility", health, lambda: withdraw_expired(database)),
        "measuring": sparingly(_MEASURE_SECONDS, lambda: measure(database)),
        "reconciler": reconciler,
        "clusters": sparingly(settings.reconcile_every.total_seconds(), lambda: mend_clusters(database)),
    }


def handle(connection: Connection, batch: Sequence[Received]) -> None:
    """Read what is known of the reports, decide what the batch changes, write it."""
    said = [received.event for received in batch if isinstance(received.event, ReportEvent)]
    events = [event for event in said if not isinstance(event, FollowUp | WordsToReporter)]
    reports = lock_reports(connection, [event.report_id for event in events])
    clocks = list_clocks(connection, [event.report_id for event in events if isinstance(event, ClockEvent)])
    write(connection, effects(reports, clocks, events, database_time(connection)))
    upsert_letters(connection, letters(said, [received.key for received in batch if received.event is None]))
    upsert_said(connection, said_after(said))


def write(connection: Connection, decided: Effects) -> None:
    """Write what is known from now on, and what everyone sees: to `public_report` and, in that order, to its topic."""
    update_reports(connection, decided.reports)
    upsert_clocks(connection, decided.clocks)
    repeats = len(decided.case_versions) - insert_case_versions(connection, decided.case_versions)
    connection.after_commit(DUPLICATES.labels(PUBLIC_MAP).inc, repeats)
    upsert_public_reports(connection, decided.published)
    withdrawn = delete_public_reports(connection, decided.withdrawn)
    timed = [version.report_id for version in decided.case_versions]
    upsert_handlings(connection, [*timed, *(clock.report_id for clock in decided.clocks if clock.outcome)])
    published = [public_report_message(publication.report) for publication in decided.published]
    outbox.append(connection, [*published, *map(withdrawal_message, withdrawn)])


def withdraw_expired(database: Database) -> int:
    """Take off the map whose time is over by the database's clock; returns how many reports."""
    total = 0
    while True:
        with database.transaction() as connection:
            withdrawn = delete_expired_public_reports(connection, _EXPIRED_AT_ONCE)
            outbox.append(connection, list(map(withdrawal_message, withdrawn)))
        total += len(withdrawn)
        if len(withdrawn) < _EXPIRED_AT_ONCE:
            return total


def measure(database: Database) -> None:
    """Set the gauges from the table, whose every row is counted."""
    with database.transaction() as connection:
        counts = count_by_status(connection)
    for status in Status:
        _PUBLIC_REPORTS.labels(status.value).set(counts[status])
