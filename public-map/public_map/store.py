"""What public-map asks and tells its tables; every merge gives the same rows in whatever order events come."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chassis.postgres import Connection, columns
from contracts.base import HEADQUARTERS
from contracts.cases import Answer, CaseChange, CaseDecided, CasesMerged
from contracts.clocks import ClockEvent, ClockStopped
from contracts.reports import ReportSubmitted
from contracts.routing import ReportRouted, Routing
from contracts.statuses import Status

from public_map.domain import Step


def merge_submissions(connection: Connection, events: Sequence[ReportSubmitted]) -> None:
    """A report as it was sent; once its case is known, the case says category and time."""
    values = columns((e.report_id, e.receipt_sha256, e.category, e.submitted_at) for e in events)
    if not values:
        return
    connection.execute(
        "insert into report (report_id, receipt_sha256, category, submitted_at)"
        " select distinct on (id) id, receipt, category, at"
        " from unnest(%b::uuid[], %b::text[], %b::text[], %b::timestamptz[]) as new (id, receipt, category, at)"
        " order by id, at"
        " on conflict (report_id) do update set receipt_sha256 = excluded.receipt_sha256,"
        " category = case when report.version is null then excluded.category else report.category end,"
        " submitted_at = case when report.version is null"
        " then least(report.submitted_at, excluded.submitted_at) else report.submitted_at end",
        values,
    )
    connection.execute(
        "insert into step (report_id, version, status, at)"
        " select id, 0, 'new', min(at) from unnest(%b::uuid[], %b::timestamptz[]) as new (id, at)"
        " group by id order by id"
        " on conflict (report_id, version) do update set at = least(step.at, excluded.at)",
        (values[0], values[3]),
    )


def merge_routings(connection: Connection, events: Sequence[Routing]) -> None:
    """Who answers for the newest place of a report; headquarters for what can't be placed."""
    owners = [(e, e.owner if isinstance(e, ReportRouted) else HEADQUARTERS) for e in events]
    values = columns((e.report_id, e.place_version, o.garrison, o.unit, o.unit_name) for e, o in owners)
    if not values:
        return
    connection.execute(
        "insert into report (report_id, routed_version, routed_garrison, routed_unit, routed_unit_name)"
        " select distinct on (id) id, version, garrison, unit, name"
        " from unnest(%b::uuid[], %b::int[], %b::text[], %b::text[], %b::text[])"
        " as new (id, version, garrison, unit, name) order by id, version desc, garrison, unit"
        " on conflict (report_id) do update set routed_version = excluded.routed_version,"
        " routed_garrison = excluded.routed_garrison, routed_unit = excluded.routed_unit,"
        " routed_unit_name = excluded.routed_unit_name"
        " where (excluded.routed_version, report.routed_garrison, report.routed_unit)"
        " > (coalesce(report.routed_version, -1), excluded.routed_garrison, excluded.routed_unit)",
        values,
    )


def merge_clocks(connection: Connection, events: Sequence[ClockEvent]) -> None:
    """A clock runs from its start; the earliest stop counts."""
    stops = [(e, e if isinstance(e, ClockStopped) else None) for e in events]
    values = columns(
        (e.report_id, e.clock.value, e.cycle, e.started_at, e.due_at, s and s.stopped_at, s and s.outcome)
        for e, s in stops
    )
    if not values:
        return
    connection.execute(
        "insert into clock (report_id, clock, cycle, started_at, due_at, stopped_at, outcome)"
        " select id, clock, cycle, min(started), min(due), min(stopped),"
        " (array_agg(outcome order by stopped, outcome) filter (where stopped is not null))[1]"
        " from unnest(%b::uuid[], %b::text[], %b::int[], %b::timestamptz[], %b::timestamptz[], %b::timestamptz[],"
        " %b::text[]) as new (id, clock, cycle, started, due, stopped, outcome)"
        " group by id, clock, cycle order by id, clock, cycle"
        " on conflict (report_id, clock, cycle) do update set"
        " started_at = least(clock.started_at, excluded.started_at),"
        " due_at = least(clock.due_at, excluded.due_at),"
        " stopped_at = least(clock.stopped_at, excluded.stopped_at),"
        " outcome = case when (excluded.stopped_at, excluded.outcome) < (clock.stopped_at, clock.outcome)"
        " or clock.stopped_at is null then excluded.outcome else clock.outcome end",
        values,
    )


