"""casework's store, from the backup to what casework had said by the end: its own topics have every change of a case.

Only what officers wrote, and who they are, is on no topic: the history has these changes without them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import msgspec
from casework.domain import reports
from casework.domain.case import Case, apply
from casework.domain.records import Transition
from casework.domain.reports import RecordedFollowUp, Submission, new_case, recorded_follow_up
from casework.store.cases import insert_cases, lock_cases_and_survivors, update_cases
from casework.store.follow_ups import upsert_follow_ups
from casework.store.reports import lock_reports, update_reports
from chassis.kafka.messages import Received
from chassis.postgres import Connection
from chassis.settings import Settings
from contracts.base import HEADQUARTERS
from contracts.envelope import Envelope
from contracts.events.cases import CaseChange, CaseOpened, CasesMerged, CaseSupported, CheckRecorded
from contracts.events.duty.rosters import RosterChanged
from contracts.events.duty.surges import SurgeAcknowledged, SurgeEscalated, SurgeEvent
from contracts.events.reports import FollowUp, ReportSubmission, ReportSupported
from contracts.events.routing import Routing
from contracts.policy.surges import SurgePolicy, SurgeTerms
from contracts.policy.terms import Policy
from contracts.topics import CASE_CHANGED, CASEWORK, CONTENT, ROSTER, SURGE
from deploy.stack.process import StackError

from operations.backups.folder import Places
from operations.backups.gap import ABOUT_RUNNING, delete_said, read_since, usable
from operations.consumption.groups import topics_read

NOBODY = UUID(int=0)
NOT_KNOWN = "not known: between backup and loss"
"""Stands for the officer of a check that the log alone tells of."""


@dataclass(frozen=True, slots=True)
class Policies:
    """What casework decides by: terms, and what is a surge."""

    terms: Policy
    surges: SurgePolicy


def catch_up(connection: Connection, settings: Settings, policies: Policies, read: Places, ends: Places) -> str:
    """Bring the store to what casework had said, saying nothing; gives how much, in words. Raises StackError."""
    heard_on = [topic for topic in topics_read(settings, CASEWORK) if topic not in (CONTENT, *ABOUT_RUNNING)]
    heard = [m for m in usable(read_since(settings, heard_on, read)) if m.envelope]
    said = [m.envelope for m in usable(read_since(settings, [CASE_CHANGED], ends)) if m.envelope]
    _note_reports(connection, heard)
    causes = {m.envelope.traceparent: m.envelope for m in heard if m.envelope and m.envelope.traceparent}
    applied = _apply_changes(connection, said, causes, policies.terms)
    _note_supports(connection, heard, applied)
    _note_duty(connection, usable(read_since(settings, [ROSTER, SURGE], ends)), policies.surges)
    # Who looked for surges then has looked at these reports.
    opened = [change.event.report_id for change in applied if isinstance(change.event, CaseOpened)]
    connection.execute("update recent_report set judged = true where report_id = any(%b::uuid[])", (opened,))
    delete_said(connection, settings, CASEWORK, ends)
    return f"{len(applied)} changes of cases, {len(opened)} of them new cases, were taken from {CASE_CHANGED.name}"


def _note_reports(connection: Connection, heard: Sequence[Received]) -> None:
    """What was submitted and routed, without opening anything: under which number that was done, the log says."""
    parts = [m.event for m in heard if isinstance(m.event, ReportSubmission | Routing)]
    known = lock_reports(connection, [part.report_id for part in parts])
    after = dict(known)
    for part in parts:
        after[part.report_id] = reports.apply(after[part.report_id], part)
    update_reports(connection, [after[report_id] for report_id in after if after[report_id] != known[report_id]])


def _apply_changes(
    connection: Connection, said: Sequence[Envelope], causes: Mapping[str, Envelope], terms: Policy
) -> list[Transition]:
    """Apply the changes that the store lacks, each to the version before it, in whichever order they were written."""
    waiting = [envelope.data for envelope in said if isinstance(envelope.data, CaseChange)]  # nothing else is there
    traces = {(e.data.report_id, e.data.version): e.traceparent for e in said if isinstance(e.data, CaseChange)}
    mergers = {event.report_id: event.actor for event in waiting if isinstance(event, CasesMerged)}
    cases = lock_cases_and_survivors(connection, [event.report_id for event in waiting])
    applied: list[Transition] = []
    while waiting:
        later: list[CaseChange] = []
        before = len(applied)
        for event in waiting:
            case = cases.get(event.report_id)
            version = case.version if case else 0
            if event.version > version + 1:
                later.append(event)
            elif event.version == version + 1:
                change = _transition(connection, case, event, terms)
                cause = causes.get(traces[event.report_id, event.version] or "")
                change = replace(change, cause=cause, role=mergers.get(change.absorbed or NOBODY))
                (update_cases if case else insert_cases)(connection, [change])
                cases[event.report_id] = change.after
                applied.append(change)
        if len(applied) == before and later:
            raise StackError(
                f"{later[0].report_id}: version {later[0].version} is on {CASE_CHANGED.name}, and the one before is"
                " neither there nor in the backup"
            )
        waiting = later
    return applied


def _transition(connection: Connection, case: Case | None, event: CaseChange, terms: Policy) -> Transition:
    if case is None:
        case = _opened(connection, event, terms)
    absorbed = event.absorbed if isinstance(event, CaseSupported) else None
    officer = NOT_KNOWN if isinstance(event, CheckRecorded) else None
    return Transition(event=event, after=apply(case, event), absorbed=absorbed, officer=officer)


def _opened(connection: Connection, event: CaseChange, terms: Policy) -> Case:
    """The case as it was opened, with what the report says beyond the event; its number is taken."""
    known = lock_reports(connection, [event.report_id])[event.report_id].submission
    submission = known or Submission(
        category=event.category,
        longitude=event.longitude,
        latitude=event.latitude,
        submitted_at=event.submitted_at,
    )
    connection.execute("insert into claimed_number values (%s) on conflict do nothing", (event.case_number,))
    return new_case(event.report_id, submission, event.owner, event.case_number, event.changed_at, terms)


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


def _note_duty(connection: Connection, said: Iterable[Received], policy: SurgePolicy) -> None:
    """How far rosters were counted, so that the next change is newer; which alarms there are, and who has them."""
    for message in said:
        match message.event:
            case RosterChanged() as roster:
                connection.execute(
                    "insert into duty_desk (garrison, unit, version) values (%s, %s, %s) on conflict (garrison, unit)"
                    " do update set version = greatest(duty_desk.version, excluded.version)",
                    (roster.garrison, roster.unit, roster.version),
                )
            case SurgeEvent() as surge:
                _note_surge(connection, surge, policy.terms_at(surge.raised_at))


def _note_surge(connection: Connection, surge: SurgeEvent, terms: SurgeTerms) -> None:
    """An alarm as it was left: it goes up when it would have, unless somebody acknowledged it."""
    fields = {name: getattr(surge, name) for name in surge.__struct_fields__}
    connection.execute(
        "insert into surge (surge_id, garrison, unit, unit_name, longitude, latitude, reports, first_at, last_at,"
        " raised_at, told, escalate_at, acknowledged_at, acknowledged_role) values (%(surge_id)s, %(garrison)s,"
        " %(unit)s, %(unit_name)s, %(longitude)s, %(latitude)s, %(reports)s, %(first_at)s, %(last_at)s, %(raised_at)s,"
        " %(told)s, %(escalate_at)s, %(acknowledged_at)s, %(actor)s)"
        " on conflict (surge_id) do update set reports = excluded.reports,"
        " told = case when excluded.acknowledged_at is null then excluded.told else surge.told end,"
        " escalate_at = excluded.escalate_at, acknowledged_at = excluded.acknowledged_at,"
        " acknowledged_role = excluded.acknowledged_role",
        {"acknowledged_at": None, "actor": None, **msgspec.structs.asdict(surge.owner), **fields}
        | _how_far(surge, terms),
    )


def _how_far(surge: SurgeEvent, terms: SurgeTerms) -> dict[str, Any]:
    """Who was told last, and when the next is (casework.domain.duty.surges)."""
    top = HEADQUARTERS.unit in (surge.owner.unit, surge.owner.garrison)
    match surge:
        case SurgeEscalated(to="garrison"):
            return {"told": "garrison", "escalate_at": surge.raised_at + terms.headquarters.plain}
        case SurgeEscalated():
            return {"told": "headquarters", "escalate_at": None}
        case SurgeAcknowledged():
            return {"told": "unit", "escalate_at": None}
        case _ if top:
            return {"told": "headquarters", "escalate_at": None}
        case _:
            return {"told": "unit", "escalate_at": surge.raised_at + terms.garrison.plain}
