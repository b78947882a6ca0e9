"""A page of cases as officers filter it; and how many cases are open.

Each list is read in its order from an index of the migration, from where the page before ended: it reads about as many
rows as it shows, however many there are.
"""

from typing import Any, LiteralString

from chassis.postgres import Connection
from contracts.statuses import OPEN, Status

from casework.domain.case import owner_from
from casework.domain.officers import SCOPES, CaseFilter, Officer, Order, Position, Scope

PAGE = 50
Row = dict[str, Any]
Condition = tuple[LiteralString, tuple[Any, ...]]
"""A condition in SQL, and the values in it. Only what can't leak is compared before row-level security has decided."""
_COLUMNS: LiteralString = (
    "report_id, number, version, status, category, longitude, latitude, garrison, unit, unit_name, station, beat,"
    " district, supporters, contested, submitted_at, changed_at, next_due_at, next_due_at as due_at,"
    " coalesce(next_due_at < now(), false) as overdue"
)


def list_cases(connection: Connection, officer: Officer, wanted: CaseFilter) -> list[Row]:
    """Up to one more than PAGE cases in the officer's sight, so that there is a next page shows.

    Newest first; what is overdue, that is open with a deadline of a running clock that has passed, by that deadline;
    what is searched by number or id, in the order of those. Cases that ended in others are found by `query` only.

    What is not asked for is not in the statement, and it is planned for these values. Each status is a query of its
    own with as many cases as a page has at most: of several statuses at once no index has an order.
    """
    conditions = [*_scope(officer, wanted), *_asked(wanted), *_beyond(wanted.order, wanted.after)]
    statuses = wanted.statuses or (sorted(OPEN) if wanted.order is Order.DUE else ())
    each: list[list[Condition]] = [[("status = %s", (status.value,))] for status in dict.fromkeys(statuses)]
    branches = [[*conditions, *of_status] for of_status in each or [[]]]
    falling = " desc" if wanted.order is Order.NEWEST else ""
    order = ", ".join(f"{field}{falling}" for field in wanted.order.value)
    ordered = f"order by {order} limit {PAGE + 1}"
    queries: list[LiteralString] = [
        f"(select {_COLUMNS} from cases where {' and '.join(words for words, _ in branch)} {ordered})"  # noqa: S608
        for branch in branches
    ]
    # Each of these has an index with its order. A bitmap has none: all that matches would be read, and sorted.
    connection.execute("select set_config('enable_bitmapscan', 'off', true)")
    rows = connection.execute(
        f"select * from ({' union all '.join(queries)}) as page {ordered}",  # noqa: S608 (fixed words)
        [value for branch in branches for _, values in branch for value in values],
        prepare=False,
    ).fetchall()
    return [row | {"owner": owner_from(row)} for row in rows]


def count_open(connection: Connection) -> dict[tuple[Status, str], int]:
    """How many cases are open, by status and garrison: a 0, too, where a garrison has open cases of another status."""
    rows = connection.execute(
        "select status, garrison, count(*) as number from cases where status = any(%s) and merged_into is null"
        " group by status, garrison",
        ([status.value for status in OPEN],),
    ).fetchall()
    counted = {(Status(row["status"]), row["garrison"]): row["number"] for row in rows}
    garrisons = {garrison for _, garrison in counted}
    return {(status, garrison): counted.get((status, garrison), 0) for status in OPEN for garrison in garrisons}


def _scope(officer: Officer, wanted: CaseFilter) -> list[Condition]:
    """Row-level security says the same of the officer; said here too, the index of the list is found."""
    scope = SCOPES[officer.role]
    garrisons = [officer.garrison if scope in (Scope.UNIT, Scope.GARRISON) else None, wanted.garrison]
    units = [officer.unit if scope is Scope.UNIT else None, wanted.unit]
    return [
        *(("garrison = %s", (garrison,)) for garrison in garrisons if garrison is not None),
        *(("unit = %s", (unit,)) for unit in units if unit is not None),
    ]


def _asked(wanted: CaseFilter) -> list[Condition]:
    conditions: list[Condition] = []
    if wanted.overdue is not None:
        passed: LiteralString = "next_due_at < now()"
        conditions.append((passed if wanted.overdue else f"({passed}) is not true", ()))
    if wanted.query is None:
        return [*conditions, ("merged_into is null", ())]
    if wanted.order is Order.ID:
        digits = wanted.query.replace("-", "")[:32]
        return [*conditions, ("report_id between %s and %s", (digits.ljust(32, "0"), digits.ljust(32, "f")))]
    number = wanted.query.upper()
    return [*conditions, ("number between %s and %s", (number, f"{number}~"))]


def _beyond(order: Order, position: Position | None) -> list[Condition]:
    """What comes after a position. It has all that the list is sorted by."""
    if position is None:
        return []
    values = tuple(getattr(position, field) for field in order.value)
    than = "<" if order is Order.NEWEST else ">"
    return [(f"({', '.join(order.value)}) {than} ({', '.join('%s' for _ in values)})", values)]
