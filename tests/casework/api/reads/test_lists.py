"""The lists officers open: in pages, by status, number and id, and what is overdue."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from casework.store.queries.lists import PAGE
from chassis.postgres import Database
from contracts.events.clocks import Clock, ClockStarted, ClockStopped, DeadlineEscalated, DeadlineMissed
from support.casework.officers import Officer
from support.events import OPOLE, SUBMITTED, received, report_id


def test_a_list_is_read_to_its_end_page_by_page(
    coordinator: Officer, open_cases: Callable[..., None], service: Database
) -> None:
    open_cases(*range(1, 2 * PAGE + 6))
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


def test_a_cursor_of_another_list_is_refused(
    coordinator: Officer, open_cases: Callable[..., None], service: Database
) -> None:
    open_cases(*range(1, PAGE + 2))
    with service.transaction() as connection:
        connection.execute("update cases set next_due_at = now() - interval '1 hour'")
    orders: dict[str, dict[str, Any]] = {"newest": {}, "due": {"overdue": True}, "number": {"q": "OPO-26"}}

    def get(**params: Any) -> Any:
        return coordinator.client.get("/v1/cases", params=params, headers=coordinator.headers)

    cursors = {name: get(**params).json()["next"] for name, params in orders.items()}
    for name, params in orders.items():
        for of, cursor in cursors.items():
            answer = get(**params, next=cursor)
            assert answer.status_code == (200 if of == name else 422), (name, of)
            if of == name:
                assert len(answer.json()["cases"]) == 1


def test_cases_are_found_by_status_by_number_and_by_id(coordinator: Officer, open_cases: Callable[..., None]) -> None:
    open_cases(1, 2)
    coordinator.change("take-up", number=2)
    assert coordinator.list_cases(status="verification") == [str(report_id(2))]
    assert coordinator.list_cases(status=["new", "verification"]) == [str(report_id(2)), str(report_id(1))]
    number = coordinator.detail(1)["number"]
    assert (
        coordinator.list_cases(q=number.lower())
        == coordinator.list_cases(q=str(report_id(1))[:13])
        == [str(report_id(1))]
    )
    assert len(coordinator.list_cases(q="opo-26-")) == 2
    assert coordinator.list_cases(q="KAT") == []
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
    coordinator: Officer, open_cases: Callable[..., None], consume: Callable[..., None]
) -> None:
    open_cases(1, 2, 3, 4)
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
    consume(*map(received, (clock_started(1, past), late, stopped, clock_started(3, future), review)))
    consume(received(late))
    assert coordinator.list_cases(overdue=True) == [str(report_id(1))]
    assert set(coordinator.list_cases(overdue=False)) == {str(report_id(number)) for number in (2, 3, 4)}
    assert (coordinator.detail(1)["overdue"], coordinator.detail(3)["overdue"]) == (True, False)
    assert coordinator.detail(2)["clocks"][0]["outcome"] == "met"


def test_a_miss_and_escalations_that_were_taken_back_are_not_shown(
    coordinator: Officer, open_cases: Callable[..., None], consume: Callable[..., None]
) -> None:
    open_cases(1)
    clock: dict[str, Any] = msgspec.structs.asdict(clock_started(1, SUBMITTED + timedelta(days=2)))
    consume(
        received(DeadlineMissed(**clock)),
        received(DeadlineEscalated(**clock, to="garrison")),
        received(DeadlineEscalated(**clock, to="headquarters")),
    )
    stop: dict[str, Any] = {"stopped_at": SUBMITTED, "outcome": "missed"}

    def shown() -> tuple[bool, str | None]:
        (card,) = coordinator.detail(1)["clocks"]
        return card["missed"], card["escalated_to"]

    assert shown() == (True, "headquarters")
    consume(received(ClockStopped(**clock, **stop, withdraws_escalations=("headquarters",))))
    assert shown() == (True, "garrison")
    taken_back = {
        **stop,
        "outcome": "met",
        "withdraws_miss": True,
        "withdraws_escalations": ("garrison", "headquarters"),
    }
    consume(received(ClockStopped(**clock, **taken_back)))
    assert shown() == (False, None)
