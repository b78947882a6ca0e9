"""Which steps of a clock are announced, and when: each once, in the order of their times.

Steps happen at their own times, so what is announced never depends on when or in which order events were read.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.base import Owner
from contracts.events.clocks import (
    ClockEvent,
    ClockStarted,
    ClockStopped,
    DeadlineApproaching,
    DeadlineEscalated,
    DeadlineMissed,
    Step,
    step_id,
)
from contracts.policy.terms import Policy

from sla_monitor.domain.clocks import ClockRun
from sla_monitor.domain.reports import Report


@dataclass(frozen=True, slots=True)
class Announcement:
    """An event to publish, with its id and the time of the step it announces."""

    id: UUID
    at: datetime
    event: ClockEvent


def emit(report: Report, policy: Policy) -> tuple[Report, list[Announcement]]:
    """Announce what is certain of a report's clocks from its events alone, and set when the next step of each fires.

    While the case has a gap nothing is to fire: the missing change may have stopped the clock.
    """
    announcements: list[Announcement] = []
    runs = {}
    for key, run in report.runs.items():
        fired, announced = fire(run, report.owner, policy)
        runs[key] = replace(fired, next_at=None) if report.parked else fired
        announcements += announced
    return replace(report, runs=runs), announcements


def fire(
    run: ClockRun, owner: Owner, policy: Policy, watermark: datetime | None = None
) -> tuple[ClockRun, list[Announcement]]:
    """Announce, in order, every step not fired yet that nothing can refute, and set when the next one fires.

    A step earlier than the stop is certain because the clock ran then; one not later than the watermark because
    everything that could have stopped the clock before has been read.
    """
    unfired = [(step, at) for step, at in _steps(run, owner.garrison, policy) if step not in run.fired_steps]
    certain = [(step, at) for step, at in unfired if _certain(run, step, at, watermark)]
    next_at = min((at for step, at in unfired if (step, at) not in certain), default=None)
    fired = replace(run, fired_steps=run.fired_steps.union(step for step, _ in certain), next_at=next_at)
    return fired, [_announcement(run, owner, step, at) for step, at in certain]


def _certain(run: ClockRun, step: Step, at: datetime, watermark: datetime | None) -> bool:
    return run.stopped_at is not None or step is Step.STARTED or (watermark is not None and at <= watermark)


def _steps(run: ClockRun, garrison: str, policy: Policy) -> Iterator[tuple[Step, datetime]]:
    """Every step the clock has come or will come by, as far as is known, in the order of their times."""
    if run.started_at is None or run.due_at is None:
        return
    yield Step.STARTED, run.started_at
    for step, at in sorted(policy.steps(run.clock, garrison, run.due_at), key=lambda pair: pair[1]):
        if run.stopped_at is None or at < run.stopped_at:
            yield step, at
    if run.stopped_at is not None:
        yield Step.STOPPED, run.stopped_at


def _announcement(run: ClockRun, owner: Owner, step: Step, at: datetime) -> Announcement:
    return Announcement(step_id(run.report_id, run.clock, run.cycle, step), at, _event(run, owner, step))


def _event(run: ClockRun, owner: Owner, step: Step) -> ClockEvent:
    fields: dict[str, Any] = {
        "report_id": run.report_id,
        "clock": run.clock,
        "cycle": run.cycle,
        "owner": owner,
        "started_at": run.started_at,
        "due_at": run.due_at,
        "terms": run.terms,
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
            fields |= {"stopped_at": run.stopped_at, "outcome": run.outcome}
            return ClockStopped(**fields, withdraws_miss=run.outcome == "met" and Step.MISSED in run.fired_steps)
