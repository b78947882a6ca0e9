"""The clocks of reports. Whoever changes them holds the lock on their reports."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from chassis.postgres import Connection, columns
from contracts.events.clocks import Clock, ClockState

_COLUMNS = (
    "report_id, clock, cycle, started_at, due_at, warned, missed, escalated_to, stopped_at, outcome, withdrawn_from"
)


def list_clocks(connection: Connection, report_ids: Iterable[UUID]) -> list[ClockState]:
    """The clocks of reports in the order they were started."""
    wanted = sorted(set(report_ids))
    if not wanted:
        return []
    rows = connection.execute(
        f"select {_COLUMNS} from clock where report_id = any(%b::uuid[]) order by started_at, clock, cycle",  # noqa: S608
        (wanted,),
    )
    return [_clock(row) for row in rows]


def upsert_clocks(connection: Connection, clocks: Iterable[ClockState]) -> None:
    """Write clocks as they are now."""
    values = columns(_columns_of(state) for state in clocks)
    if values:
        connection.execute(
            f"insert into clock ({_COLUMNS})"  # noqa: S608
            " select * from unnest(%b::uuid[], %b::text[], %b::int[], %b::timestamptz[], %b::timestamptz[], %b::bool[],"
            " %b::bool[], %b::text[], %b::timestamptz[], %b::text[], %b::text[]) order by 1, 2, 3"
            " on conflict (report_id, clock, cycle) do update set started_at = excluded.started_at,"
            " due_at = excluded.due_at, warned = excluded.warned, missed = excluded.missed,"
            " escalated_to = excluded.escalated_to, stopped_at = excluded.stopped_at, outcome = excluded.outcome,"
            " withdrawn_from = excluded.withdrawn_from",
            values,
        )


def _columns_of(state: ClockState) -> tuple[Any, ...]:
    return (
        state.report_id,
        state.clock.value,
        state.cycle,
        state.started_at,
        state.due_at,
        state.warned,
        state.missed,
        state.escalated_to,
        state.stopped_at,
        state.outcome,
        state.withdrawn_from,
    )


def _clock(row: dict[str, Any]) -> ClockState:
    return ClockState(**{**row, "clock": Clock(row["clock"])})
