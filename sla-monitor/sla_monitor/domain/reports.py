"""What events make of a report and its clocks.

Changes of a case take effect in the order of their versions, so the clocks depend on what happened and when, never on
when or in which order it was read.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from contracts.base import HEADQUARTERS, Owner, ReportEvent
from contracts.envelope import Unusable
from contracts.events.cases import (
    CaseAcknowledged,
    CaseChange,
    CaseConfirmed,
    CaseReferred,
    CaseReopened,
    CaseReturned,
    CasesMerged,
    CaseSupported,
    CaseTakenUp,
)
from contracts.events.clocks import Clock
from contracts.events.reports import ReportSubmission
from contracts.events.routing import Routing
from contracts.policy.regions import NATION, Region
from contracts.policy.terms import Policy, Terms
from contracts.statuses import Status

from sla_monitor.domain.clocks import RUNS_IN, ClockRun, silenced
from sla_monitor.domain.regions import comes_in, is_own


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that is kept of a report. `runs`: its clocks by kind and cycle.

    `version` of its case and `place_version` of its routing are the newest that took effect; the case wins over
    routing. `parked`: changes of its case, by version, that wait for an earlier one. `elsewhere`: another instance
    answers for it (docs/decisions/0100).
    """

    report_id: UUID
    version: int = 0
    place_version: int = -1
    owner: Owner = HEADQUARTERS
    elsewhere: bool = False
    runs: Mapping[tuple[Clock, int], ClockRun] = field(default_factory=dict)
    parked: Mapping[int, CaseChange] = field(default_factory=dict)


def apply(report: Report, event: ReportEvent, policy: Policy, region: Region = NATION) -> Report:
    """The report after an event; the same object when the event says nothing new.

    Raises Unusable when no terms are in force for a clock that starts.
    """
    match event:
        case ReportSubmission():
            return _start(report, Clock.TAKE_UP, 1, event.submitted_at, event.category, policy)
        case Routing() if event.place_version > report.place_version:
            return _routed(report, event, policy, region)
        case CaseChange() if event.version > report.version and event.version not in report.parked:
            if comes_in(region, event):
                report = _taken_over(report, event)
            return _apply_in_turn(replace(report, parked={**report.parked, event.version: event}), policy, region)
        case _:
            return report


def _routed(report: Report, event: Routing, policy: Policy, region: Region) -> Report:
    if report.version == 0:
        report = replace(report, owner=event.owner, elsewhere=not is_own(region, event))
    if not region.is_national and event.place_version == 0:  # which does not read what was submitted
        report = _start(report, Clock.TAKE_UP, 1, event.submitted_at, event.category, policy)
    return replace(report, place_version=event.place_version)


def _taken_over(report: Report, event: CaseChange) -> Report:
    """The report up to the change by which it comes here: of what came of its clocks meanwhile others have told."""
    take_up = {(Clock.TAKE_UP, 1): ClockRun(report_id=report.report_id, clock=Clock.TAKE_UP, cycle=1)}
    runs = {key: silenced(run, event.changed_at) for key, run in {**take_up, **report.runs}.items()}
    parked = {version: change for version, change in report.parked.items() if version > event.version}
    return replace(report, version=event.version - 1, runs=runs, parked=parked)


def _apply_in_turn(report: Report, policy: Policy, region: Region) -> Report:
    """Let the parked changes whose turn it is take effect."""
    while change := report.parked.get(report.version + 1):
        parked = {version: other for version, other in report.parked.items() if version != change.version}
        elsewhere = not is_own(region, change)
        report = replace(report, version=change.version, owner=change.owner, elsewhere=elsewhere, parked=parked)
        report = _apply_change(report, change, policy)
        if comes_in(region, change):
            report = _owed_here(report, change, policy)
    return report


