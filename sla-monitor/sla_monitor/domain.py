"""The rule of the clocks: what was heard of a report makes its clocks, and they make what is said of them.

Changes of a case take effect in the order of their versions, and steps at their own times. So what is said depends on
what happened and when, never on when or in which order it was heard.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from contracts.base import HEADQUARTERS, Owner, ReportEvent
from contracts.events.cases import (
    CaseAcknowledged,
    CaseChange,
    CaseConfirmed,
    CaseReferred,
    CaseReopened,
    CaseReturned,
    CasesMerged,
    CaseTakenUp,
)
from contracts.events.clocks import (
    Clock,
    ClockEvent,
    ClockStarted,
    ClockStopped,
    DeadlineApproaching,
    DeadlineEscalated,
    DeadlineMissed,
    Step,
    step_id,
)
from contracts.events.reports import ReportSubmitted
from contracts.events.routing import ReportRouted, Routing
from contracts.policy.terms import Policy
from contracts.statuses import Status

# A clock runs while the case stands in this status, and stops with the change that leaves it.
RUNS_IN = {
    Clock.TAKE_UP: Status.NEW,
    Clock.VERIFICATION: Status.VERIFICATION,
    Clock.ACKNOWLEDGEMENT: Status.REFERRED,
    Clock.REVIEW: Status.CONFIRMED,
}
Outcome = Literal["met", "missed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """One run of a clock. `next_at`: when its next step fires if nothing stops it before."""

    report_id: UUID
    clock: Clock
    number: int
    started_at: datetime | None = None
    due_at: datetime | None = None
    terms: str | None = None
    stopped_at: datetime | None = None
    said: frozenset[Step] = frozenset()
    next_at: datetime | None = None

    @property
    def outcome(self) -> Outcome | None:
        """Decided by when it stopped, not by when that was heard. A review reminds; it can't be missed."""
        if self.due_at is None or self.stopped_at is None:
            return None
        return "met" if self.clock is Clock.REVIEW or self.stopped_at <= self.due_at else "missed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that is kept of a report. `parked`: changes of its case, by version, that wait for an earlier one."""

    report_id: UUID
    version: int = 0
    place_version: int = -1
    owner: Owner = HEADQUARTERS
    cycles: Mapping[tuple[Clock, int], Cycle] = field(default_factory=dict)
    parked: Mapping[int, CaseChange] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Saying:
    """An event to publish, with its id and the time it tells of."""

    id: UUID
    at: datetime
    event: ClockEvent


def hear(report: Report, event: ReportEvent, policy: Policy) -> Report:
    """What is known of the report after an event; the same object when that says nothing new.

    Raises LookupError when no terms are in force for a clock that starts.
    """
    match event:
        case ReportSubmitted():
            return _start(report, Clock.TAKE_UP, 1, event.submitted_at, event.category, policy)
        case Routing() if event.place_version > report.place_version:
            found = event.owner if isinstance(event, ReportRouted) else HEADQUARTERS
            owner = report.owner if report.version else found
            return replace(report, place_version=event.place_version, owner=owner)
        case CaseChange() if event.version > report.version and event.version not in report.parked:
            return _catch_up(replace(report, parked={**report.parked, event.version: event}), policy)
        case _:
            return report


def settle(report: Report, policy: Policy) -> tuple[Report, list[Saying]]:
    """Say what is certain from what was heard, and set when the next step of each clock fires.

    While the case has a gap nothing is to fire: the missing change may have stopped the clock.
    """
    sayings: list[Saying] = []
    cycles = {}
    for key, heard in report.cycles.items():
        cycle, said = speak(heard, report.owner, policy)
        cycles[key] = replace(cycle, next_at=None) if report.parked else cycle
        sayings += said
    return replace(report, cycles=cycles), sayings


def speak(cycle: Cycle, owner: Owner, policy: Policy, caught_up: datetime | None = None) -> tuple[Cycle, list[Saying]]:
    """Say, in order, every step not said yet that nothing can refute, and set when the next one fires.

    A step earlier than the stop is certain because the clock ran then; one not later than `caught_up` because
    everything that could have stopped the clock before has been heard.
    """
    unsaid = [(step, at) for step, at in _steps(cycle, owner.garrison, policy) if step not in cycle.said]
    if cycle.stopped_at is not None:
        certain, waiting = unsaid, list[datetime]()
    else:
        certain = [(step, at) for step, at in unsaid if step is Step.STARTED or (caught_up and at <= caught_up)]
        waiting = [at for step, at in unsaid if (step, at) not in certain]
    said = cycle.said.union(step for step, _ in certain)
    sayings = [
        Saying(step_id(cycle.report_id, cycle.clock, cycle.number, step), at, _event(cycle, owner, step))
        for step, at in certain
    ]
    return replace(cycle, said=said, next_at=min(waiting, default=None)), sayings


