"""Bringing casework's store to what casework had said: its own topics have every change of a case.

Only what officers wrote, and who they are, is on no topic: the history has these changes without them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from casework.domain import reports
from casework.domain.records import Transition
from casework.domain.reports import RecordedFollowUp, recorded_follow_up
from casework.known_state import handed_to
from casework.store.follow_ups import upsert_follow_ups
from casework.store.reports import lock_reports, update_reports
from chassis.kafka.messages import Received
from chassis.postgres import Connection
from chassis.settings import Settings
from contracts.events.cases import CaseOpened, CaseSupported
from contracts.events.regions.handovers import CaseHandedOver
from contracts.events.reports import FollowUp, ReportSubmission, ReportSupported
from contracts.events.routing import Routing
from contracts.policy.surges import SurgePolicy
from contracts.policy.terms import Policy
from contracts.topics import CASE_CHANGED, CASEWORK, CONTENT, HAND_OVER, ROSTER, SURGE

from operations.backups.cases.changes import Log, Store
from operations.backups.cases.duty import note_duty
from operations.backups.folder import Places
from operations.backups.gap import ABOUT_RUNNING, delete_said, read_since, usable
from operations.consumption.groups import topics_read


@dataclass(frozen=True, slots=True)
class Policies:
    """What casework decides by: terms, and what is a surge."""

    terms: Policy
    surges: SurgePolicy


def catch_up(connection: Connection, settings: Settings, policies: Policies, read: Places, ends: Places) -> str:
    """Bring an instance's store to what it had said, saying nothing; gives how much, in words. Raises StackError."""
    region = settings.region
    topics = [topic for topic in topics_read(settings, region.member(CASEWORK)) if topic is not CONTENT]
    heard = list(usable(read_since(settings, [topic for topic in topics if topic not in ABOUT_RUNNING], read)))
    received = handed_to(region, heard)
    _note_reports(connection, heard)
    applied = Store(connection, region, _log(settings, heard, received, ends), policies.terms).apply()
    _note_supports(connection, heard, applied)
    note_duty(connection, region, usable(read_since(settings, [ROSTER, SURGE], ends)), policies.surges)
    # Who looked for surges then has looked at these reports.
    opened = [change.event.report_id for change in applied if isinstance(change.event, CaseOpened)]
    connection.execute("update recent_report set judged = true where report_id = any(%b::uuid[])", (opened,))
    delete_said(connection, settings, CASEWORK, ends)
    came = f" {len(received)} cases that others had handed over from {HAND_OVER.name}," if received else ""
    return (
        f"{came} {len(applied)} changes of cases, {len(opened)} of them new cases, were taken from {CASE_CHANGED.name}"
    ).strip()


def _log(settings: Settings, heard: Sequence[Received], received: Sequence[CaseHandedOver], ends: Places) -> Log:
    said = [m.envelope for m in usable(read_since(settings, [CASE_CHANGED], ends)) if m.envelope]
    handed = [m.event for m in usable(read_since(settings, [HAND_OVER], ends))]
    return Log(
        changes=said,
        handed=frozenset((each.report_id, each.version) for each in handed if isinstance(each, CaseHandedOver)),
        received=received,
        causes={m.envelope.traceparent: m.envelope for m in heard if m.envelope and m.envelope.traceparent},
    )


def _note_reports(connection: Connection, heard: Sequence[Received]) -> None:
    """What was submitted and routed, without opening anything: under which number that was done, the log says."""
    parts = [m.event for m in heard if isinstance(m.event, ReportSubmission | Routing)]
    known = lock_reports(connection, [part.report_id for part in parts])
    after = dict(known)
    for part in parts:
        after[part.report_id] = reports.apply(after[part.report_id], part)
    update_reports(connection, [after[report_id] for report_id in after if after[report_id] != known[report_id]])


def _note_supports(connection: Connection, heard: Sequence[Received], applied: Sequence[Transition]) -> None:
    """Have the supports that were counted not count again: those the changes name, else the first of a report.

    A support that waited for its case was counted without a trace of what it followed from.
    """
    supports = {
        m.envelope.id: recorded_follow_up(m.event, m.envelope.id)
        for m in heard
        if m.envelope and isinstance(m.event, FollowUp) and isinstance(m.event, ReportSupported)
    }
    counted: dict[UUID, RecordedFollowUp] = {}
    unnamed: list[UUID] = []
    for change in applied:
        if isinstance(change.event, CaseSupported) and change.absorbed is None:
            if change.cause and change.cause.id in supports:
                counted[change.cause.id] = supports[change.cause.id]
            else:
                unnamed.append(change.event.report_id)
    for report_id in unnamed:
        first = next((s for s in supports.values() if s.report_id == report_id and s.cause not in counted), None)
        if first:
            counted[first.cause] = first
    upsert_follow_ups(connection, [replace(said, applied=True) for said in counted.values()])