def merge_steps(connection: Connection, changes: Sequence[CaseChange]) -> int:
    """Every version of a case; returns how many were not known yet."""
    answers = [(c, c.answer if isinstance(c, CaseDecided) else None) for c in changes]
    values = columns(
        (c.report_id, c.version, c.status.value, c.changed_at, a and a.checks, a and a.found, a and a.last_check_on)
        for c, a in answers
    )
    if not values:
        return 0
    return connection.execute(
        "insert into step (report_id, version, status, at, checks, found, last_check_on)"
        " select * from unnest(%b::uuid[], %b::int[], %b::text[], %b::timestamptz[], %b::int[], %b::int[], %b::date[])"
        " order by 1, 2 on conflict do nothing",
        values,
    ).rowcount


def merge_changes(connection: Connection, changes: Sequence[CaseChange]) -> set[UUID]:
    """The state of each case after its newest change, one per report; returns the reports for which it was news.

    A case that has ended in another one is no news any more.
    """
    values = columns(
        (c.report_id, c.category, c.submitted_at, c.version, c.status.value, c.case_number)
        + (c.owner.garrison, c.owner.unit, c.owner.unit_name, c.supporters)
        for c in changes
    )
    if not values:
        return set()
    rows = connection.execute(
        "insert into report (report_id, category, submitted_at, version, status, case_number, garrison, unit,"
        " unit_name, supporters)"
        " select * from unnest(%b::uuid[], %b::text[], %b::timestamptz[], %b::int[], %b::text[], %b::text[],"
        " %b::text[], %b::text[], %b::text[], %b::int[]) order by 1"
        " on conflict (report_id) do update set category = excluded.category, submitted_at = excluded.submitted_at,"
        " version = excluded.version, status = excluded.status, case_number = excluded.case_number,"
        " garrison = excluded.garrison, unit = excluded.unit, unit_name = excluded.unit_name,"
        " supporters = excluded.supporters where excluded.version > coalesce(report.version, 0)"
        " returning report_id, merged_into",
        values,
    ).fetchall()
    return {row["report_id"] for row in rows if row["merged_into"] is None}


def merge_merges(connection: Connection, merges: Sequence[CasesMerged]) -> None:
    """A case that ended in another one stays ended, whatever comes after."""
    values = columns((m.report_id, m.into, m.into_number) for m in merges)
    if values:
        connection.execute(
            "insert into report (report_id, merged_into, merged_into_number)"
            " select distinct on (id) id, into_id, number"
            " from unnest(%b::uuid[], %b::uuid[], %b::text[]) as new (id, into_id, number) order by id"
            " on conflict (report_id) do update"
            " set merged_into = excluded.merged_into, merged_into_number = excluded.merged_into_number",
            values,
        )


@dataclass(frozen=True, slots=True)
class Receipt:
    """All that is told to the holder of a receipt, as the tables have it. `report` and `clocks` are rows."""

    report: dict[str, Any]
    steps: list[Step]
    clocks: list[dict[str, Any]]


def find_receipt(connection: Connection, receipt_sha256: str) -> Receipt | None:
    report = connection.execute(
        "select report_id, category, submitted_at, coalesce(status, 'new') as status, case_number,"
        " coalesce(garrison, routed_garrison) as garrison, coalesce(unit, routed_unit) as unit,"
        " coalesce(unit_name, routed_unit_name) as unit_name, coalesce(supporters, 0) as supporters,"
        " merged_into, merged_into_number from report where receipt_sha256 = %b",
        (receipt_sha256,),
    ).fetchone()
    if report is None:
        return None
    steps = connection.execute(
        "select status, at, checks, found, last_check_on from step where report_id = %b order by version",
        (report["report_id"],),
    ).fetchall()
    clocks = connection.execute(
        "select clock, cycle, started_at, due_at, stopped_at, outcome,"
        " stopped_at is null and due_at <= now() as overdue from clock where report_id = %b"
        " order by started_at, clock, cycle",
        (report["report_id"],),
    ).fetchall()
    return Receipt(report, [_step(row) for row in steps], clocks)


def _step(row: dict[str, Any]) -> Step:
    answered = row["checks"] is not None
    answer = Answer(checks=row["checks"], found=row["found"], last_check_on=row["last_check_on"]) if answered else None
    return Step(Status(row["status"]), row["at"], answer)


def on_the_way(connection: Connection, topic: str) -> set[UUID]:
    """The reports of which the outbox has something for a topic."""
    rows = connection.execute("select distinct key::uuid as report_id from outbox where topic = %s", (topic,))
    return {row["report_id"] for row in rows}
