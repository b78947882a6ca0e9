"""sla-monitor's steps: which were fired is on its own topic alone, and firing one again would tell people again."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from itertools import islice
from uuid import UUID

from chassis.kafka.client import topic_name
from chassis.kafka.messages import Received, raw_message, read_message
from chassis.postgres import Connection
from chassis.settings import Settings
from confluent_kafka import OFFSET_BEGINNING
from contracts.envelope import Envelope
from contracts.events.clocks import (
    ClockEvent,
    ClockStarted,
    ClockStopped,
    DeadlineApproaching,
    DeadlineEscalated,
    DeadlineMissed,
    Step,
)
from contracts.policy.regions import Region
from contracts.policy.terms import Policy
from contracts.topics import CLOCK, SLA_MONITOR
from sla_monitor.domain.announcements import emit
from sla_monitor.domain.reports import Report
from sla_monitor.store.reports import lock_reports, update_reports

from operations.topic_reader import read_partitions

_AT_ONCE = 500


def restore_announcements(terms: Policy, connection: Connection, settings: Settings) -> str:
    """Let every step count as fired that is on the topic, with its time, and publish none of those again.

    A step that the rules find certain and that is not on the topic was lost with the store: it stays in the outbox.
    Where regions have monitors of their own, a store notes the steps that its own said; nobody says another's anew.
    """
    connection.execute("create temporary table published (id bytea primary key) on commit drop")
    steps = iter(_steps_said(settings).items())
    while part := dict(islice(steps, _AT_ONCE)):
        _insert_published(connection, (envelope for said in part.values() for envelope in said))
        own = {report_id: kept for report_id in part if (kept := _own(settings.region, part[report_id]))}
        before = lock_reports(connection, own.keys())
        after = {report_id: _restored(before[report_id], own[report_id], terms) for report_id in own}
        update_reports(connection, before, after)
    left = _delete_published(connection)
    if left:
        return f"{left} steps were never on the log: they are published when {CLOCK.writers[0]} starts"
    return "every step it would publish is on the log: none is published anew"


def _steps_said(settings: Settings) -> dict[UUID, list[Envelope]]:
    """Everything said of clocks, by report, in the order in which it was said."""
    starts = {(topic_name(settings, CLOCK.name), number): OFFSET_BEGINNING for number in range(CLOCK.partitions)}
    said: dict[UUID, list[Envelope]] = {}
    for message in read_partitions(settings, starts):
        read = read_message(raw_message(settings, message))
        if isinstance(read, Received) and read.envelope and isinstance(read.event, ClockEvent):
            said.setdefault(read.event.report_id, []).append(read.envelope)
    return said


def _own(region: Region, said: Iterable[Envelope]) -> list[Envelope]:
    return [envelope for envelope in said if region.is_said_here(envelope.source, SLA_MONITOR)]


def _restored(report: Report, said: Iterable[Envelope], terms: Policy) -> Report:
    """The report with the steps that were said of its clocks, and when each clock's next one fires."""
    runs = dict(report.runs)
    for key, fired in _fired(said).items():
        if key in runs:
            # In the order they were said; what was not said and is certain comes behind.
            certain = {step: at for step, at in runs[key].fired_steps.items() if step not in fired}
            runs[key] = replace(runs[key], fired_steps={**fired, **certain})
    restored, _ = emit(replace(report, runs=runs), terms)
    return restored


def _fired(said: Iterable[Envelope]) -> dict[tuple[object, int], dict[Step, datetime]]:
    fired: dict[tuple[object, int], dict[Step, datetime]] = {}
    for envelope in said:
        event = envelope.data
        assert isinstance(event, ClockEvent)  # nothing else was kept
        for step in _step(event):
            fired.setdefault((event.clock, event.cycle), {}).setdefault(step, envelope.time)
    return fired


def _step(event: ClockEvent) -> Iterator[Step]:
    match event:
        case ClockStarted():
            yield Step.STARTED
        case DeadlineApproaching():
            yield Step.APPROACHING
        case DeadlineMissed():
            yield Step.MISSED
        case DeadlineEscalated():
            yield Step.GARRISON if event.to == "garrison" else Step.HEADQUARTERS
        case ClockStopped():
            yield Step.STOPPED


def _delete_published(connection: Connection) -> int:
    """Delete what is on the log from the outbox; gives how many messages are left there."""
    connection.execute(
        "delete from outbox using published where header_values[array_position(header_names, 'ce_id')] = published.id"
    )
    row = connection.execute("select count(*) as number from outbox").fetchone()
    return int(row["number"]) if row else 0


def _insert_published(connection: Connection, said: Iterable[Envelope]) -> None:
    ids = [str(envelope.id).encode() for envelope in said]
    connection.execute("insert into published select unnest(%b::bytea[]) on conflict do nothing", (ids,))