def _owed_here(report: Report, change: CaseChange, policy: Policy) -> Report:
    """With the clock that a case that comes in owes, as it was running where it was; no clock restarts."""
    since = change.running_since
    match change.status:
        case Status.NEW:
            clock, cycle, at = Clock.TAKE_UP, 1, change.submitted_at
        case Status.VERIFICATION if since is not None:
            clock, cycle, at = Clock.VERIFICATION, change.round, since
        case Status.CONFIRMED:  # a reminder, which the hand-over begins anew
            clock, cycle, at = Clock.REVIEW, change.version, change.changed_at
        case _:
            return report
    runs = {key: run for key, run in report.runs.items() if key != (clock, cycle)}
    return _start(replace(report, runs=runs), clock, cycle, at, change.category, policy)


def _apply_change(report: Report, change: CaseChange, policy: Policy) -> Report:
    merged = isinstance(change, CasesMerged)
    stopped = {clock for clock, status in RUNS_IN.items() if merged or change.status is not status}
    if isinstance(change, CaseAcknowledged):
        stopped.add(Clock.ACKNOWLEDGEMENT)
    report = _stop(report, stopped, change.changed_at, merged=merged)
    match change:
        case CaseTakenUp() | CaseReopened():
            started = (Clock.VERIFICATION, change.round)
        case CaseReferred():
            started = (Clock.ACKNOWLEDGEMENT, change.referral)
        case CaseConfirmed() | CaseReturned():
            started = (Clock.REVIEW, change.version)
        case CaseSupported():
            return _tighten(report, change, policy)
        case _:
            return report
    days = change.acknowledge_days if isinstance(change, CaseReferred) else None
    return _start(report, *started, change.changed_at, change.category, policy, days)


def _tighten(report: Report, change: CaseChange, policy: Policy) -> Report:
    """Where a case ended in this one that was owed since earlier, so is this one from now on."""
    clock = next((clock for clock in (Clock.TAKE_UP, Clock.VERIFICATION) if RUNS_IN[clock] is change.status), None)
    if clock is None or change.running_since is None:
        return report
    key = (clock, 1 if clock is Clock.TAKE_UP else change.round)
    if clock is Clock.TAKE_UP:  # its start is on another topic, but every change repeats it
        report = _start(report, *key, change.submitted_at, change.category, policy)
    run = report.runs.get(key)
    if run is None or run.due_at is None or run.started_at is None or change.running_since >= run.started_at:
        return report
    due_at = _terms_at(policy, change.running_since).due_at(clock, change.category, change.running_since)
    return replace(report, runs={**report.runs, key: replace(run, due_at=min(run.due_at, due_at))})


def _start(
    report: Report, clock: Clock, cycle: int, at: datetime, category: str, policy: Policy, days: int | None = None
) -> Report:
    run = report.runs.get((clock, cycle)) or ClockRun(report_id=report.report_id, clock=clock, cycle=cycle)
    if run.started_at is not None:
        return report
    terms = _terms_at(policy, at)
    run = replace(run, started_at=at, due_at=terms.due_at(clock, category, at, days), terms=terms.version)
    return replace(report, runs={**report.runs, (clock, cycle): run})


def _terms_at(policy: Policy, at: datetime) -> Terms:
    try:
        return policy.terms_at(at)
    except LookupError as no_terms:
        raise Unusable("terms", str(no_terms)) from no_terms


def _stop(report: Report, clocks: set[Clock], at: datetime, *, merged: bool) -> Report:
    """Stop what runs. Take-up may stop before its start is read, which is on another topic."""
    runs = dict(report.runs)
    if Clock.TAKE_UP in clocks:
        runs.setdefault((Clock.TAKE_UP, 1), ClockRun(report_id=report.report_id, clock=Clock.TAKE_UP, cycle=1))
    for key, run in runs.items():
        if run.clock in clocks and run.stopped_at is None:
            runs[key] = replace(run, stopped_at=at, merged=merged)
    return replace(report, runs=runs)
