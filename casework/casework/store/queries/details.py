"""One case with everything that is known of it."""

from typing import Any
from uuid import UUID

from chassis.postgres import Connection
from contracts.events.clocks import Clock, ClockState

from casework.domain.case import owner_from
from casework.store.cases import FIELDS
from casework.store.clocks import COLUMNS


def read_case_detail(connection: Connection, report_id: UUID) -> dict[str, Any] | None:
    """A case's row with owner, next deadline (`due_at`, `overdue`), history, checks, clocks, referrals, the cases
    before and after it and, for those who may read them, words; None where no such case is in sight.
    """
    row = connection.execute(
        f"select {FIELDS}, next_due_at as due_at, coalesce(next_due_at < now(), false) as overdue from cases"  # noqa: S608
        " where report_id = %s",
        (report_id,),
    ).fetchone()
    if row is None:
        return None
    parts = {
        "history": "select version, what, at, role, officer, note, detail from history where report_id = %s"
        " order by entry",
        "checks": "select number, round, checked_at, officer, finding, note from site_check where report_id = %s"
        " order by number",
        "clocks": f"select {COLUMNS} from clock where report_id = %s order by started_at, clock, cycle",  # noqa: S608
        "referrals": "select referral_id, number, agency, made_at, acknowledged_at, ended_at, outcome,"
        " responsible_agency from referral where report_id = %s order by number",
        # Also what is said of a report whose case ended in this one; until it is read with which follow-up, unnamed.
        "said_after": "select coalesce(what, '') as what, at as said_at, (detail ->> 'question')::integer as question,"
        " text from (select %s::uuid as report_id) as asked"
        " join cases on cases.report_id = asked.report_id or cases.merged_into = asked.report_id"
        " join follow_up_words on follow_up_words.report_id = cases.report_id"
        " left join history on history.cause = follow_up"
        " and history.report_id in (asked.report_id, follow_up_words.report_id)"
        " order by history.entry, follow_up",
        "later": "select report_id, number, status from cases where continues = %s order by submitted_at desc limit 20",
        "words": "select description, photos, erased from words where report_id = %s",
    }
    found: dict[str, Any] = {name: connection.execute(query, (report_id,)).fetchall() for name, query in parts.items()}
    found["earlier"] = connection.execute(
        "select report_id, number, status from cases where report_id = %s", (row["continues"],)
    ).fetchone()
    found["clocks"] = [_standing(clock) for clock in found["clocks"]]
    found["words"] = found["words"][0] if found["words"] else None
    return row | {"owner": owner_from(row)} | found


def find_photo(connection: Connection, report_id: UUID, number: int) -> str | None:
    """What a report's nth photo is called in its store; None where there is none, or whose words may not be read."""
    row = connection.execute(
        "select photos[%s::int] as name from words where report_id = %s", (number, report_id)
    ).fetchone()
    return row["name"] if row else None


def _standing(row: dict[str, Any]) -> dict[str, Any]:
    """A clock's row with what was said of it and not taken back."""
    clock = ClockState(**{**row, "clock": Clock(row["clock"])})
    return row | {"missed": clock.stands_missed, "escalated_to": clock.stands_escalated_to}
