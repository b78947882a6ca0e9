"""The clocks as they must be: reckoned from the submission and the case's changes alone, as the citizen was promised.

Written anew on purpose: what judges the SLA monitor may not be the SLA monitor.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

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
from contracts.events.clocks import Clock, DeadlineApproaching, DeadlineEscalated, DeadlineMissed, Step
from contracts.policy.terms import Policy
from contracts.statuses import Status

from faults.judging.facts import ClockKey

_STATUS = {
    Clock.TAKE_UP: Status.NEW,
    Clock.VERIFICATION: Status.VERIFICATION,
    Clock.ACKNOWLEDGEMENT: Status.REFERRED,
    Clock.REVIEW: Status.CONFIRMED,
}


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a clock, and the version of the case that stopped it."""

    clock: Clock
    cycle: int
    started_at: datetime
    due_at: datetime
    stopped_at: datetime | None = None
    stopped_by: int | None = None

    @property
    def met(self) -> bool:
        return self.stopped_at is not None and self.stopped_at <= self.due_at

    def steps(self, policy: Policy) -> list[tuple[Step, datetime]]:
        """The steps that come unless the clock stops before, each with its time."""
        return policy.steps(self.clock, "", self.due_at)

    def happened(self, policy: Policy, until: datetime) -> set[Step]:
        """The steps that must have been said by now."""
        end = min(until, self.stopped_at or until)
        return {step for step, at in self.steps(policy) if at < end}


def runs(
    report_id: UUID, submitted_at: datetime, category: str, changes: Sequence[CaseChange], policy: Policy
) -> dict[ClockKey, Run]:
    """Every run of every clock of a report. `changes` are in the order of their versions."""
    found: dict[ClockKey, Run] = {}

    def start(clock: Clock, cycle: int, at: datetime, of_category: str) -> None:
        due_at = policy.terms_at(at).due_at(clock, of_category, at)
        found.setdefault((report_id, str(clock), cycle), Run(clock, cycle, at, due_at))

    start(Clock.TAKE_UP, 1, submitted_at, category)
    for change in changes:
        for key, run in found.items():
            if run.stopped_at is None and _stops(run.clock, change):
                found[key] = replace(run, stopped_at=change.changed_at, stopped_by=change.version)
        match change:
            case CaseTakenUp() | CaseReopened():
                start(Clock.VERIFICATION, change.round, change.changed_at, change.category)
            case CaseReferred():
                start(Clock.ACKNOWLEDGEMENT, change.referral, change.changed_at, change.category)
            case CaseConfirmed() | CaseReturned():
                start(Clock.REVIEW, change.version, change.changed_at, change.category)
    return found


def step_of(event: object) -> Step | None:
    """Which step of a clock's way to its misses an event says; None for starts and stops."""
    match event:
        case DeadlineApproaching():
            return Step.APPROACHING
        case DeadlineMissed():
            return Step.MISSED
        case DeadlineEscalated():
            return Step.GARRISON if event.to == "garrison" else Step.HEADQUARTERS
        case _:
            return None


def _stops(clock: Clock, change: CaseChange) -> bool:
    acknowledged = clock is Clock.ACKNOWLEDGEMENT and isinstance(change, CaseAcknowledged)
    return acknowledged or isinstance(change, CasesMerged) or change.status is not _STATUS[clock]
