"""Clocks: each run of one, in which status it runs, and how it ended."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from contracts.base import Owner
from contracts.events.clocks import Clock, Outcome, Step
from contracts.statuses import Status

RUNS_IN = {
    Clock.TAKE_UP: Status.NEW,
    Clock.VERIFICATION: Status.VERIFICATION,
    Clock.ACKNOWLEDGEMENT: Status.REFERRED,
    Clock.REVIEW: Status.CONFIRMED,
}
"""A clock runs while the case stands in this status, and stops with the change that leaves it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockRun:
    """One run of a clock, the `cycle`th of its kind. What was not read yet, its start or its stop, is None.

    `terms`: the version of the terms it started under, and keeps. `merged`: it stopped because its case ended in
    another one. `fired_steps` are published, each with its time. `next_at`: when its next step fires if nothing stops
    it before.
    """

    report_id: UUID
    clock: Clock
    cycle: int
    started_at: datetime | None = None
    due_at: datetime | None = None
    terms: str | None = None
    stopped_at: datetime | None = None
    merged: bool = False
    fired_steps: Mapping[Step, datetime] = field(default_factory=dict)
    next_at: datetime | None = None

    @property
    def outcome(self) -> Outcome | None:
        """Decided by when it stopped, not by when that was read. A review reminds; it can't be missed.

        A merger meets nothing: what was owed is owed on, or was done before, in the case that goes on.
        """
        if self.due_at is None or self.stopped_at is None:
            return None
        if self.clock is not Clock.REVIEW and self.stopped_at > self.due_at:
            return "missed"
        return "merged" if self.merged else "met"

    @property
    def refuted_steps(self) -> set[Step]:
        """What was said to happen while the clock still ran, and it had stopped by then."""
        return {step for step, at in self.fired_steps.items() if self.stopped_at and at >= self.stopped_at}


def silenced(run: ClockRun, at: datetime) -> ClockRun:
    """A run that ended where another instance told of it: nothing of it is left to be said here. One that ended
    before stays as it is.
    """
    if run.stopped_at is not None:
        return run
    return replace(run, stopped_at=at, fired_steps={**dict.fromkeys(Step, at), **run.fired_steps}, next_at=None)


@dataclass(frozen=True, slots=True)
class DueClock:
    """A run with a step to fire, who answers for its report, and the time by the database."""

    run: ClockRun
    owner: Owner
    now: datetime
