"""The queries behind the lists: they read no more cases than they show, whoever asks for whatever."""

from typing import Any

import pytest
from casework.domain.officers import CaseFilter, Officer
from casework.store.identity import set_identity
from casework.store.queries.lists import count_open, list_cases
from chassis.postgres import Connection, Database
from contracts.events.cases import Role
from contracts.statuses import Status
from support.events import SUBMITTED, report_id

FILTERS = [
    CaseFilter(),
    CaseFilter(statuses=[Status.NEW, Status.VERIFICATION]),
    CaseFilter(unit="U7"),
    CaseFilter(query="OPO-26-0012"),
    CaseFilter(query="abcdef"),
    CaseFilter(after=(SUBMITTED, report_id(1))),
]


@pytest.fixture
def many(service: Database) -> None:
    """Ten thousand cases in 340 units, most of them long closed."""
    with service.transaction() as connection:
        connection.execute(
            "insert into cases (report_id, number, version, status, round, category, longitude, latitude, garrison,"
            " unit, unit_name, supporters, submitted_at, changed_at, weekdays) select gen_random_uuid(),"
            " 'OPO-26-' || lpad(n::text, 6, '0') || '-X', 1, case when n % 50 = 0 then 'new' else 'eliminated' end, 1,"
            " 'parking', 17, 50, 'G' || n % 17, 'U' || n % 340, 'x', 0, now() - n * interval '1 minute', now(), '{}'"
            " from generate_series(1, 10000) as n"
        )
        connection.execute(
            "insert into clock (report_id, clock, cycle, started_at, due_at, stopped_at) select report_id, 'take-up',"
            " 1, submitted_at, submitted_at, case when status <> 'new' then now() end from cases"
        )
        connection.execute("analyze cases, clock")


class Explaining:
    """A connection that keeps the plan of the query it executes."""

    def __init__(self, connection: Connection) -> None:
        self._connection, self.plan = connection, ""

    def execute(self, query: str, values: Any = None, **more: Any) -> Any:
        rows = self._connection.execute(f"explain {query}".encode(), values, **more).fetchall()
        self.plan = "\n".join(row["QUERY PLAN"] for row in rows)
        return self._connection.execute(query.encode(), values, **more)


def test_no_list_reads_every_case(api_role: Database, many: None) -> None:
    who = [
        Officer("a", Role.COORDINATOR, "G5", "U5"),
        Officer("a", Role.BEAT_OFFICER, "G5", "U5"),
        Officer("a", Role.GARRISON, "G5"),
        Officer("a", Role.HEADQUARTERS),
    ]
    for officer in who:
        for wanted in FILTERS:
            with api_role.transaction() as connection:
                set_identity(connection, officer)
                explaining: Any = Explaining(connection)
                list_cases(explaining, officer, wanted)
            assert explaining.plan
            assert "Seq Scan" not in explaining.plan, f"{officer.role}, {wanted}, reads all:\n{explaining.plan}"


def test_counting_the_open_cases_reads_no_closed_ones(service: Database, many: None) -> None:
    with service.transaction() as connection:
        explaining: Any = Explaining(connection)
        assert sum(count_open(explaining).values()) == 200
    assert "cases_open" in explaining.plan, explaining.plan
