"""What the SLA monitor says: a clock runs, a deadline nears, is missed, is escalated; a clock stopped.

And how readers put a clock together again from its events: `ClockState`, `merged`, `merge_clocks`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Literal, get_args
from uuid import UUID, uuid5

from contracts.base import Code, DueInstant, Instant, Owner, ReportEvent, Version

NAMESPACE = UUID("5d0c3d3a-6a5e-5b53-9d53-6a3f2f0a7c11")


Outcome = Literal["met", "missed", "merged"]
"""How a clock ended. `merged`: its case ended in another one before it was due, which owes what it owed."""
_OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
Escalation = Literal["garrison", "headquarters"]


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


_UPWARDS: tuple[Escalation, ...] = get_args(Escalation)
ESCALATED_TO: dict[Step, Escalation] = {Step.GARRISON: "garrison", Step.HEADQUARTERS: "headquarters"}
"""Where the miss goes with each step that is an escalation."""


class ClockEvent(ReportEvent, frozen=True, kw_only=True):
    """A fact about one clock: (report, clock, cycle). `owner` is who answers for the report at that moment."""

    clock: Clock
    cycle: Version
    owner: Owner
    started_at: Instant
    due_at: DueInstant
    terms: Code


class ClockStarted(ClockEvent, frozen=True, kw_only=True):
    """The clock runs since `started_at`."""


class DeadlineApproaching(ClockEvent, frozen=True, kw_only=True):
    """A warning before `due_at`."""


class DeadlineMissed(ClockEvent, frozen=True, kw_only=True):
    """`due_at` passed and the clock still runs: the unit is told.

    `unconfirmed`: casework has not said for too long how far its changes are on the log (decision 0043).
    """

    unconfirmed: bool = False


class DeadlineEscalated(ClockEvent, frozen=True, kw_only=True):
    """The miss goes one step up the chain of command. `unconfirmed` as for the miss."""

    to: Escalation
    unconfirmed: bool = False


class ClockStopped(ClockEvent, frozen=True, kw_only=True):
    """The clock stopped at `stopped_at`; that instant alone decides whether it was missed.

    Else it was met, or its case ended in another one (`merged`), which says nothing of punctuality. It takes back what
    was said too early: the miss where there was none, and the escalations that were not due by then.
    """

    stopped_at: Instant
    outcome: Outcome
    withdraws_miss: bool = False
    withdraws_escalations: tuple[Escalation, ...] = ()


EVENTS = (ClockStarted, DeadlineApproaching, DeadlineMissed, DeadlineEscalated, ClockStopped)


def step_id(report_id: UUID, clock: Clock, cycle: int, step: Step) -> UUID:
    """The event id of a step, the same however often the step is computed."""
    return uuid5(NAMESPACE, f"{report_id}/{clock}/{cycle}/{step}")


ClockKey = tuple[UUID, Clock, int]
"""Report, kind of clock, cycle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockState:
    """One clock as far as its events say.

    `missed`: its deadline was once said to have passed. Whether that counts is the `outcome`, which belongs to the
    stop: any but "missed" withdraws a miss that was said too early. `withdrawn_from`: the lowest level whose escalation
    the stop took back, and with it those above.
    """

    report_id: UUID
    clock: Clock
    cycle: int
    started_at: datetime
    due_at: datetime
    warned: bool = False
    missed: bool = False
    escalated_to: Escalation | None = None
    stopped_at: datetime | None = None
    outcome: Outcome | None = None
    withdrawn_from: Escalation | None = None

    @classmethod
    def of(cls, event: ClockEvent) -> "ClockState":
        """What one event says of its clock."""
        state = cls(
            report_id=event.report_id,
            clock=event.clock,
            cycle=event.cycle,
            started_at=event.started_at,
            due_at=event.due_at,
        )
        match event:
            case DeadlineApproaching():
                return replace(state, warned=True)
            case DeadlineMissed():
                return replace(state, missed=True)
            case DeadlineEscalated():
                return replace(state, escalated_to=event.to)
            case ClockStopped():
                lowest = min(event.withdraws_escalations, key=_UPWARDS.index, default=None)
                return replace(state, stopped_at=event.stopped_at, outcome=event.outcome, withdrawn_from=lowest)
            case _:
                return state

    @property
    def key(self) -> ClockKey:
        return self.report_id, self.clock, self.cycle

    @property
    def stands_missed(self) -> bool:
        """Whether it was said to be missed, and that was not taken back."""
        return self.missed and self.outcome in (None, "missed")

    @property
    def stands_escalated_to(self) -> Escalation | None:
        """The highest level it was escalated to, as far as that was not taken back."""
        withdrawn = _UPWARDS[_UPWARDS.index(self.withdrawn_from) :] if self.withdrawn_from else ()
        said = _UPWARDS[: _UPWARDS.index(self.escalated_to) + 1] if self.escalated_to else ()
        return max((level for level in said if level not in withdrawn), key=_UPWARDS.index, default=None)


def merged(one: ClockState, other: ClockState) -> ClockState:
    """What two states of one clock say together, the same in whatever order and however often events are merged.

    It runs from its earliest start to its earliest deadline, and its earliest stop counts with the outcome that stop
    has; of two at one instant the one that met it, then the one that missed it. Raises ValueError for states of
    different clocks.
    """
    if one.key != other.key:
        raise ValueError(f"{one.key} and {other.key} are different clocks")
    escalated = [level for level in (one.escalated_to, other.escalated_to) if level]
    withdrawn = [level for level in (one.withdrawn_from, other.withdrawn_from) if level]
    stopped_at, outcome = min((one.stopped_at, one.outcome), (other.stopped_at, other.outcome), key=_stop_order)
    return replace(
        one,
        started_at=min(one.started_at, other.started_at),
        due_at=min(one.due_at, other.due_at),
        warned=one.warned or other.warned,
        missed=one.missed or other.missed,
        escalated_to=max(escalated, key=_UPWARDS.index, default=None),
        stopped_at=stopped_at,
        outcome=outcome,
        withdrawn_from=min(withdrawn, key=_UPWARDS.index, default=None),
    )


def merge_clocks(known: Iterable[ClockState], events: Iterable[ClockEvent]) -> list[ClockState]:
    """The clocks that events start or change, as they are then; `known` holds each clock of theirs there is already.

    For a store: lock the rows of the events' keys, merge, upsert what this returns.
    """
    before = {state.key: state for state in known}
    after: dict[ClockKey, ClockState] = {}
    for state in map(ClockState.of, events):
        previous = after.get(state.key) or before.get(state.key)
        after[state.key] = merged(previous, state) if previous else state
    return [state for key, state in after.items() if state != before.get(key)]


def _stop_order(stop: tuple[datetime | None, Outcome | None]) -> tuple[bool, datetime | None, int]:
    stopped_at, outcome = stop
    return stopped_at is None, stopped_at, _OUTCOMES.index(outcome) if outcome else len(_OUTCOMES)