def _steps(cycle: Cycle, garrison: str, policy: Policy) -> Iterator[tuple[Step, datetime]]:
    """Every step the clock has come or will come by, as far as is known, in the order of their times."""
    if cycle.started_at is None or cycle.due_at is None:
        return
    yield Step.STARTED, cycle.started_at
    for step, at in sorted(policy.steps(cycle.clock, garrison, cycle.due_at), key=lambda pair: pair[1]):
        if cycle.stopped_at is None or at < cycle.stopped_at:
            yield step, at
    if cycle.stopped_at is not None:
        yield Step.STOPPED, cycle.stopped_at


def _event(cycle: Cycle, owner: Owner, step: Step) -> ClockEvent:
    fields: dict[str, Any] = {
        "report_id": cycle.report_id,
        "clock": cycle.clock,
        "cycle": cycle.number,
        "owner": owner,
        "started_at": cycle.started_at,
        "due_at": cycle.due_at,
        "terms": cycle.terms,
    }
    match step:
        case Step.STARTED:
            return ClockStarted(**fields)
        case Step.APPROACHING:
            return DeadlineApproaching(**fields)
        case Step.MISSED:
            return DeadlineMissed(**fields)
        case Step.GARRISON:
            return DeadlineEscalated(**fields, to="garrison")
        case Step.HEADQUARTERS:
            return DeadlineEscalated(**fields, to="headquarters")
        case Step.STOPPED:
            fields |= {"stopped_at": cycle.stopped_at, "outcome": cycle.outcome}
            return ClockStopped(**fields, withdraws_miss=cycle.outcome == "met" and Step.MISSED in cycle.said)


def _catch_up(report: Report, policy: Policy) -> Report:
    """Let the changes whose turn it is take effect."""
    while change := report.parked.get(report.version + 1):
        parked = {version: each for version, each in report.parked.items() if version != change.version}
        report = replace(report, version=change.version, owner=change.owner, parked=parked)
        report = _changed(report, change, policy)
    return report


def _changed(report: Report, change: CaseChange, policy: Policy) -> Report:
    merged = isinstance(change, CasesMerged)
    stopped = {clock for clock, status in RUNS_IN.items() if merged or change.status is not status}
    if isinstance(change, CaseAcknowledged):
        stopped.add(Clock.ACKNOWLEDGEMENT)
    report = _stop(report, stopped, change.changed_at)
    match change:
        case CaseTakenUp() | CaseReopened():
            started = (Clock.VERIFICATION, change.round)
        case CaseReferred():
            started = (Clock.ACKNOWLEDGEMENT, change.referral)
        case CaseConfirmed() | CaseReturned():
            started = (Clock.REVIEW, change.version)
        case _:
            return report
    return _start(report, *started, change.changed_at, change.category, policy)


def _start(report: Report, clock: Clock, number: int, at: datetime, category: str, policy: Policy) -> Report:
    cycle = report.cycles.get((clock, number)) or Cycle(report_id=report.report_id, clock=clock, number=number)
    if cycle.started_at is not None:
        return report
    terms = policy.terms_at(at)
    cycle = replace(cycle, started_at=at, due_at=terms.due_at(clock, category, at), terms=terms.version)
    return replace(report, cycles={**report.cycles, (clock, number): cycle})


def _stop(report: Report, clocks: set[Clock], at: datetime) -> Report:
    """Stop what runs. Take-up may stop before its start is heard of, which is on another topic."""
    cycles = dict(report.cycles)
    if Clock.TAKE_UP in clocks:
        cycles.setdefault((Clock.TAKE_UP, 1), Cycle(report_id=report.report_id, clock=Clock.TAKE_UP, number=1))
    for key, cycle in cycles.items():
        if key[0] in clocks and cycle.stopped_at is None:
            cycles[key] = replace(cycle, stopped_at=at)
    return replace(report, cycles=cycles)
