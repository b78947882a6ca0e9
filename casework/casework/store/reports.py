"""Reports until they have a case. A report's row is also the lock under which consumers work on that report."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from chassis.postgres import Connection, as_json
from contracts.events.reports import TimeOfDay

from casework.domain.case import owner_from
from casework.domain.case_number import case_number
from casework.domain.reports import Assignment, Report, Submission


def lock_reports(connection: Connection, report_ids: Iterable[UUID]) -> dict[UUID, Report]:
    """What is known of reports, each locked (in the order of their ids) until the transaction ends; of a new one
    nothing is known.

    Two consumers can't both miss what the other has not committed yet.
    """
    wanted = sorted(set(report_ids))
    connection.execute(
        "insert into report (report_id) select * from unnest(%b::uuid[]) on conflict do nothing", (wanted,)
    )
    rows = connection.execute(
        "select * from report where report_id = any(%b::uuid[]) order by report_id for update", (wanted,)
    )
    return {row["report_id"]: _report(row) for row in rows}


def update_reports(connection: Connection, reports: Sequence[Report]) -> None:
    """Write what is known now of reports that `lock_reports` locked."""
    if not reports:
        return
    connection.execute(
        "update report set category = new.category, longitude = new.longitude, latitude = new.latitude,"
        " submitted_at = new.submitted_at, occurred_at = new.occurred_at, weekdays = new.weekdays,"
        " time_of_day = new.time_of_day, routed = new.routed, garrison = new.garrison, unit = new.unit,"
        " unit_name = new.unit_name, station = new.station, beat = new.beat, district = new.district,"
        " boundary_version = new.boundary_version"
        " from jsonb_populate_recordset(null::report, %s::jsonb) as new where report.report_id = new.report_id",
        (as_json([_row(report) for report in reports]),),
    )


def claim_case_numbers(
    connection: Connection, needed: Mapping[tuple[str, int], int]
) -> dict[tuple[str, int], list[str]]:
    """As many case numbers as are needed, by garrison and year: nobody else gets them, unless this is rolled back."""
    series = sorted((garrison, year, count) for (garrison, year), count in needed.items())
    if not series:
        return {}
    rows = connection.execute(
        "insert into number_sequence as known (garrison, year, last)"
        " select * from unnest(%b::text[], %b::integer[], %b::integer[])"
        " on conflict (garrison, year) do update set last = known.last + excluded.last returning *",
        [list(column) for column in zip(*series, strict=True)],
    ).fetchall()
    claimed = {}
    for row in rows:
        garrison, year, last = row["garrison"], row["year"], row["last"]
        numbers = range(last - needed[garrison, year] + 1, last + 1)
        claimed[garrison, year] = [case_number(garrison, year, number) for number in numbers]
    return claimed


def _row(report: Report) -> dict[str, Any]:
    said, assignment = report.submission, report.assignment
    row: dict[str, Any] = {"report_id": report.report_id}
    if said:
        row |= {name: getattr(said, name) for name in Submission.__dataclass_fields__}
    if assignment:
        row |= msgspec.structs.asdict(assignment.owner)
        row |= {"routed": assignment.routed, "boundary_version": assignment.boundary_version}
    return row


def _report(row: dict[str, Any]) -> Report:
    said = assignment = None
    if row["submitted_at"] is not None:
        said = Submission(
            category=row["category"],
            longitude=row["longitude"],
            latitude=row["latitude"],
            submitted_at=row["submitted_at"],
            occurred_at=row["occurred_at"],
            weekdays=tuple(row["weekdays"]),
            time_of_day=TimeOfDay(row["time_of_day"]) if row["time_of_day"] else None,
        )
    if row["routed"] is not None:
        assignment = Assignment(routed=row["routed"], owner=owner_from(row), boundary_version=row["boundary_version"])
    return Report(report_id=row["report_id"], submission=said, assignment=assignment)
