"""What the SLA monitor says: a clock runs, a deadline nears, is missed, is escalated; a clock stopped.

And how readers put it together again: `ClockState`, `merge_clocks`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID, uuid5

from contracts.base import Code, Instant, Owner, ReportEvent, Version

NAMESPACE = UUID("5d0c3d3a-6a5e-5b53-9d53-6a3f2f0a7c11")


Outcome = Literal["met", "missed"]


class Clock(StrEnum):
    """The kinds of clock a report can have running."""

    TAKE_UP = "take-up"
    VERIFICATION = "verification"
    ACKNOWLEDGEMENT = "acknowledgement"
    REVIEW = "review"


class Step(StrEnum):
    """What can happen on a clock, each at most once per cycle."""

    STARTED = "started"
    APPROACHING = "approaching"
    MISSED = "missed"
    GARRISON = "escalated-to-garrison"
    HEADQUARTERS = "escalated-to-headquarters"
    STOPPED = "stopped"


class ClockEvent(ReportEvent, frozen=True, kw_only=True):
    """A fact about one clock: (report, clock, cycle). `owner` is who answers for the report at that moment."""

    clock: Clock
    cycle: Version
    owner: Owner
    started_at: Instant
    due_at: Instant
    terms: Code


class ClockStarted(ClockEvent, frozen=True, kw_only=True):
    """The clock runs since `started_at`."""


class DeadlineApproaching(ClockEvent, frozen=True, kw_only=True):
    """A warning before `due_at`."""


class DeadlineMissed(ClockEvent, frozen=True, kw_only=True):
    """`due_at` passed and the clock still runs: the unit is told."""


class DeadlineEscalated(ClockEvent, frozen=True, kw_only=True):
    """The miss goes one step up the chain of command."""

    to: Literal["garrison", "headquarters"]


class ClockStopped(ClockEvent, frozen=True, kw_only=True):
    """What the clock waited for happened at `stopped_at`; that instant alone decides between met and missed."""

    stopped_at: Instant
    outcome: Outcome
    withdraws_miss: bool = False


def step_id(report_id: UUID, clock: Clock, cycle: int, step: Step) -> UUID:
    """The event id of a step, the same however often the step is computed."""
    return uuid5(NAMESPACE, f"{report_id}/{clock}/{cycle}/{step}")


ClockKey = tuple[UUID, Clock, int]
"""Report, kind of clock, cycle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockState:
    """One clock as far as its events say. It runs from its earliest start, and its earliest stop counts.

    `missed`: its deadline was said to have passed, whatever was found later; `outcome` is what counts once it stopped.
    """

    report_id: UUID
    clock: Clock
    cycle: int
    started_at: datetime
    due_at: datetime
    warned: bool = False
    missed: bool = False
    escalated_to: Literal["garrison", "headquarters"] | None = None
    stopped_at: datetime | None = None
    outcome: Outcome | None = None

    @property
    def key(self) -> ClockKey:
        """What tells this clock from every other."""
        return self.report_id, self.clock, self.cycle


def merge_clock(state: ClockState | None, event: ClockEvent) -> ClockState:
    """The clock once an event about it is known: the same in whatever order, and however often, its events come."""
    if state is None:
        state = ClockState(
            report_id=event.report_id,
            clock=event.clock,
            cycle=event.cycle,
            started_at=event.started_at,
            due_at=event.due_at,
        )
    state = replace(state, started_at=min(state.started_at, event.started_at), due_at=min(state.due_at, event.due_at))
    match event:
        case DeadlineApproaching():
            return replace(state, warned=True)
        case DeadlineMissed():
            return replace(state, missed=True)
        case DeadlineEscalated():
            return replace(state, escalated_to="headquarters" if state.escalated_to == "headquarters" else event.to)
        case ClockStopped():
            return _stopped(state, event)
        case _:
            return state


def merge_clocks(known: Iterable[ClockState], events: Iterable[ClockEvent]) -> list[ClockState]:
    """The clocks that events start or change, as they are then; `known` holds each clock of theirs there is already."""
    before = {state.key: state for state in known}
    after: dict[ClockKey, ClockState] = {}
    for event in events:
        key = event.report_id, event.clock, event.cycle
        after[key] = merge_clock(after.get(key, before.get(key)), event)
    return [state for key, state in after.items() if state != before.get(key)]


def _stopped(state: ClockState, event: ClockStopped) -> ClockState:
    stop = event.stopped_at, event.outcome
    # Of two outcomes at one instant "met", which withdraws a miss; it is first in the alphabet too.
    if state.stopped_at is not None and state.outcome is not None and (state.stopped_at, state.outcome) <= stop:
        return state
    return replace(state, stopped_at=event.stopped_at, outcome=event.outcome)
