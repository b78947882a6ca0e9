"""The questions behind what officers see: a page of cases, one case with all its parts, how many are open."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.postgres import Connection
from contracts.base import Owner
from contracts.cases import Role
from contracts.statuses import OPEN, Status

from casework.access import Officer

PAGE = 50
Row = dict[str, Any]
_HEXADECIMAL = re.compile("[0-9A-Fa-f-]+")
# Only what can't leak is compared before row-level security has decided, so: ranges, where `like` would be a scan.
PAGE_QUERY = """
with page as (
    select * from cases
    where (merged_into is null or %(searched)s)
      -- Row-level security says the same; said here too, the index of the list is found.
      and (%(own_unit)s::text is null or unit = %(own_unit)s)
      and (%(own_garrison)s::text is null or garrison = %(own_garrison)s)
      and (%(unit)s::text is null or unit = %(unit)s)
      and (%(statuses)s::text[] is null or status = any(%(statuses)s))
      and (%(overdue)s::boolean is null or %(overdue)s = (report_id in (
          select report_id from clock where stopped_at is null and clock <> 'review' and due_at < now()
      )))
      and (%(number)s::text is null or number ~>=~ %(number)s::text and number ~<=~ (%(number)s || '~'))
      and (%(low)s::uuid is null or report_id between %(low)s::uuid and %(high)s::uuid)
      and (%(at)s::timestamptz is null or (submitted_at, report_id) < (%(at)s, %(id)s::uuid))
    order by submitted_at desc, report_id desc
    limit %(limit)s
)
select page.*, next.due_at, coalesce(next.due_at < now(), false) as overdue
from page
left join lateral (
    select min(due_at) as due_at from clock
    where clock.report_id = page.report_id and stopped_at is null and clock <> 'review'
) as next on true
order by submitted_at desc, report_id desc
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a list is asked for; None asks for nothing in particular. `beyond` is the place the page before ended."""

    statuses: Sequence[Status] | None = None
    overdue: bool | None = None
    unit: str | None = None
    q: str | None = None
    beyond: tuple[datetime, UUID] | None = None


def page(connection: Connection, officer: Officer, wanted: Wanted) -> list[Row]:
    """Up to one more than PAGE cases in the officer's sight, newest first, so that there is a next page shows.

    Cases that ended in others are found by `q` only. Overdue: the due time of a running clock has passed.
    """
    # A plan made once for all values of the question would use no index.
    rows = connection.execute(PAGE_QUERY, asked(officer, wanted), prepare=False).fetchall()
    return [_with_owner(row) for row in rows]


def asked(officer: Officer, wanted: Wanted) -> Row:
    """The values of PAGE_QUERY."""
    in_unit = officer.role in {Role.BEAT_OFFICER, Role.COORDINATOR}
    low, high = _id_range(wanted.q)
    return {
        "own_unit": officer.unit if in_unit else None,
        "own_garrison": officer.garrison if officer.role is Role.GARRISON else None,
        "unit": wanted.unit,
        "statuses": list(wanted.statuses) if wanted.statuses else None,
        "overdue": wanted.overdue,
        "searched": wanted.q is not None,
        "number": _number_prefix(wanted.q),
        "low": low,
        "high": high,
        "at": wanted.beyond[0] if wanted.beyond else None,
        "id": wanted.beyond[1] if wanted.beyond else None,
        "limit": PAGE + 1,
    }


def whole(connection: Connection, report_id: UUID) -> Row | None:
    """A case with history, checks, clocks, referrals and (for those who may) words; None where none is in sight."""
    row = connection.execute(
        "select cases.*, (select min(due_at) from clock where clock.report_id = cases.report_id"
        " and stopped_at is null and clock <> 'review') as due_at, now() as at from cases where report_id = %s",
        (report_id,),
    ).fetchone()
    if row is None:
        return None
    parts = {
        "history": "select version, what, at, role, officer, note, detail from history where report_id = %s"
        " order by entry",
        "checks": "select number, round, checked_at, officer, finding, note from site_check where report_id = %s"
        " order by number",
        "clocks": "select * from clock where report_id = %s order by started_at, clock, cycle",
        "referrals": "select * from referral where report_id = %s order by number",
        "words": "select description, photos, erased from words where report_id = %s",
    }
    found: Row = {name: connection.execute(query, (report_id,)).fetchall() for name, query in parts.items()}
    found["words"] = found["words"][0] if found["words"] else None
    return _with_owner(row) | found | {"overdue": row["due_at"] is not None and row["due_at"] < row["at"]}


def count_open(connection: Connection) -> dict[tuple[Status, str], int]:
    """How many cases are open, by status and garrison: a 0, too, where a garrison has open cases of another status."""
    # Spelled out as in the index of open cases, which is found only so.
    rows = connection.execute(
        "select status, garrison, count(*) as number from cases where merged_into is null and status in"
        " ('new', 'verification', 'confirmed', 'referred') group by status, garrison"
    ).fetchall()
    counted = {(Status(row["status"]), row["garrison"]): row["number"] for row in rows}
    garrisons = {garrison for _, garrison in counted}
    return {(status, garrison): counted.get((status, garrison), 0) for status in OPEN for garrison in garrisons}


def _with_owner(row: Row) -> Row:
    return row | {"owner": {name: row[name] for name in Owner.__struct_fields__}}


def _number_prefix(q: str | None) -> str | None:
    """How a case number begins, for what does not begin like an id: no garrison's code is all hexadecimal."""
    return None if q is None or _HEXADECIMAL.fullmatch(q) else q.upper()


def _id_range(q: str | None) -> tuple[str | None, str | None]:
    """The first and last id that begin so."""
    if q is None or not _HEXADECIMAL.fullmatch(q):
        return None, None
    digits = q.replace("-", "")[:32]
    return digits.ljust(32, "0"), digits.ljust(32, "f")
