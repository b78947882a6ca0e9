"""The lists officers open: in pages, by status, number and id, and what is overdue."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from casework.access import Officer as Asker
from casework.desk import Desk
from casework.lists import PAGE, PAGE_QUERY, Wanted, asked
from chassis.postgres import Database
from contracts.base import Owner
from contracts.cases import CaseChange, Role
from contracts.clocks import Clock, ClockStarted, ClockStopped
from contracts.statuses import Status
from support.events import OPOLE, SUBMITTED, received, report_id
from support.officers import Officer

from casework import store

KATOWICE = Owner(garrison="KAT", unit="KMP-2469", unit_name="Komenda Miejska Policji w Katowicach")
Told = Callable[[], list[CaseChange]]


def test_a_list_is_read_to_its_end_page_by_page(
    coordinator: Officer, opened: Callable[..., None], service: Database
) -> None:
    opened(*range(1, 2 * PAGE + 6))
    with service.transaction() as connection:  # many at the same moment: the id decides then
        connection.execute("update cases set submitted_at = %s where unit = %s", (SUBMITTED, OPOLE.unit))
    found: list[str] = []
    params: dict[str, str] = {}
    while True:
        page = coordinator.client.get("/v1/cases", params=params, headers=coordinator.headers).json()
        found += [case["report_id"] for case in page["cases"]]
        if page["next"] is None:
            break
        params = {"next": page["next"]}
    assert found == sorted((str(report_id(number)) for number in range(1, 2 * PAGE + 6)), reverse=True)
    for odd in ("x", "AAAA", "e30", "WyIyMDI2LTExLTAyIiwieCJd"):
        answer = coordinator.client.get("/v1/cases", params={"next": odd}, headers=coordinator.headers)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "next")


def test_cases_are_found_by_status_by_number_and_by_id(coordinator: Officer, opened: Callable[..., None]) -> None:
    opened(1, 2)
    coordinator.did("take-up", number=2)
    assert coordinator.listed(status="verification") == [str(report_id(2))]
    assert coordinator.listed(status=["new", "verification"]) == [str(report_id(2)), str(report_id(1))]
    number = coordinator.card(1)["number"]
    assert coordinator.listed(q=number.lower()) == coordinator.listed(q=str(report_id(1))[:13]) == [str(report_id(1))]
    assert len(coordinator.listed(q="opo-26-0000")) == 2
    assert coordinator.listed(q="KAT") == []
    swapped = number[:-3] + str(9 - int(number[-3])) + number[-2:]
    answer = coordinator.client.get("/v1/cases", params={"q": swapped}, headers=coordinator.headers)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "q")
    for odd in ("%", "_", "a", "x" * 50, "a b"):
        answer = coordinator.client.get("/v1/cases", params={"q": odd}, headers=coordinator.headers)
        assert answer.status_code == 422


def clock_started(number: int, due_at: datetime, clock: Clock = Clock.TAKE_UP) -> ClockStarted:
    return ClockStarted(
        report_id=report_id(number),
        clock=clock,
        cycle=1,
        owner=OPOLE,
        started_at=SUBMITTED,
        due_at=due_at,
        terms="2016",
    )


def test_a_case_is_overdue_while_a_clock_runs_past_its_deadline(
    coordinator: Officer, opened: Callable[..., None], hear: Callable[..., None]
) -> None:
    opened(1, 2, 3, 4)
    past, future = datetime.now(UTC) - timedelta(hours=1), datetime.now(UTC) + timedelta(hours=1)
    late = clock_started(2, past)
    stopped = ClockStopped(
        report_id=report_id(2),
        clock=Clock.TAKE_UP,
        cycle=1,
        owner=OPOLE,
        started_at=SUBMITTED,
        due_at=past,
        terms="2016",
        stopped_at=past,
        outcome="met",
    )
    review = clock_started(4, past, Clock.REVIEW)  # a reminder, never a miss
    hear(*map(received, (clock_started(1, past), late, stopped, clock_started(3, future), review)))
    hear(received(late))
    assert coordinator.listed(overdue=True) == [str(report_id(1))]
    assert set(coordinator.listed(overdue=False)) == {str(report_id(number)) for number in (2, 3, 4)}
    assert (coordinator.card(1)["overdue"], coordinator.card(3)["overdue"]) == (True, False)
    assert coordinator.card(2)["clocks"][0]["outcome"] == "met"


QUESTIONS = [
    Wanted(),
    Wanted(statuses=[Status.NEW, Status.VERIFICATION]),
    Wanted(unit="U7"),
    Wanted(q="OPO-26-0012"),
    Wanted(q="abcdef"),
    Wanted(beyond=(SUBMITTED, report_id(1))),
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


def test_no_list_reads_every_case(desk: Desk, many: None) -> None:
    who = [
        Asker("a", Role.COORDINATOR, "G5", "U5"),
        Asker("a", Role.BEAT_OFFICER, "G5", "U5"),
        Asker("a", Role.GARRISON, "G5"),
        Asker("a", Role.HEADQUARTERS),
    ]
    for officer in who:
        for wanted in QUESTIONS:
            with desk.database.transaction() as connection:
                store.claim(connection, officer)
                query = f"explain {PAGE_QUERY}".encode()
                rows = connection.execute(query, asked(officer, wanted), prepare=False).fetchall()
            plan = "\n".join(row["QUERY PLAN"] for row in rows)
            assert "Seq Scan" not in plan, f"{officer.role} asking {wanted} reads all there is:\n{plan}"
