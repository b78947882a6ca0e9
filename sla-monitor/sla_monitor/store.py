"""The questions the SLA monitor asks its own tables. Functions take a connection and never commit."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec
from chassis.postgres import Connection, columns
from contracts.base import HEADQUARTERS, Owner
from contracts.events.cases import CaseChange
from contracts.events.clocks import Clock, Step
from contracts.topics import EVENTS

from sla_monitor.domain import Cycle, Report
from sla_monitor.watermark import WATERMARK, places


@dataclass(frozen=True, slots=True)
class Due:
    """A clock with a step to fire, who answers, until when everything was heard, and the time by the database."""

    cycle: Cycle
    owner: Owner
    caught_up: datetime
    now: datetime


def lock_reports(connection: Connection, report_ids: Collection[UUID]) -> dict[UUID, Report]:
    """The reports as they are known, new ones too, locked with their clocks until the transaction ends.

    Reports are locked in the order of their ids, so two instances can't wait for each other; whoever fires a step
    waits for nobody.
    """
    ids = sorted(report_ids)
    connection.execute("insert into report (report_id) select unnest(%b::uuid[]) on conflict do nothing", (ids,))
    reports = connection.execute(
        "select report_id, version, place_version, owner::text from report"
        " where report_id = any(%b) order by report_id for update",
        (ids,),
    ).fetchall()
    cycles, parked = _cycles(connection, ids), _parked(connection, ids)
    return {
        row["report_id"]: Report(
            report_id=row["report_id"],
            version=row["version"],
            place_version=row["place_version"],
            owner=_owner(row["owner"]),
            cycles=cycles[row["report_id"]],
            parked=parked[row["report_id"]],
        )
        for row in reports
    }


def keep_reports(connection: Connection, before: dict[UUID, Report], after: dict[UUID, Report]) -> None:
    """Write what changed."""
    changed = [(before[each], after[each]) for each in sorted(after) if before[each] != after[each]]
    _keep_owners(connection, [new for _, new in changed])
    _keep_parked(connection, changed)
    keep_cycles(
        connection,
        [cycle for old, new in changed for key, cycle in new.cycles.items() if old.cycles.get(key) != cycle],
    )


def keep_cycles(connection: Connection, cycles: Iterable[Cycle]) -> None:
    """Write clocks as they are, new ones too; their reports are locked."""
    rows = [
        (
            cycle.report_id,
            cycle.clock.value,
            cycle.number,
            cycle.started_at,
            cycle.due_at,
            cycle.terms,
            cycle.stopped_at,
            cycle.outcome,
            _as_text(cycle.said),
            cycle.next_at,
        )
        for cycle in cycles
    ]
    if rows:
        connection.execute(
            "insert into clock"
            " (report_id, clock, cycle, started_at, due_at, terms, stopped_at, outcome, said, next_at)"
            " select report_id, clock, cycle, started_at, due_at, terms, stopped_at, outcome,"
            "  string_to_array(said, ' '), next_at"
            " from unnest(%b::uuid[], %b::text[], %b::int[], %b::timestamptz[], %b::timestamptz[], %b::text[],"
            "  %b::timestamptz[], %b::text[], %b::text[], %b::timestamptz[])"
            " as new (report_id, clock, cycle, started_at, due_at, terms, stopped_at, outcome, said, next_at)"
            " on conflict (report_id, clock, cycle) do update set started_at = excluded.started_at,"
            "  due_at = excluded.due_at, terms = excluded.terms, stopped_at = excluded.stopped_at,"
            "  outcome = excluded.outcome, said = excluded.said, next_at = excluded.next_at",
            columns(rows),
        )


def keep_fired(connection: Connection, cycles: Sequence[Cycle]) -> None:
    """Write what firing changed: the steps said, and when the next one fires."""
    rows = [(each.report_id, each.clock.value, each.number, _as_text(each.said), each.next_at) for each in cycles]
    if rows:
        connection.execute(
            "update clock set said = string_to_array(new.said, ' '), next_at = new.next_at"
            " from unnest(%b::uuid[], %b::text[], %b::int[], %b::text[], %b::timestamptz[])"
            " as new (report_id, clock, cycle, said, next_at)"
            " where clock.report_id = new.report_id and clock.clock = new.clock and clock.cycle = new.cycle",
            columns(rows),
        )


def claim_due(connection: Connection, limit: int) -> list[Due]:
    """Clocks whose next step is not later than the watermark, the earliest first, locked until the transaction ends.

    What another instance has in hand is left to it. None while some partition was never read to its end.
    """
    rows = connection.execute(
        f"with watermark as materialized ({WATERMARK})"  # noqa: S608 - a constant
        " select clock.report_id, clock, cycle, started_at, due_at, terms, stopped_at, said, next_at, owner::text,"
        "  (select at from watermark) as caught_up, clock_timestamp() as now"
        " from clock join report using (report_id)"
        " where next_at <= (select at from watermark) order by next_at limit %b for update of clock skip locked",
        (*places(), limit),
    ).fetchall()
    return [Due(_cycle(row), _owner(row["owner"]), row["caught_up"], row["now"]) for row in rows]


def count_open(connection: Connection) -> dict[tuple[str, str, str], int]:
    """How many clocks run, by clock, garrison and state: on_time, due_soon (its warning is out), overdue."""
    rows = connection.execute(
        "select clock, garrison, case"
        "  when due_at <= clock_timestamp() and clock <> 'review' then 'overdue'"
        "  when 'approaching' = any(said) then 'due_soon'"
        "  else 'on_time' end as state, count(*) as number"
        " from clock join report using (report_id)"
        " where started_at is not null and stopped_at is null group by 1, 2, 3"
    )
    return {(row["clock"], row["garrison"], row["state"]): row["number"] for row in rows}


def oldest_gap(connection: Connection) -> float:
    """Seconds the oldest parked change has waited for the one before it; 0 when none waits."""
    row = connection.execute(
        "select coalesce(extract(epoch from clock_timestamp() - min(since)), 0)::float as age from parked"
    ).fetchone()
    assert row  # an aggregate always gives a row
    age: float = row["age"]
    return age


def _cycles(connection: Connection, ids: list[UUID]) -> dict[UUID, dict[tuple[Clock, int], Cycle]]:
    rows = connection.execute(
        "select report_id, clock, cycle, started_at, due_at, terms, stopped_at, said, next_at from clock"
        " where report_id = any(%b) order by report_id, clock, cycle for update",
        (ids,),
    )
    cycles: dict[UUID, dict[tuple[Clock, int], Cycle]] = {report_id: {} for report_id in ids}
    for row in rows:
        cycle = _cycle(row)
        cycles[cycle.report_id][cycle.clock, cycle.number] = cycle
    return cycles


def _parked(connection: Connection, ids: list[UUID]) -> dict[UUID, dict[int, CaseChange]]:
    rows = connection.execute("select report_id, version, type, body from parked where report_id = any(%b)", (ids,))
    parked: dict[UUID, dict[int, CaseChange]] = {report_id: {} for report_id in ids}
    for row in rows:
        change = msgspec.json.decode(row["body"], type=EVENTS[row["type"]])
        assert isinstance(change, CaseChange)  # nothing else is parked
        parked[change.report_id][change.version] = change
    return parked


def _keep_owners(connection: Connection, reports: Sequence[Report]) -> None:
    rows = [(each.report_id, each.version, each.place_version, _as_json(each.owner)) for each in reports]
    if rows:
        connection.execute(
            "update report set version = new.version, place_version = new.place_version, owner = new.owner::jsonb"
            " from unnest(%b::uuid[], %b::int[], %b::int[], %b::text[])"
            " as new (report_id, version, place_version, owner) where report.report_id = new.report_id",
            columns(rows),
        )


def _keep_parked(connection: Connection, changed: Sequence[tuple[Report, Report]]) -> None:
    come = [new.parked[each] for old, new in changed for each in sorted(new.parked.keys() - old.parked.keys())]
    gone = [(new.report_id, each) for old, new in changed for each in sorted(old.parked.keys() - new.parked.keys())]
    if come:
        rows = [
            (each.report_id, each.version, type(each).__name__, msgspec.json.encode(each).decode()) for each in come
        ]
        connection.execute(
            "insert into parked (report_id, version, type, body)"
            " select * from unnest(%b::uuid[], %b::int[], %b::text[], %b::text[])",
            columns(rows),
        )
    if gone:
        connection.execute(
            "delete from parked using unnest(%b::uuid[], %b::int[]) as gone (report_id, version)"
            " where parked.report_id = gone.report_id and parked.version = gone.version",
            columns(gone),
        )


def _cycle(row: dict[str, Any]) -> Cycle:
    return Cycle(
        report_id=row["report_id"],
        clock=Clock(row["clock"]),
        number=row["cycle"],
        started_at=row["started_at"],
        due_at=row["due_at"],
        terms=row["terms"],
        stopped_at=row["stopped_at"],
        said=frozenset(Step(each) for each in row["said"]),
        next_at=row["next_at"],
    )


def _as_text(said: frozenset[Step]) -> str:
    """In one word each, because arrays of arrays must be of one length."""
    return " ".join(step for step in Step if step in said)


def _as_json(owner: Owner) -> str | None:
    return None if owner == HEADQUARTERS else msgspec.json.encode(owner).decode()


@lru_cache(maxsize=10_000)
def _owner(raw: str | None) -> Owner:
    return HEADQUARTERS if raw is None else msgspec.json.decode(raw, type=Owner)
