"""Reports until they have a case. A report's row is also the lock under which consumers work on that report."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from itertools import count
from random import Random, SystemRandom
from typing import Any
from uuid import UUID

import msgspec
from chassis.postgres import Connection, as_json
from contracts.events.reports import TimeOfDay

from casework.domain.case import owner_from
from casework.domain.case_number import case_number
from casework.domain.reports import Assignment, Report, Submission

_COLUMNS = (
    "report_id, category, longitude, latitude, submitted_at, occurred_at, weekdays, time_of_day, emergency_like,"
    " continues, routed, garrison, unit, unit_name, station, beat, district, boundary_version, handed_to"
)
_SYSTEM_RANDOM = SystemRandom()
NATIONAL_DIGITS, REGIONAL_DIGITS = 6, 8
_DRAWS = 16
"""How often numbers of one length are drawn before a digit is added: most of them are taken by then."""
# Far beyond any time a report and what is said of it can be read apart.
_UNKNOWN_FOR = timedelta(days=7)


def lock_reports(connection: Connection, report_ids: Iterable[UUID]) -> dict[UUID, Report]:
    """What is known of reports, each locked (in the order of their ids) until the transaction ends; of a new one
    nothing is known.

    Two consumers can't both miss what the other has not committed yet.
    """
    wanted = sorted(set(report_ids))
    if not wanted:
        return {}
    connection.execute(
        "insert into report (report_id) select * from unnest(%b::uuid[]) on conflict do nothing", (wanted,)
    )
    rows = connection.execute(
        f"select {_COLUMNS} from report where report_id = any(%b::uuid[])"  # noqa: S608 (fixed words)
        " order by report_id for update",
        (wanted,),
    )
    return {row["report_id"]: _report(row) for row in rows}


def update_reports(connection: Connection, reports: Sequence[Report]) -> None:
    """Write what is known now of reports that `lock_reports` locked."""
    if not reports:
        return
    connection.execute(
        "update report set category = new.category, longitude = new.longitude, latitude = new.latitude,"
        " submitted_at = new.submitted_at, occurred_at = new.occurred_at, weekdays = new.weekdays,"
        " time_of_day = new.time_of_day, emergency_like = new.emergency_like, continues = new.continues,"
        " routed = new.routed, garrison = new.garrison, unit = new.unit,"
        " unit_name = new.unit_name, station = new.station, beat = new.beat, district = new.district,"
        " boundary_version = new.boundary_version"
        " from jsonb_populate_recordset(null::report, %s::jsonb) as new where report.report_id = new.report_id",
        (as_json([_row(report) for report in reports]),),
    )


def claim_case_numbers(
    connection: Connection,
    needed: Mapping[tuple[str, int], int],
    random: Random = _SYSTEM_RANDOM,
    digits: int = NATIONAL_DIGITS,
) -> dict[tuple[str, int], list[str]]:
    """As many case numbers as are needed, by garrison and year: nobody else gets them, unless this is rolled back.

    They have so many digits, or one more where most of those are taken. Another instance that opens cases of the same
    garrison in the same year takes more, so that no two draw the same.
    """
    claimed: dict[tuple[str, int], list[str]] = {series: [] for series in needed}
    for attempt in count():
        missing = {series: number - len(claimed[series]) for series, number in needed.items()}
        drawn = {
            case_number(*series, _drawn(random, digits, attempt // _DRAWS)): series
            for series, number in missing.items()
            for _ in range(number)
        }
        if not drawn:
            return claimed
        # In one order, so that of two who draw the same numbers none waits for the other for ever.
        rows = connection.execute(
            "insert into claimed_number select * from unnest(%b::text[]) on conflict do nothing returning number",
            (sorted(drawn),),
        ).fetchall()
        for row in rows:
            claimed[drawn[row["number"]]].append(row["number"])
    raise AssertionError("there is always a longer number")


def _drawn(random: Random, digits: int, more: int) -> int:
    """A region's numbers begin with no 0, so that none is one of the nation's."""
    least = 0 if digits == NATIONAL_DIGITS else 10 ** (digits - 1)
    return least + random.randrange(10 ** (digits + more) - least)


def delete_unknown_reports(connection: Connection) -> list[UUID]:
    """Delete reports of which nothing is known but what was said to follow, seven days after that; gives their ids.

    Anyone can say "me too" to an id that is no report's.
    """
    rows = connection.execute(
        "with unknown as (select report_id from report where submitted_at is null and routed is null"
        "  and not exists (select from follow_up where follow_up.report_id = report.report_id"
        "   and (said_at > now() - %(after)s or kind = 'ErasureRequested'))"
        "  and exists (select from follow_up where follow_up.report_id = report.report_id)"
        "  order by report_id for update skip locked),"
        " gone as (delete from follow_up using unknown where follow_up.report_id = unknown.report_id)"
        " delete from report using unknown where report.report_id = unknown.report_id returning report.report_id",
        {"after": _UNKNOWN_FOR},
    ).fetchall()
    return sorted(row["report_id"] for row in rows)


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
            emergency_like=bool(row["emergency_like"]),
            continues=row["continues"],
        )
    if row["routed"] is not None:
        assignment = Assignment(routed=row["routed"], owner=owner_from(row), boundary_version=row["boundary_version"])
    return Report(report_id=row["report_id"], submission=said, assignment=assignment, handed_to=row["handed_to"])
