"""A clock of a report as far as its events say."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from contracts.clocks import Clock, ClockEvent, ClockStopped

ClockKey = tuple[UUID, Clock, int]


@dataclass(frozen=True, slots=True)
class ClockState:
    """A clock runs from its earliest start; the earliest stop counts, and its outcome."""

    report_id: UUID
    clock: Clock
    cycle: int
    started_at: datetime
    due_at: datetime
    stopped_at: datetime | None = None
    outcome: Literal["met", "missed"] | None = None

    @property
    def key(self) -> ClockKey:
        return self.report_id, self.clock, self.cycle


def clock_after(state: ClockState | None, event: ClockEvent) -> ClockState:
    """The clock after an event about it, the same in whatever order and however often the events come."""
    if state is None:
        state = ClockState(event.report_id, event.clock, event.cycle, event.started_at, event.due_at)
    state = replace(state, started_at=min(state.started_at, event.started_at), due_at=min(state.due_at, event.due_at))
    if not isinstance(event, ClockStopped):
        return state
    stop = event.stopped_at, event.outcome
    if state.stopped_at is not None and (state.stopped_at, state.outcome or "") <= stop:
        return state
    return replace(state, stopped_at=event.stopped_at, outcome=event.outcome)
