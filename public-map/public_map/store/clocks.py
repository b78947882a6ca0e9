"""The clocks of reports. Whoever changes them holds the lock on their reports."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from chassis.postgres import Connection, columns
from contracts.clocks import Clock

from public_map.domain.clocks import ClockState


def list_clocks(connection: Connection, report_ids: Iterable[UUID]) -> list[ClockState]:
    """The clocks of reports in the order they were started."""
    rows = connection.execute(
        "select report_id, clock, cycle, started_at, due_at, stopped_at, outcome from clock"
        " where report_id = any(%b::uuid[]) order by started_at, clock, cycle",
        (sorted(set(report_ids)),),
    )
    return [_clock(row) for row in rows]


def upsert_clocks(connection: Connection, clocks: Iterable[ClockState]) -> None:
    """Write clocks as they are now."""
    values = columns(_columns_of(state) for state in clocks)
    if values:
        connection.execute(
            "insert into clock (report_id, clock, cycle, started_at, due_at, stopped_at, outcome)"
            " select * from unnest(%b::uuid[], %b::text[], %b::int[], %b::timestamptz[], %b::timestamptz[],"
            " %b::timestamptz[], %b::text[]) order by 1, 2, 3"
            " on conflict (report_id, clock, cycle) do update set started_at = excluded.started_at,"
            " due_at = excluded.due_at, stopped_at = excluded.stopped_at, outcome = excluded.outcome",
            values,
        )


def _columns_of(state: ClockState) -> tuple[Any, ...]:
    key = state.report_id, state.clock.value, state.cycle
    return (*key, state.started_at, state.due_at, state.stopped_at, state.outcome)


def _clock(row: dict[str, Any]) -> ClockState:
    return ClockState(**{**row, "clock": Clock(row["clock"])})
