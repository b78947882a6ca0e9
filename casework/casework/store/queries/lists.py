"""A page of cases, newest first, as officers filter it; and how many cases are open."""

import re
from typing import Any

from chassis.postgres import Connection
from contracts.statuses import OPEN, Status

from casework.domain.case import owner_from
from casework.domain.officers import SCOPES, CaseFilter, Officer, Scope

PAGE = 50
Row = dict[str, Any]
_HEXADECIMAL = re.compile("[0-9A-Fa-f-]+")
# Only what can't leak is compared before row-level security has decided, so: ranges, where `like` would be a scan.
_PAGE_QUERY = """
with page as (
    select * from cases
    where (merged_into is null or %(searched)s)
      -- Row-level security says the same; said here too, the index of the list is found.
      and (%(own_unit)s::text is null or unit = %(own_unit)s)
      and (%(own_garrison)s::text is null or garrison = %(own_garrison)s)
      and (%(garrison)s::text is null or garrison = %(garrison)s)
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
# The condition is that of the index of open cases, which is found only so.
_OPEN_QUERY = """
select status, garrison, count(*) as number from cases where is_open(status) and merged_into is null
group by status, garrison
"""


def list_cases(connection: Connection, officer: Officer, wanted: CaseFilter) -> list[Row]:
    """Up to one more than PAGE cases in the officer's sight, newest first, so that there is a next page shows.

    Cases that ended in others are found by `query` only. Overdue: the due time of a running clock has passed.
    """
    # A plan made once for all values of the question would use no index.
    rows = connection.execute(_PAGE_QUERY, _page_values(officer, wanted), prepare=False).fetchall()
    return [row | {"owner": owner_from(row)} for row in rows]


def count_open(connection: Connection) -> dict[tuple[Status, str], int]:
    """How many cases are open, by status and garrison: a 0, too, where a garrison has open cases of another status."""
    rows = connection.execute(_OPEN_QUERY).fetchall()
    counted = {(Status(row["status"]), row["garrison"]): row["number"] for row in rows}
    garrisons = {garrison for _, garrison in counted}
    return {(status, garrison): counted.get((status, garrison), 0) for status in OPEN for garrison in garrisons}


def _page_values(officer: Officer, wanted: CaseFilter) -> Row:
    """What _PAGE_QUERY is executed with."""
    scope = SCOPES[officer.role]
    low, high = _id_range(wanted.query)
    return {
        "own_unit": officer.unit if scope is Scope.UNIT else None,
        "own_garrison": officer.garrison if scope in (Scope.UNIT, Scope.GARRISON) else None,
        "garrison": wanted.garrison,
        "unit": wanted.unit,
        "statuses": list(wanted.statuses) if wanted.statuses else None,
        "overdue": wanted.overdue,
        "searched": wanted.query is not None,
        "number": _number_prefix(wanted.query),
        "low": low,
        "high": high,
        "at": wanted.after[0] if wanted.after else None,
        "id": wanted.after[1] if wanted.after else None,
        "limit": PAGE + 1,
    }


def _number_prefix(query: str | None) -> str | None:
    """How a case number begins, for what does not begin like an id: no garrison's code is all hexadecimal."""
    return None if query is None or _HEXADECIMAL.fullmatch(query) else query.upper()


def _id_range(query: str | None) -> tuple[str | None, str | None]:
    """The first and last id that begin so."""
    if query is None or not _HEXADECIMAL.fullmatch(query):
        return None, None
    digits = query.replace("-", "")[:32]
    return digits.ljust(32, "0"), digits.ljust(32, "f")
