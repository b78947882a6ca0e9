"""Every version of every case, for the timeline of a receipt."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from chassis.postgres import Connection, columns
from contracts.events.cases import Answer
from contracts.statuses import Status

from public_map.domain.timeline import CaseVersion, TimelineEntry


def insert_case_versions(connection: Connection, versions: Iterable[CaseVersion]) -> int:
    """Add versions of cases; returns how many were not known yet. Versions never change."""
    values = columns(_columns_of(version) for version in versions)
    if not values:
        return 0
    return connection.execute(
        "insert into case_version (report_id, version, status, at, checks, found, last_check_on, checked_on)"
        " select report_id, version, status, at, checks, found, last_check_on, string_to_array(days, ' ')::date[]"
        " from unnest(%b::uuid[], %b::int[], %b::text[], %b::timestamptz[], %b::int[], %b::int[], %b::date[],"
        " %b::text[]) as new (report_id, version, status, at, checks, found, last_check_on, days)"
        " order by 1, 2 on conflict do nothing",
        values,
    ).rowcount


def list_timeline_entries(connection: Connection, report_id: UUID) -> list[TimelineEntry]:
    """What the versions of a report's case add to its timeline, in their order."""
    rows = connection.execute(
        "select status, at, checks, found, last_check_on, checked_on from case_version where report_id = %b"
        " order by version",
        (report_id,),
    )
    return [_entry(row) for row in rows]


def _columns_of(version: CaseVersion) -> tuple[Any, ...]:
    answer = version.entry.answer
    decided: tuple[Any, ...] = (None, None, None, None)
    if answer:
        decided = answer.checks, answer.found, answer.last_check_on, " ".join(map(str, answer.checked_on))
    return version.report_id, version.version, version.entry.status.value, version.entry.at, *decided


def _entry(row: dict[str, Any]) -> TimelineEntry:
    answer = None
    if row["checks"] is not None:
        answer = Answer(
            checks=row["checks"],
            found=row["found"],
            last_check_on=row["last_check_on"],
            checked_on=tuple(row["checked_on"] or ()),
        )
    return TimelineEntry(Status(row["status"]), row["at"], answer)
