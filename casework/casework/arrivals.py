"""Reports on their way in: what the log says of each, in any order, until there is enough to open a case."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.kafka.messages import Received
from chassis.postgres import Connection
from chassis.telemetry import DUPLICATES
from contracts.base import HEADQUARTERS, Owner
from contracts.cases import CaseOpened, Role
from contracts.envelope import Envelope
from contracts.reports import ReportSubmitted, TimeOfDay
from contracts.routing import ReportRouted, ReportUnroutable, Routing
from contracts.statuses import OPEN, Status
from contracts.topics import CASEWORK

from casework.changes import after, opened, transferred
from casework.domain import Case
from casework.history import Made
from casework.numbers import case_number, year_of

Opening = tuple[Case, CaseOpened, Envelope | None]


def lock(connection: Connection, report_ids: Sequence[UUID]) -> None:
    """From here on (ids in order) nobody else hears of these reports until the transaction ends."""
    connection.execute(
        "insert into report (report_id) select unnest(%b::uuid[]) as id order by id on conflict do nothing",
        (report_ids,),
    )
    connection.execute("select from report where report_id = any(%b) order by report_id for update", (report_ids,))


def keep(connection: Connection, batch: Sequence[Received]) -> None:
    """Keep what is said of the reports; what was said first stays, so repeats change nothing."""
    submitted = [each.event for each in batch if isinstance(each.event, ReportSubmitted)]
    # A corrected place is routed again, but by then there is a case.
    routed = [
        each.event
        for each in batch
        if isinstance(each.event, ReportRouted | ReportUnroutable) and each.event.place_version == 0
    ]
    with connection.cursor() as cursor:
        cursor.executemany(
            "update report set category = %s, longitude = %s, latitude = %s, submitted_at = %s, occurred_at = %s,"
            " weekdays = %s::smallint[], time_of_day = %s where report_id = %s and submitted_at is null",
            [
                (
                    event.category,
                    event.longitude,
                    event.latitude,
                    event.submitted_at,
                    event.occurred_at,
                    list(event.weekdays),
                    event.time_of_day,
                    event.report_id,
                )
                for event in submitted
            ],
        )
        known = cursor.rowcount if submitted else 0
        cursor.executemany(
            "update report set routed = %s, boundary_version = %s, garrison = %s, unit = %s, unit_name = %s,"
            " station = %s, beat = %s, district = %s where report_id = %s and routed is null",
            [_answer(event) for event in routed],
        )
        known += cursor.rowcount if routed else 0
    connection.after_commit(DUPLICATES.labels(CASEWORK).inc, len(submitted) + len(routed) - known)


def openings(
    connection: Connection, report_ids: Sequence[UUID], batch: Sequence[Received], at: datetime
) -> list[Opening]:
    """A case for each of the reports that is submitted and routed (or known to be unroutable) and has none."""
    rows = connection.execute(
        "select report.* from report left join cases using (report_id) where report_id = any(%b)"
        " and report.submitted_at is not null and routed is not null and cases.report_id is null order by report_id",
        (report_ids,),
    ).fetchall()
    causes = {
        each.event.report_id: each.envelope for each in batch if isinstance(each.event, ReportSubmitted | Routing)
    }
    numbers = _take_numbers(connection, rows)
    made = []
    for row in rows:
        case = _case(row, next(numbers[row["garrison"], year_of(row["submitted_at"])]), at)
        event = opened(case, routed=row["routed"], boundary_version=row["boundary_version"])
        made.append((case, event, causes.get(case.report_id)))
    return made


def rerouted(cases: dict[UUID, Case], batch: Sequence[Received], at: datetime) -> list[Made]:
    """Transfers of the cases whose corrected place lies in another district; `cases` become what they are then.

    Only the answer to the newest correction counts, and only while nobody has transferred the case by hand since.
    """
    made = []
    for each in batch:
        event = each.event
        case = cases.get(event.report_id) if isinstance(event, ReportRouted) else None
        if not isinstance(event, ReportRouted) or case is None or event.place_version != case.place_pending:
            continue
        if case.status in OPEN and case.merged_into is None and event.owner != case.owner:
            made.append(Made(case, transferred(case, Role.SYSTEM, at, to=event.owner), cause=each.envelope))
            cases[case.report_id] = after(case, made[-1].event)
    return made


def _answer(event: ReportRouted | ReportUnroutable) -> tuple[Any, ...]:
    routed = isinstance(event, ReportRouted)
    owner: Owner = event.owner if isinstance(event, ReportRouted) else HEADQUARTERS
    return (
        routed,
        event.boundary_version if isinstance(event, ReportRouted) else None,
        owner.garrison,
        owner.unit,
        owner.unit_name,
        owner.station,
        owner.beat,
        owner.district,
        event.report_id,
    )


def _case(row: dict[str, Any], number: str, at: datetime) -> Case:
    return Case(
        report_id=row["report_id"],
        number=number,
        version=1,
        status=Status.NEW,
        round=1,
        category=row["category"],
        longitude=row["longitude"],
        latitude=row["latitude"],
        owner=Owner(**{name: row[name] for name in Owner.__struct_fields__}),
        supporters=0,
        submitted_at=row["submitted_at"],
        changed_at=at,
        occurred_at=row["occurred_at"],
        weekdays=tuple(row["weekdays"]),
        time_of_day=TimeOfDay(row["time_of_day"]) if row["time_of_day"] else None,
    )


def _take_numbers(connection: Connection, rows: Sequence[dict[str, Any]]) -> dict[tuple[str, int], Iterator[str]]:
    """As many case numbers as are needed, by garrison and year. A transaction undone gives its numbers back."""
    needed = Counter((row["garrison"], year_of(row["submitted_at"])) for row in rows)
    numbers = {}
    for (garrison, year), count in sorted(needed.items()):
        taken = connection.execute(
            "insert into number_sequence (garrison, year, last) values (%s, %s, %s) on conflict (garrison, year)"
            " do update set last = number_sequence.last + excluded.last returning last",
            (garrison, year, count),
        ).fetchone()
        assert taken is not None
        last: int = taken["last"]
        numbers[garrison, year] = iter([case_number(garrison, year, last - count + 1 + each) for each in range(count)])
    return numbers
