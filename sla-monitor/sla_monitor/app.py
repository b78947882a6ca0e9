"""Keeps the clocks: hears of reports, districts and changes of cases; says when deadlines near, pass and are met.

    report-submitted, report-routed, case-changed → clock

A step fires once its time is not later than the watermark: until then, everything that could have stopped the clock
has been heard (docs/decisions/0003-watermark.md).
"""

import threading
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial

from chassis import outbox
from chassis.health import Health
from chassis.http import create_api
from chassis.kafka.consumer import Loop, Progress
from chassis.kafka.messages import Received
from chassis.kafka.processing import Storing
from chassis.kafka.relay import Relay
from chassis.postgres import Connection, Database, database_time, require_migrated
from chassis.run import Worker, every, run
from chassis.settings import load
from chassis.telemetry import DUPLICATES, configure_logs
from contracts.base import ReportEvent
from contracts.envelope import Envelope, Outgoing, Unusable, encode
from contracts.events.clocks import ClockStopped
from contracts.policy.terms import Policy, policy
from contracts.topics import CASE_CHANGED, REPORT_ROUTED, REPORT_SUBMITTED, SLA_MONITOR
from prometheus_client import Counter, Histogram

from sla_monitor import store, watermark
from sla_monitor.domain import Report, Saying, hear, settle, speak
from sla_monitor.figures import Figures
from sla_monitor.settings import Settings

TOPICS = (REPORT_SUBMITTED, REPORT_ROUTED, CASE_CHANGED)
# How often each partition is compared with its end. Lateness is this, the consumer's poll and the pause of the firing
# together: some 0.4 s at the worst, of the second that is promised.
_PROGRESS_SECONDS = 0.15
_FIRING_SECONDS = 0.1
# Claimed in one transaction: large enough to drain a crowd quickly, small enough to end within half a second.
_FIRING_BATCH = 2_000

DECIDED = Counter("kmzb_sla_decided_total", "Clocks that stopped", ["clock", "garrison", "outcome"])
LATENESS = Histogram(
    "kmzb_sla_lateness_seconds",
    "How long after its time a step fired, by the database's clock",
    buckets=(0.05, 0.1, 0.25, 0.5, 0.75, 1, 2, 5, 30, 300, 3600, 6 * 3600, 86400),
)


def main() -> None:
    settings = load(Settings, SLA_MONITOR)
    configure_logs(SLA_MONITOR, settings.log_level)
    terms = policy(settings.terms_file)
    database = Database(settings.postgres_dsn.get_secret_value())
    require_migrated(database, "sla_monitor")
    health = Health("consumer")
    api = create_api("KMZB sla-monitor", "Health and metrics of the clocks.", health, documented=False)
    run(api, settings.url, workers(settings, database, health, terms))


def workers(settings: Settings, database: Database, health: Health, terms: Policy) -> dict[str, Worker]:
    """Everything that runs beside the HTTP server."""
    return {
        "consumer": Loop(
            settings,
            SLA_MONITOR,
            TOPICS,
            Storing(settings, SLA_MONITOR, database, partial(handle, terms)),
            health,
            on_progress=partial(note_progress, database),
            progress_seconds=_PROGRESS_SECONDS,
            clock=partial(time_of, database),
        ),
        "relay": Relay(settings, SLA_MONITOR, database, health),
        "firing": firing(database, terms, health),
        "figures": every(settings.figures_every.total_seconds(), "figures", health, Figures(database)),
    }


def handle(terms: Policy, connection: Connection, batch: Sequence[Received]) -> None:
    """Take in what was heard, and say of each clock what is certain from it. Raises Unusable."""
    heard = {each.event.report_id: each for each in batch if isinstance(each.event, ReportEvent)}
    before = store.lock_reports(connection, heard)
    after = dict(before)
    for each in batch:
        if isinstance(each.event, ReportEvent):
            report = after[each.event.report_id]
            after[each.event.report_id] = _take_in(report, each.event, terms)
            if after[each.event.report_id] == report:
                connection.after_commit(DUPLICATES.labels(SLA_MONITOR).inc)
    settled = {report_id: settle(report, terms) for report_id, report in after.items()}
    store.keep_reports(connection, before, {report_id: report for report_id, (report, _) in settled.items()})
    outbox.append(
        connection,
        [_announce(each, heard[report_id].envelope) for report_id, (_, said) in settled.items() for each in said],
    )
    connection.after_commit(_count, [saying for _, said in settled.values() for saying in said])


def firing(database: Database, terms: Policy, health: Health) -> Worker:
    """A worker that fires what is due, again at once while there is more."""

    def run_until(stop: threading.Event) -> None:
        while not stop.is_set():
            with database.transaction() as connection:
                late = fire(terms, connection)
            for seconds in late:
                LATENESS.observe(seconds)
            health.beat("firing")
            if len(late) < _FIRING_BATCH:
                stop.wait(_FIRING_SECONDS)

    return run_until


def fire(terms: Policy, connection: Connection, limit: int = _FIRING_BATCH) -> list[float]:
    """Fire the steps of up to `limit` clocks that nothing unheard can refute; gives how late each was, in seconds."""
    due = store.claim_due(connection, limit)
    spoken = [speak(each.cycle, each.owner, terms, each.caught_up) for each in due]
    store.keep_fired(connection, [cycle for cycle, _ in spoken])
    outbox.append(connection, [_announce(each) for _, said in spoken for each in said])
    return [
        (each.now - saying.at).total_seconds() for each, (_, said) in zip(due, spoken, strict=True) for saying in said
    ]


def note_progress(database: Database, progress: Progress) -> None:
    """Keep until when each partition was heard; the watermark is the least of them."""
    if progress.caught_up_at:
        with database.transaction() as connection:
            watermark.advance(connection, progress.caught_up_at)


def time_of(database: Database) -> datetime:
    """The clock by which partitions were heard to their ends."""
    with database.transaction() as connection:
        return database_time(connection)


def _take_in(report: Report, event: ReportEvent, terms: Policy) -> Report:
    try:
        return hear(report, event, terms)
    except LookupError as no_terms:
        raise Unusable("terms", str(no_terms)) from no_terms


def _announce(saying: Saying, cause: Envelope | None = None) -> Outgoing:
    return encode(saying.event, source=SLA_MONITOR, at=saying.at, event_id=saying.id, cause=cause)


def _count(sayings: Iterable[Saying]) -> None:
    for event in (each.event for each in sayings):
        if isinstance(event, ClockStopped):
            DECIDED.labels(event.clock, event.owner.garrison, event.outcome).inc()
