"""The clocks of the cases as the monitor publishes them, for officers to see what is due."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from chassis.postgres import Connection, columns
from contracts.events.clocks import Clock, ClockEvent, ClockKey, ClockState, merge_clocks

from casework.domain.case import Case

COLUMNS = (
    "report_id, clock, cycle, started_at, due_at, warned, missed, escalated_to, stopped_at, outcome, withdrawn_from"
)
"""Of a clock, as ClockState has them."""


def upsert_clocks(connection: Connection, events: Sequence[ClockEvent], cases: Mapping[UUID, Case]) -> None:
    """Merge events into the clocks they are about, in any order, any number of times, and set when their cases are due.

    `cases` are all there are of these reports. They must be locked before: whoever merges two of them locks in that
    order.
    """
    if not events:
        return
    states = merge_clocks([], events)
    new = _insert(connection, states)
    if known := [state.key for state in states if state.key not in new]:
        again = [event for event in events if (event.report_id, event.clock, event.cycle) not in new]
        _update(connection, merge_clocks(_lock(connection, known), again))
    _update_cases(connection, {state.report_id for state in states if _moves(state, cases.get(state.report_id))})


def _insert(connection: Connection, states: Sequence[ClockState]) -> set[ClockKey]:
    """Write the clocks that are new, and give their keys; a row that another transaction has made meanwhile is waited
    for, and stays.
    """
    rows = connection.execute(
        f"insert into clock ({COLUMNS})"  # noqa: S608 (fixed words)
        " select * from unnest(%b::uuid[], %b::text[], %b::integer[], %b::timestamptz[],"
        " %b::timestamptz[], %b::boolean[], %b::boolean[], %b::text[], %b::timestamptz[], %b::text[], %b::text[])"
        " on conflict do nothing returning report_id, clock, cycle",
        _columns(states),
    )
    return {(row["report_id"], Clock(row["clock"]), row["cycle"]) for row in rows}


def _lock(connection: Connection, keys: Sequence[ClockKey]) -> list[ClockState]:
    rows = connection.execute(
        f"select {COLUMNS} from clock join unnest(%b::uuid[], %b::text[], %b::integer[])"  # noqa: S608 (fixed words)
        " as read (report_id, clock, cycle)"
        " using (report_id, clock, cycle) order by report_id, clock, cycle for update of clock",
        columns(keys),
    ).fetchall()
    return [ClockState(**{**row, "clock": Clock(row["clock"])}) for row in rows]


def _update(connection: Connection, states: Sequence[ClockState]) -> None:
    if not states:
        return
    connection.execute(
        "update clock set started_at = new.started_at, due_at = new.due_at, warned = new.warned, missed = new.missed,"
        " escalated_to = new.escalated_to, stopped_at = new.stopped_at, outcome = new.outcome,"
        " withdrawn_from = new.withdrawn_from"
        " from unnest(%b::uuid[], %b::text[], %b::integer[], %b::timestamptz[], %b::timestamptz[], %b::boolean[],"
        " %b::boolean[], %b::text[], %b::timestamptz[], %b::text[], %b::text[]) as new (report_id, clock, cycle,"
        " started_at, due_at, warned, missed, escalated_to, stopped_at, outcome, withdrawn_from)"
        " where clock.report_id = new.report_id and clock.clock = new.clock and clock.cycle = new.cycle",
        _columns(states),
    )


def _moves(state: ClockState, case: Case | None) -> bool:
    """Whether what is said of a clock may move when its case is due: not where it runs until just then.

    A case opens with the deadline its first clock will have, so most of them move nothing.
    """
    return case is not None and (state.stopped_at is not None or state.due_at != case.next_due_at)


def _update_cases(connection: Connection, report_ids: Collection[UUID]) -> None:
    """Set the earliest deadline of the clocks that run. A review is a reminder, never a miss."""
    if not report_ids:
        return
    connection.execute(
        "update cases set next_due_at = due.at from unnest(%b::uuid[]) as moved (report_id), lateral ("
        "  select min(due_at) as at from clock"
        "  where clock.report_id = moved.report_id and stopped_at is null and clock <> %b) as due"
        " where cases.report_id = moved.report_id and cases.next_due_at is distinct from due.at",
        (sorted(report_ids), Clock.REVIEW.value),
    )


def _columns(states: Sequence[ClockState]) -> list[list[Any]]:
    ordered = sorted(states, key=lambda state: state.key)  # so that two batches lock in one order
    return columns(
        (state.report_id, state.clock, state.cycle, state.started_at, state.due_at)
        + (state.warned, state.missed, state.escalated_to, state.stopped_at, state.outcome, state.withdrawn_from)
        for state in ordered
    )
