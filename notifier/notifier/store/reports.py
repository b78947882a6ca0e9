"""Reports and their citizens' contacts: one row each, locked while a batch or a citizen changes it."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
from chassis.postgres import Connection, columns

from notifier.domain.notices import Notice
from notifier.domain.reports import Contact, Report

_NOTICE = msgspec.json.Decoder(Notice)
_COLUMNS = (
    "report_id, submitted, category, case_number, unit, unit_name, version, closed, verify_by, citizen_notice,"
    " merged_into, followed_from, followed_notice, contact_sealed, contact_language, contact_cause, contact_given_at,"
    " contact_confirmed_at, contact_erased_at"
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


def lock_reports_and_followers(connection: Connection, report_ids: Iterable[UUID]) -> dict[UUID, Report]:
    """The same, with all that follow them since their cases were merged, however many mergers away."""
    wanted = set(report_ids)
    while True:
        known = lock_reports(connection, wanted)
        # Asked once they are locked, because a follower may have come while that was waited for.
        rows = connection.execute(
            "with recursive follower as (select unnest(%b::uuid[]) as report_id union"
            " select report.report_id from report join follower on report.merged_into = follower.report_id)"
            " select report_id from follower",
            (sorted(wanted),),
        )
        wanted = {row["report_id"] for row in rows}
        if wanted == known.keys():
            return known


def update_reports(connection: Connection, reports: Iterable[Report]) -> None:
    """Write what is known now of reports that `lock_reports` locked."""
    values = columns(_columns_of(report) for report in reports)
    if not values:
        return
    connection.execute(
        "update report set submitted = new.submitted, category = new.category, case_number = new.case_number,"
        " unit = new.unit, unit_name = new.unit_name, version = new.version, closed = new.closed,"
        " verify_by = new.verify_by, citizen_notice = new.citizen_notice, merged_into = new.merged_into,"
        " followed_from = new.followed_from, followed_notice = new.followed_notice,"
        " contact_sealed = new.sealed, contact_language = new.language, contact_cause = new.cause,"
        " contact_given_at = new.given_at, contact_confirmed_at = new.confirmed_at,"
        " contact_erased_at = case when new.erased then coalesce(report.contact_erased_at, now()) end"
        " from unnest(%b::uuid[], %b::boolean[], %b::text[], %b::text[], %b::text[], %b::text[], %b::integer[],"
        " %b::boolean[], %b::timestamptz[], %b::text[], %b::uuid[], %b::integer[], %b::text[], %b::text[],"
        " %b::text[], %b::uuid[], %b::timestamptz[], %b::timestamptz[], %b::boolean[])"
        " as new (report_id, submitted, category, case_number, unit, unit_name, version, closed, verify_by,"
        " citizen_notice, merged_into, followed_from, followed_notice, sealed, language, cause, given_at,"
        " confirmed_at, erased)"
        " where report.report_id = new.report_id",
        values,
    )


def list_finished_contacts(connection: Connection, confirm_within: timedelta) -> list[UUID]:
    """Up to 500 reports whose contact has served: never confirmed in time, or the case closed and that delivered."""
    rows = connection.execute(
        "select report_id from report where contact_sealed is not null and ("
        " contact_confirmed_at is null and (closed or contact_given_at < now() - %s)"
        " or contact_confirmed_at is not null and closed and not exists (select from notice"
        "  left join delivery using (delivery_id) where notice.report_id = report.report_id"
        "  and notice.audience = 'citizen' and notice.cancelled is null"
        "  and (delivery.state is null or delivery.state in ('pending', 'sending'))))"
        " order by report_id limit 500",
        (confirm_within,),
    )
    return [row["report_id"] for row in rows]


def _columns_of(report: Report) -> tuple[Any, ...]:
    contact, erased = report.contact or Contact(), report.contact is not None and report.contact.erased
    return (
        (report.report_id, report.submitted, report.category, report.case_number, report.unit, report.unit_name)
        + (report.version, report.closed, report.verify_by, _encoded(report.citizen_notice), report.merged_into)
        + (report.followed_from, _encoded(report.followed_notice), contact.sealed, contact.language, contact.cause)
        + (contact.given_at, contact.confirmed_at, erased)
    )


def _encoded(notice: Notice | None) -> str | None:
    return msgspec.json.encode(notice).decode() if notice else None


def _decoded(notice: str | None) -> Notice | None:
    return _NOTICE.decode(notice) if notice else None


def _report(row: dict[str, Any]) -> Report:
    contact = None
    if row["contact_sealed"] is not None or row["contact_erased_at"] is not None:
        contact = Contact(
            sealed=row["contact_sealed"],
            language=row["contact_language"],
            cause=row["contact_cause"],
            given_at=row["contact_given_at"],
            confirmed_at=row["contact_confirmed_at"],
        )
    fields = (
        "report_id",
        "submitted",
        "category",
        "case_number",
        "unit",
        "unit_name",
        "version",
        "closed",
        "verify_by",
        "merged_into",
        "followed_from",
    )
    return Report(
        **{field: row[field] for field in fields},
        citizen_notice=_decoded(row["citizen_notice"]),
        followed_notice=_decoded(row["followed_notice"]),
        contact=contact,
    )
