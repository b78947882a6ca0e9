"""The clocks of the cases as the monitor publishes them, for officers to see what is due."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from uuid import UUID

from chassis.postgres import Connection, columns
from contracts.events.clocks import ClockEvent, ClockStopped, DeadlineApproaching, DeadlineEscalated, DeadlineMissed

Key = tuple[UUID, str, int]
"""Report, kind of clock, cycle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockState:
    """What is known of one clock: the same, in whichever order and how often its steps were read."""

    started_at: datetime
    due_at: datetime
    warned: bool = False
    missed: bool = False
    escalated_to: str | None = None
    stopped_at: datetime | None = None
    outcome: str | None = None


def upsert_clocks(connection: Connection, events: Sequence[ClockEvent]) -> None:
    """Merge steps into the clocks they belong to: in any order, any number of times."""
    first = {_key(event): _state(event) for event in events}
    if not first:
        return
    _insert(connection, first)
    known = _lock(connection, first)
    after = dict(known)
    for event in events:
        after[_key(event)] = _merged(after[_key(event)], event)
    _update(connection, {key: state for key, state in after.items() if state != known[key]})


def _merged(state: ClockState, event: ClockEvent) -> ClockState:
    """The clock once one of its steps has been read."""
    state = replace(state, started_at=min(state.started_at, event.started_at), due_at=min(state.due_at, event.due_at))
    match event:
        case DeadlineApproaching():
            return replace(state, warned=True)
        case DeadlineMissed():
            return replace(state, missed=True)
        case DeadlineEscalated():
            # "headquarters" comes after "garrison" in the alphabet too.
            return replace(state, escalated_to=max(state.escalated_to or "", event.to))
        case ClockStopped():
            stopped_at = min(state.stopped_at or event.stopped_at, event.stopped_at)
            # "met", which withdraws a miss, comes before "missed".
            return replace(state, stopped_at=stopped_at, outcome=min(state.outcome or event.outcome, event.outcome))
        case _:
            return state


def _key(event: ClockEvent) -> Key:
    return event.report_id, str(event.clock), event.cycle


def _state(event: ClockEvent) -> ClockState:
    return ClockState(started_at=event.started_at, due_at=event.due_at)


def _insert(connection: Connection, states: dict[Key, ClockState]) -> None:
    connection.execute(
        "insert into clock (report_id, clock, cycle, started_at, due_at) select * from"
        " unnest(%b::uuid[], %b::text[], %b::integer[], %b::timestamptz[], %b::timestamptz[]) on conflict do nothing",
        columns(sorted((*key, state.started_at, state.due_at) for key, state in states.items())),
    )


def _lock(connection: Connection, keys: dict[Key, ClockState]) -> dict[Key, ClockState]:
    rows = connection.execute(
        "select clock.* from clock join unnest(%b::uuid[], %b::text[], %b::integer[]) as read (report_id, clock, cycle)"
        " using (report_id, clock, cycle) order by report_id, clock, cycle for update of clock",
        columns(sorted(keys)),
    ).fetchall()
    return {
        (row["report_id"], row["clock"], row["cycle"]): ClockState(
            **{name: row[name] for name in ClockState.__dataclass_fields__}
        )
        for row in rows
    }


def _update(connection: Connection, states: dict[Key, ClockState]) -> None:
    if states:
        connection.execute(
            "update clock set started_at = new.started_at, due_at = new.due_at, warned = new.warned,"
            " missed = new.missed, escalated_to = new.escalated_to, stopped_at = new.stopped_at, outcome = new.outcome"
            " from unnest(%b::uuid[], %b::text[], %b::integer[], %b::timestamptz[], %b::timestamptz[], %b::boolean[],"
            " %b::boolean[], %b::text[], %b::timestamptz[], %b::text[]) as new (report_id, clock, cycle, started_at,"
            " due_at, warned, missed, escalated_to, stopped_at, outcome)"
            " where clock.report_id = new.report_id and clock.clock = new.clock and clock.cycle = new.cycle",
            columns(sorted((*key, *asdict(state).values()) for key, state in states.items())),
        )
