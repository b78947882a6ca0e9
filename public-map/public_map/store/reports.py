"""Reports as they are known, one row each, locked while a batch changes them."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from chassis.postgres import Connection, columns
from contracts.statuses import Status

from public_map.domain.reports import (
    CaseState,
    Continuation,
    ImportedState,
    Report,
    ResponsibleUnit,
    RoutedUnit,
    Submission,
)

_COLUMNS = (
    "report_id, submitted_at, submitted_category, receipt_sha256, routed_place_version, routed_garrison, routed_unit,"
    " routed_unit_name, version, status, case_number, category, case_submitted_at, garrison, unit, unit_name,"
    " supporters, merged_into, merged_into_number, precision_m, imported_version, imported_digest"
)


def lock_reports(connection: Connection, report_ids: Iterable[UUID]) -> dict[UUID, Report]:
    """What is known of reports, each locked until the transaction ends; of a new one nothing is known."""
    wanted = sorted(set(report_ids))
    connection.execute(
        "insert into report (report_id) select * from unnest(%b::uuid[]) on conflict do nothing", (wanted,)
    )
    rows = connection.execute(
        f"select {_COLUMNS} from report where report_id = any(%b::uuid[])"  # noqa: S608 (fixed words)
        " order by report_id for update",
        (wanted,),
    )
    return {row["report_id"]: _report(row) for row in rows}


def find_report(connection: Connection, receipt_sha256: str) -> Report | None:
    """The report of a receipt, by the SHA-256 of it in hexadecimal; None where there is none (yet)."""
    row = connection.execute(
        f"select {_COLUMNS} from report where receipt_sha256 = %b",  # noqa: S608 (fixed words)
        (receipt_sha256,),
    ).fetchone()
    return _report(row) if row else None


def update_reports(connection: Connection, reports: Iterable[Report]) -> None:
    """Write what is known now of reports that `lock_reports` locked."""
    values = columns(_columns_of(report) for report in reports)
    if not values:
        return
    connection.execute(
        "update report set submitted_at = new.submitted_at, submitted_category = new.submitted_category,"
        " receipt_sha256 = new.receipt_sha256, routed_place_version = new.routed_place_version,"
        " routed_garrison = new.routed_garrison, routed_unit = new.routed_unit,"
        " routed_unit_name = new.routed_unit_name, version = new.version, status = new.status,"
        " case_number = new.case_number, category = new.category, case_submitted_at = new.case_submitted_at,"
        " garrison = new.garrison, unit = new.unit, unit_name = new.unit_name, supporters = new.supporters,"
        " merged_into = new.merged_into, merged_into_number = new.merged_into_number, precision_m = new.precision_m,"
        " imported_version = new.imported_version, imported_digest = new.imported_digest"
        " from unnest(%b::uuid[], %b::timestamptz[], %b::text[], %b::text[], %b::int[], %b::text[], %b::text[],"
        " %b::text[], %b::int[], %b::text[], %b::text[], %b::text[], %b::timestamptz[], %b::text[], %b::text[],"
        " %b::text[], %b::int[], %b::uuid[], %b::text[], %b::int[], %b::int[], %b::text[])"
        " as new (report_id, submitted_at, submitted_category, receipt_sha256, routed_place_version, routed_garrison,"
        " routed_unit, routed_unit_name, version, status, case_number, category, case_submitted_at, garrison, unit,"
        " unit_name, supporters, merged_into, merged_into_number, precision_m, imported_version, imported_digest)"
        " where report.report_id = new.report_id",
        values,
    )


def _report(row: dict[str, Any]) -> Report:
    submission = routed = case = continues_as = imported = None
    if row["submitted_at"] is not None:
        submission = Submission(row["submitted_at"], row["submitted_category"], row["receipt_sha256"])
    if row["routed_place_version"] is not None:
        responsible = ResponsibleUnit(row["routed_garrison"], row["routed_unit"], row["routed_unit_name"])
        routed = RoutedUnit(row["routed_place_version"], responsible)
    if row["version"] is not None:
        case = CaseState(
            version=row["version"],
            status=Status(row["status"]),
            case_number=row["case_number"],
            category=row["category"],
            submitted_at=row["case_submitted_at"],
            responsible=ResponsibleUnit(row["garrison"], row["unit"], row["unit_name"]),
            supporters=row["supporters"],
        )
    if row["merged_into"] is not None:
        continues_as = Continuation(row["merged_into"], row["merged_into_number"])
    if row["imported_version"] is not None:
        imported = ImportedState(row["imported_version"], row["imported_digest"])
    return Report(row["report_id"], submission, routed, case, continues_as, row["precision_m"], imported)


def _columns_of(report: Report) -> tuple[Any, ...]:
    sent, routed, case, into = report.submission, report.routed, report.case, report.continues_as
    by_routing, by_case = routed and routed.responsible, case and case.responsible
    return (
        report.report_id,
        *((sent.submitted_at, sent.category, sent.receipt_sha256) if sent else _nulls(3)),
        routed and routed.place_version,
        *((by_routing.garrison, by_routing.unit, by_routing.unit_name) if by_routing else _nulls(3)),
        *((case.version, case.status.value, case.case_number, case.category, case.submitted_at) if case else _nulls(5)),
        *((by_case.garrison, by_case.unit, by_case.unit_name) if by_case else _nulls(3)),
        case and case.supporters,
        *((into.report_id, into.case_number) if into else _nulls(2)),
        report.precision_m,
        *((report.imported.version, report.imported.digest) if report.imported else _nulls(2)),
    )


def _nulls(count: int) -> tuple[None, ...]:
    return (None,) * count
