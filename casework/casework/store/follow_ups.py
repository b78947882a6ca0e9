"""What citizens said after sending: a row per report, kind and sender."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from chassis.postgres import Connection, columns

from casework.domain.reports import RecordedFollowUp

Key = tuple[UUID, str, str]
"""Report, kind, sender."""


def read_follow_ups(
    connection: Connection, report_ids: Sequence[UUID], keys: Sequence[Key]
) -> dict[Key, RecordedFollowUp]:
    """The follow-ups of these reports that are not applied yet, and those of these keys that are known."""
    if not report_ids:
        return {}
    rows: list[dict[str, Any]] = connection.execute(
        "select report_id, kind, sender, said_at, cause, applied from follow_up"
        " where not applied and report_id = any(%b::uuid[])",
        (report_ids,),
    ).fetchall()
    if keys:
        rows += connection.execute(
            "select report_id, kind, sender, said_at, cause, applied from follow_up"
            " join unnest(%b::uuid[], %b::text[], %b::text[]) as read (report_id, kind, sender)"
            " using (report_id, kind, sender) where applied",
            columns(keys),
        ).fetchall()
    known = [RecordedFollowUp(**row) for row in rows]
    return {follow_up.key: follow_up for follow_up in known}


def upsert_follow_ups(connection: Connection, follow_ups: Sequence[RecordedFollowUp]) -> None:
    """Write follow-ups; of those that are known, that they are applied now."""
    if not follow_ups:
        return
    connection.execute(
        "insert into follow_up (report_id, kind, sender, said_at, cause, applied)"
        " select * from unnest(%b::uuid[], %b::text[], %b::text[], %b::timestamptz[], %b::uuid[], %b::boolean[])"
        " on conflict (report_id, kind, sender) do update set applied = excluded.applied or follow_up.applied",
        columns(
            (said.report_id, said.kind, said.sender, said.said_at, said.cause, said.applied) for said in follow_ups
        ),
    )
