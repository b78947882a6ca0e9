"""Checks on site: the verification card of a case."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from chassis.postgres import Connection, columns
from contracts.events.cases import CheckRecorded

from casework.domain.checks import SiteCheck
from casework.domain.records import Transition


def insert_checks(connection: Connection, transitions: Sequence[Transition]) -> None:
    """Write the checks among the transitions, with who made them and their words, which the events don't carry."""
    rows = [
        (event.report_id, event.number, event.round, event.checked_at, change.officer, event.finding, change.note)
        + (change.key,)
        for change in transitions
        if isinstance(event := change.event, CheckRecorded)
    ]
    if rows:
        connection.execute(
            "insert into site_check (report_id, number, round, checked_at, officer, finding, note, key)"
            " select * from unnest(%b::uuid[], %b::integer[], %b::integer[], %b::timestamptz[], %b::text[],"
            " %b::text[], %b::text[], %b::text[])",
            columns(rows),
        )


def find_check(connection: Connection, report_id: UUID, officer: str, key: str) -> dict[str, Any] | None:
    """The check this officer recorded with a key: `checked_at`, `finding` and `note`."""
    return connection.execute(
        "select checked_at, finding, note from site_check where report_id = %s and officer = %s and key = %s",
        (report_id, officer, key),
    ).fetchone()


def list_checks(connection: Connection, report_id: UUID) -> list[SiteCheck]:
    """The checks of all rounds, in the order they were recorded."""
    rows = connection.execute(
        "select number, round, checked_at, finding from site_check where report_id = %s order by number",
        (report_id,),
    ).fetchall()
    return [SiteCheck(**row) for row in rows]
