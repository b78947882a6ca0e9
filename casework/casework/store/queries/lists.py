"""A page of cases as officers filter it; and how many cases are open.

Each list is read in its order from an index of the migration, from where the page before ended: it reads about as many
rows as it shows, however many there are.
"""

from collections.abc import Generator
from typing import Any, LiteralString

from chassis.postgres import Connection
from contracts.statuses import CLOSED, OPEN, Status

from casework.domain.case import owner_from
from casework.domain.officers import SCOPES, CaseFilter, Officer, Order, Position, Scope

PAGE = 50
AT_ONCE = 500
"""Cases an export takes at a time: some 300 kB."""
Row = dict[str, Any]
Condition = tuple[LiteralString, tuple[Any, ...]]
"""A condition in SQL, and the values in it. Only what can't leak is compared before row-level security has decided."""
_DUE_ORDER: LiteralString = (
    f"(case when contested or (emergency_like and status = '{Status.NEW}') then '2000-01-01 00:00:00+00'::timestamptz"
    " when next_due_at is null then '2099-12-31 00:00:00+00'::timestamptz else next_due_at end)"
)
"""The place in the queue, word for word as its indexes have it."""
SUMMARY: LiteralString = (
    "report_id, number, version, status, category, longitude, latitude, garrison, unit, unit_name, station, beat,"
    " district, supporters, contested, emergency_like, questions, answered, withdrawn, submitted_at, changed_at,"
    " next_due_at, next_due_at as due_at,"
    " coalesce(next_due_at < now(), false) as overdue"
)
"""The columns of a case in a list."""


def list_cases(connection: Connection, officer: Officer, wanted: CaseFilter) -> list[Row]:
    """Up to one more than PAGE cases in the officer's sight, so that there is a next page shows.

    Newest first; the queue by what is due next, contested and emergency-like first, and what is overdue, that is open
    with a deadline of a running clock that has passed, in that order; what is searched by number or id, in the order
    of those. Cases that ended in others are found by `query` only.

    What is not asked for is not in the statement, and it is planned for these values. Each status is a query of its
    own with as many cases as a page has at most: of several statuses at once no index has an order.
    """
    statement = _statement(officer, wanted, PAGE + 1)
    if statement is None:
        return []
    # Each of these has an index with its order. A bitmap has none: all that matches would be read, and sorted.
    connection.execute("select set_config('enable_bitmapscan', 'off', true)")
    rows = connection.execute(*statement, prepare=False).fetchall()
    return [row | {"owner": owner_from(row)} for row in rows]


def list_all_cases(connection: Connection, officer: Officer, wanted: CaseFilter) -> Generator[list[Row], None, None]:
    """All of them in the order of the list, some at a time as they are taken: they are never together in memory.

    They are as they were when the first was asked for.
    """
    statement = _statement(officer, wanted, None)
    if statement is None:
        return
    with connection.cursor(name="export") as cursor:
        cursor.execute(*statement)
        while rows := cursor.fetchmany(AT_ONCE):
            yield rows


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


def _statement(officer: Officer, wanted: CaseFilter, limit: int | None) -> tuple[LiteralString, list[Any]] | None:
    """What asks for a list, and the values in it; None where nothing can be in it."""
    conditions = [*_scope(officer, wanted), *_asked(wanted), *_beyond(wanted.order, wanted.after)]
    branches = [[*conditions, *of_status] for of_status in _statuses(wanted)]
    falling = " desc" if wanted.order is Order.NEWEST else ""
    order = ", ".join(f"{field}{falling}" for field in wanted.order.value)
    ordered: LiteralString = f"order by {order}" + ("" if limit is None else f" limit {limit}")
    columns = f"{SUMMARY}, {_DUE_ORDER} as due_order" if wanted.order is Order.DUE else SUMMARY
    queries: list[LiteralString] = [
        f"(select {columns} from cases where {' and '.join(words for words, _ in branch) or 'true'} {ordered})"  # noqa: S608
        for branch in branches
    ]
    if not queries:
        return None
    values = [value for branch in branches for _, values in branch for value in values]
    return f"select * from ({' union all '.join(queries)}) as page {ordered}", values  # noqa: S608 (fixed words)


def _scope(officer: Officer, wanted: CaseFilter) -> list[Condition]:
    """Row-level security says the same of the officer; said here too, the index of the list is found."""
    scope = SCOPES[officer.role]
    garrisons = [officer.garrison if scope in (Scope.UNIT, Scope.GARRISON) else None, wanted.garrison]
    units = [officer.unit if scope is Scope.UNIT else None, wanted.unit]
    return [
        *(("garrison = %s", (garrison,)) for garrison in garrisons if garrison is not None),
        *(("unit = %s", (unit,)) for unit in units if unit is not None),
    ]


def _statuses(wanted: CaseFilter) -> list[list[Condition]]:
    """What each query of a list asks of the status: in the queue, closed cases are those that are contested."""
    asked = list(dict.fromkeys(wanted.statuses or ()))
    if wanted.order is not Order.DUE:
        return [[("status = %s", (status.value,))] for status in asked] or [[]]
    found: list[list[Condition]] = [
        [("status = %s", (status.value,))] for status in asked or sorted(OPEN) if status in OPEN
    ]
    contested: list[list[Condition]] = [
        [("status = %s", (status.value,)), ("contested", ())] for status in asked or sorted(CLOSED) if status in CLOSED
    ]
    return found if wanted.overdue else found + contested


def _asked(wanted: CaseFilter) -> list[Condition]:
    conditions: list[Condition] = []
    if wanted.beat is not None:
        conditions.append(("beat = %s", (wanted.beat,)))
    if wanted.category is not None:
        conditions.append(("category = %s", (wanted.category,)))
    if wanted.overdue is not None:
        passed: LiteralString = "next_due_at < now()"
        conditions.append((passed if wanted.overdue else f"({passed}) is not true", ()))
    if wanted.overdue:  # the same, as its index has it
        conditions.append((f"{_DUE_ORDER} < now()", ()))
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
    fields = ", ".join(_DUE_ORDER if field == "due_order" else field for field in order.value)
    return [(f"({fields}) {than} ({', '.join('%s' for _ in values)})", values)]
