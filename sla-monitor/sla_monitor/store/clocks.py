"""Runs of clocks. Whoever changes what events make of them holds the lock on their reports."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.postgres import Connection, columns
from contracts.events.clocks import Clock, Step

from sla_monitor.domain.clocks import ClockRun, DueClock
from sla_monitor.domain.owners import owner_from_json

RunsByKey = dict[tuple[Clock, int], ClockRun]


def lock_clock_runs(connection: Connection, report_ids: Sequence[UUID]) -> dict[UUID, RunsByKey]:
    """Every run of the reports' clocks, by report, then kind and cycle, locked until the transaction ends."""
    rows = connection.execute(
        "select report_id, clock, cycle, started_at, due_at, terms, stopped_at, merged, fired_steps, fired_at,"
        " next_at from clock where report_id = any(%b) order by report_id, clock, cycle for update",
        (report_ids,),
    )
    runs: dict[UUID, RunsByKey] = {report_id: {} for report_id in report_ids}
    for row in rows:
        run = _run(row)
        runs[run.report_id][run.clock, run.cycle] = run
    return runs


def upsert_clock_runs(connection: Connection, runs: Iterable[ClockRun]) -> None:
    """Write runs as they are, new ones too; their reports are locked."""
    rows = [
        (
            run.report_id,
            run.clock.value,
            run.cycle,
            run.started_at,
            run.due_at,
            run.terms,
            run.stopped_at,
            run.merged,
            run.outcome,
            *_fired(run),
            run.next_at,
        )
        for run in runs
    ]
    if rows:
        connection.execute(
            "insert into clock"
            " (report_id, clock, cycle, started_at, due_at, terms, stopped_at, merged, outcome, fired_steps, fired_at,"
            "  next_at)"
            " select report_id, clock, cycle, started_at, due_at, terms, stopped_at, merged, outcome,"
            "  string_to_array(fired_steps, ' '), string_to_array(fired_at, ' ')::timestamptz[], next_at"
            " from unnest(%b::uuid[], %b::text[], %b::int[], %b::timestamptz[], %b::timestamptz[], %b::text[],"
            "  %b::timestamptz[], %b::boolean[], %b::text[], %b::text[], %b::text[], %b::timestamptz[])"
            " as new (report_id, clock, cycle, started_at, due_at, terms, stopped_at, merged, outcome, fired_steps,"
            "  fired_at, next_at)"
            " on conflict (report_id, clock, cycle) do update set started_at = excluded.started_at,"
            "  due_at = excluded.due_at, terms = excluded.terms, stopped_at = excluded.stopped_at,"
            "  merged = excluded.merged, outcome = excluded.outcome, fired_steps = excluded.fired_steps,"
            "  fired_at = excluded.fired_at, next_at = excluded.next_at",
            columns(rows),
        )


def update_fired_steps(connection: Connection, runs: Sequence[ClockRun]) -> None:
    """Write what firing changed: the steps fired, and when the next one fires."""
    rows = [(run.report_id, run.clock.value, run.cycle, *_fired(run), run.next_at) for run in runs]
    if rows:
        connection.execute(
            "update clock set fired_steps = string_to_array(new.fired_steps, ' '),"
            "  fired_at = string_to_array(new.fired_at, ' ')::timestamptz[], next_at = new.next_at"
            " from unnest(%b::uuid[], %b::text[], %b::int[], %b::text[], %b::text[], %b::timestamptz[])"
            " as new (report_id, clock, cycle, fired_steps, fired_at, next_at)"
            " where clock.report_id = new.report_id and clock.clock = new.clock and clock.cycle = new.cycle",
            columns(rows),
        )


def claim_due_clocks(connection: Connection, until: datetime, limit: int) -> list[DueClock]:
    """Clocks whose next step is not later than an instant, the earliest first, locked until the transaction ends.

    What another instance has in hand is left to it.
    """
    rows = connection.execute(
        "select clock.report_id, clock, cycle, started_at, due_at, terms, stopped_at, merged, fired_steps,"
        "  fired_at, next_at, owner::text, clock_timestamp() as now"
        " from clock join report using (report_id)"
        " where next_at <= %s order by next_at limit %b for update of clock skip locked",
        (until, limit),
    ).fetchall()
    return [DueClock(_run(row), owner_from_json(row["owner"]), row["now"]) for row in rows]


def read_next_step(connection: Connection) -> datetime | None:
    """When the next step of any clock fires, or should have; None where none is left."""
    row = connection.execute("select min(next_at) as next_at from clock where next_at is not null").fetchone()
    return row["next_at"] if row else None


def count_open(connection: Connection) -> dict[tuple[str, str, str], int]:
    """How many clocks run, by clock, garrison and state: on_time, due_soon (its warning is out), overdue.

    Reads every one of them: some 1.4 s of CPU for a million.
    """
    connection.execute("set local statement_timeout = '10min'")
    rows = connection.execute(
        "select clock, garrison, case"
        "  when due_at <= clock_timestamp() and clock <> 'review' then 'overdue'"
        "  when 'approaching' = any(fired_steps) then 'due_soon'"
        "  else 'on_time' end as state, count(*) as number"
        " from clock join report using (report_id)"
        " where started_at is not null and stopped_at is null group by 1, 2, 3"
    )
    return {(row["clock"], row["garrison"], row["state"]): row["number"] for row in rows}


def _run(row: dict[str, Any]) -> ClockRun:
    return ClockRun(
        report_id=row["report_id"],
        clock=Clock(row["clock"]),
        cycle=row["cycle"],
        started_at=row["started_at"],
        due_at=row["due_at"],
        terms=row["terms"],
        stopped_at=row["stopped_at"],
        merged=row["merged"],
        fired_steps=dict(zip(map(Step, row["fired_steps"]), row["fired_at"], strict=True)),
        next_at=row["next_at"],
    )


def _fired(run: ClockRun) -> tuple[str, str]:
    """Fired steps and their times, in one text each, because arrays of arrays must be of one length."""
    return " ".join(run.fired_steps), " ".join(at.isoformat() for at in run.fired_steps.values())
