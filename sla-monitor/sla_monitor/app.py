"""The SLA monitor: keeps the clocks of reports, and says when deadlines near, pass, are escalated and are met.

In: report-submitted, report-routed, case-changed, progress. Out: clock. A step fires once its time is not later than
the watermark: until then, everything that could have stopped the clock has been read, or casework has been silent for
so long that it is missed unconfirmed (docs/decisions 0003 and 0043).
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial

from chassis import outbox
from chassis.health import Health
from chassis.kafka.consumer import Loop
from chassis.kafka.messages import Received
from chassis.kafka.processing import Storing
from chassis.postgres import Connection, Database, require_migrated
from chassis.relay import Relay
from chassis.run import Worker, every, run, sparingly
from chassis.settings import load
from chassis.telemetry import DUPLICATES, configure_logs
from contracts.base import ReportEvent
from contracts.envelope import Envelope, Outgoing, encode
from contracts.policy.regions import NATION, Region
from contracts.policy.terms import Policy, policy
from contracts.topics import CASE_CHANGED, PROGRESS, REPORT_ROUTED, REPORT_SUBMITTED, SLA_MONITOR
from web.health import health_api
from web.server import serving

from sla_monitor.counters import count
from sla_monitor.domain.announcements import Announcement, fire
from sla_monitor.domain.effects import effects
from sla_monitor.domain.regions import concerns, progress_of
from sla_monitor.domain.watermark import UNCONFIRMED_AFTER, watermark
from sla_monitor.firing import FIRING_BATCH, firing
from sla_monitor.gauges import OpenClocks, measure
from sla_monitor.settings import Settings
from sla_monitor.store.clocks import claim_due_clocks, update_fired_steps
from sla_monitor.store.reports import lock_reports, update_reports
from sla_monitor.store.watermark import read_least_look, read_silence, upsert_progress
from sla_monitor.watch import Watch

TOPICS = (REPORT_SUBMITTED, REPORT_ROUTED, CASE_CHANGED, PROGRESS)
# How often each partition is compared with its end while a step is near. Lateness is this, the pause between two
# progresses of casework and the consumer's poll together: some 0.6 s at the worst, of the second that is promised.
_PROGRESS_SECONDS = 0.15


def main() -> None:
    """Run until a signal, or until a worker fails."""
    settings = load(Settings, SLA_MONITOR)
    configure_logs(SLA_MONITOR, settings.log_level)
    terms = policy(settings.terms_file)
    database = Database(settings.postgres_dsn.get_secret_value())
    require_migrated(database, "sla_monitor")
    health = Health("consumer")
    run({**serving(health_api(health), settings), **workers(settings, database, health, terms)}, health)


def workers(settings: Settings, database: Database, health: Health, terms: Policy) -> dict[str, Worker]:
    """Everything that runs beside the HTTP server."""
    watch, gauges_seconds = Watch(database), settings.gauges_every.total_seconds()
    region = settings.region
    fire_due = partial(fire_due_steps, terms, unconfirmed_after=settings.unconfirmed_after, region=region)
    handle_batch = partial(handle, terms, wake=watch.wake, region=region)
    return {
        "consumer": Loop(
            settings,
            region.member(SLA_MONITOR),
            TOPICS,
            Storing(settings, SLA_MONITOR, database, handle_batch, base_suffices=TOPICS),
            health,
            on_progress=watch.write,
            progress_seconds=_PROGRESS_SECONDS,
            clock=watch.look,
        ),
        "relay": Relay(settings, region.member(SLA_MONITOR), database, health),
        "firing": firing(database, health, fire_due, watch.moved),
        "gauges": every(gauges_seconds, "gauges", health, partial(measure, database)),
        "counting": sparingly(gauges_seconds, OpenClocks(database)),
    }


def handle(
    terms: Policy,
    connection: Connection,
    batch: Sequence[Received],
    *,
    wake: Callable[[], object] | None = None,
    region: Region = NATION,
) -> None:
    """Read the batch's reports, decide what its events change and what is certain then, write it. Raises Unusable."""
    upsert_progress(connection, [said for m in batch if (said := progress_of(region, m.event))])
    causes = {m.event.report_id: m.envelope for m in batch if isinstance(m.event, ReportEvent)}
    events = [m.event for m in batch if isinstance(m.event, ReportEvent) and concerns(region, m.event)]
    if not events:
        return
    reports = lock_reports(connection, {event.report_id for event in events})
    decided = effects(reports, events, terms, region)
    update_reports(connection, reports, decided.reports)
    outbox.append(connection, [_message(region, said, causes[said.event.report_id]) for said in decided.announcements])
    connection.after_commit(DUPLICATES.labels(SLA_MONITOR).inc, decided.repeats)
    connection.after_commit(count, decided.announcements)
    if wake:
        connection.after_commit(wake)


def fire_due_steps(
    terms: Policy,
    connection: Connection,
    limit: int = FIRING_BATCH,
    *,
    unconfirmed_after: timedelta = UNCONFIRMED_AFTER,
    region: Region = NATION,
) -> list[float]:
    """Read up to `limit` clocks that are due, decide which of their steps the watermark has reached, write those.

    Returns how late each step was, in seconds.
    """
    reached = watermark(read_least_look(connection), read_silence(connection), unconfirmed_after)
    if reached is None:
        return []
    due = claim_due_clocks(connection, reached.at, limit)
    fired = [fire(clock.run, clock.owner, terms, reached) for clock in due]
    announcements = [announcement for _, announced in fired for announcement in announced]
    update_fired_steps(connection, [run for run, _ in fired])
    outbox.append(connection, [_message(region, announcement) for announcement in announcements])
    connection.after_commit(count, announcements)
    return [
        (clock.now - announcement.at).total_seconds()
        for clock, (_, announced) in zip(due, fired, strict=True)
        for announcement in announced
    ]


def _message(region: Region, said: Announcement, cause: Envelope | None = None) -> Outgoing:
    source = region.member(SLA_MONITOR)
    return encode(said.event, source=source, at=said.at, event_id=said.id, cause=cause)
