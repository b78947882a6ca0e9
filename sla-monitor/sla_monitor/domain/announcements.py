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
    ESCALATED_TO,
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

from sla_monitor.domain.clocks import ClockRun, silenced
from sla_monitor.domain.reports import Report
from sla_monitor.domain.watermark import Watermark


@dataclass(frozen=True, slots=True)
class Announcement:
    """An event to publish, with its id and the time of the step it announces."""

    id: UUID
    at: datetime
    event: ClockEvent


def emit(report: Report, policy: Policy) -> tuple[Report, list[Announcement]]:
    """Announce what is certain of a report's clocks from its events alone, and set when the next step of each fires.

    While the case has a gap nothing is to fire: the missing change may have stopped the clock. Nor is anything said of
    what is another instance's.
    """
    if report.elsewhere:
        started = {key: silenced(run, run.started_at) for key, run in report.runs.items() if run.started_at}
        return replace(report, runs={**report.runs, **started}), []
    announcements: list[Announcement] = []
    runs = {}
    for key, run in report.runs.items():
        fired, announced = fire(run, report.owner, policy)
        runs[key] = replace(fired, next_at=None) if report.parked else fired
        announcements += announced
    return replace(report, runs=runs), announcements


def fire(
    run: ClockRun, owner: Owner, policy: Policy, watermark: Watermark | None = None
) -> tuple[ClockRun, list[Announcement]]:
    """Announce, in order, every step not fired yet whose time has come, and set when the next one fires.

    A step earlier than the stop is certain because the clock ran then, one the watermark confirms because everything
    that could have stopped the clock before has been read; one the watermark has reached alone is unconfirmed.
    """
    unfired = [(step, at) for step, at in _steps(run, owner.garrison, policy) if step not in run.fired_steps]
    due = [(step, at) for step, at in unfired if _certain(run, step) or (watermark and at <= watermark.at)]
    next_at = min((at for step, at in unfired if (step, at) not in due), default=None)
    fired = replace(run, fired_steps={**run.fired_steps, **dict(due)}, next_at=next_at)
    return fired, [
        Announcement(
            step_id(run.report_id, run.clock, run.cycle, step),
            at,
            _event(
                run, owner, step, confirmed=_certain(run, step) or (watermark is not None and watermark.confirms(at))
            ),
        )
        for step, at in due
    ]


def _certain(run: ClockRun, step: Step) -> bool:
    return run.stopped_at is not None or step is Step.STARTED


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


def _event(run: ClockRun, owner: Owner, step: Step, *, confirmed: bool) -> ClockEvent:
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
            return DeadlineMissed(**fields, unconfirmed=not confirmed)
        case Step.GARRISON | Step.HEADQUARTERS:
            return DeadlineEscalated(**fields, to=ESCALATED_TO[step], unconfirmed=not confirmed)
        case Step.STOPPED:
            fields |= {"stopped_at": run.stopped_at, "outcome": run.outcome}
            return ClockStopped(
                **fields,
                withdraws_miss=Step.MISSED in run.refuted_steps,
                withdraws_escalations=tuple(to for step, to in ESCALATED_TO.items() if step in run.refuted_steps),
            )
