"""What each unit in sight has to do, and how late it is: counted from the indexes of what is open."""

from typing import Any

from chassis.postgres import Connection
from contracts.statuses import OPEN

from casework.domain.officers import SCOPES, Officer, Scope


def list_workload(connection: Connection, officer: Officer) -> list[dict[str, Any]]:
    """For each unit with something to do: how many cases it has by status, how many are contested, how many overdue,
    and the deadline that passed first.
    """
    # Row-level security says the same; said here too, the index of a unit or a garrison is found.
    scope = SCOPES[officer.role]
    return connection.execute(
        "select garrison, unit, max(unit_name) as unit_name,"
        " count(*) filter (where status = %(new)s) as new,"
        " count(*) filter (where status = %(verification)s) as verification,"
        " count(*) filter (where status = %(confirmed)s) as confirmed,"
        " count(*) filter (where status = %(referred)s) as referred,"
        " count(*) filter (where contested) as contested,"
        " count(*) filter (where next_due_at < now()) as overdue,"
        " min(next_due_at) filter (where next_due_at < now()) as overdue_since"
        " from cases where merged_into is null"
        " and (status = any(%(open)s) or contested)"
        " and (%(garrison)s::text is null or garrison = %(garrison)s) and (%(unit)s::text is null or unit = %(unit)s)"
        " group by garrison, unit order by overdue desc, overdue_since, garrison, unit",
        {
            **{status.value: status.value for status in OPEN},
            "open": [status.value for status in OPEN],
            "garrison": None if scope is Scope.COUNTRY else officer.garrison,
            "unit": officer.unit if scope is Scope.UNIT else None,
        },
        prepare=False,
    ).fetchall()
