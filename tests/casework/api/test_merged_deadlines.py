"""What officers see of a deadline that a case took over from one that ended in it: at once, and never a later one."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from contracts.events.cases import CaseChange
from contracts.events.clocks import Clock, ClockStarted, ClockStopped, DeadlineApproaching
from contracts.policy.terms import policy
from contracts.statuses import Status
from support.casework.officers import Officer
from support.events import OPOLE, received, report_id

TERMS = policy()


def due(clock: Clock, since: datetime) -> datetime:
    return TERMS.terms_at(since).due_at(clock, "parking", since)


def of_clock(number: int, clock: Clock, since: datetime, due_at: datetime | None = None) -> dict[str, Any]:
    return {
        "report_id": report_id(number),
        "clock": clock,
        "cycle": 1,
        "owner": OPOLE,
        "started_at": since,
        "due_at": due_at or due(clock, since),
        "terms": "2016",
    }


def shown(officer: Officer, number: int) -> set[datetime]:
    """Every deadline of a case that an officer sees of what runs: in the case, on its clocks, in the list."""
    detail = officer.detail(number)
    listed = officer.client.get("/v1/cases", params={"q": detail["number"]}, headers=officer.headers).json()["cases"]
    clocks = [clock["due_at"] for clock in detail["clocks"] if clock["stopped_at"] is None]
    return {datetime.fromisoformat(at) for at in (detail["due_at"], listed[0]["due_at"], *clocks)}


@pytest.mark.parametrize("read", ["before", "after"])
@pytest.mark.parametrize("status", [Status.NEW, Status.VERIFICATION])
def test_the_older_promise_is_seen_as_soon_as_the_cases_are_merged(
    coordinator: Officer,
    open_cases: Callable[..., None],
    consume: Callable[..., None],
    published: Callable[[], list[CaseChange]],
    status: Status,
    read: str,
) -> None:
    open_cases(1, 2)
    if status is Status.VERIFICATION:
        coordinator.change("take-up", number=1)
        coordinator.change("take-up", number=2)
    older, newer = (event.running_since for event in published()[-2:])
    assert older
    assert newer
    clock = Clock.TAKE_UP if status is Status.NEW else Clock.VERIFICATION
    clocks = [received(ClockStarted(**of_clock(2, clock, newer)))]
    if status is Status.VERIFICATION:
        submitted_at = published()[1].submitted_at
        taken_up = of_clock(2, Clock.TAKE_UP, submitted_at)
        stopped = ClockStopped(**taken_up, stopped_at=newer, outcome="met")
        clocks[:0] = [received(ClockStarted(**taken_up)), received(stopped)]
    if read == "before":
        consume(*clocks)
        assert shown(coordinator, 2) == {due(clock, newer)}
    assert coordinator.post("merge", {"into": str(report_id(2)), "reason": "to samo"}).status_code == 200
    seen = min(shown(coordinator, 2))
    assert seen <= due(clock, older)
    consume(*clocks)
    assert shown(coordinator, 2) == {due(clock, older)}
    running = [each for each in coordinator.detail(2)["clocks"] if each["stopped_at"] is None]
    assert [(each["clock"], datetime.fromisoformat(each["started_at"])) for each in running] == [(clock, newer)]
    consume(received(DeadlineApproaching(**of_clock(2, clock, newer, due(clock, older)))))
    assert shown(coordinator, 2) == {due(clock, older)}


def test_a_merger_with_a_younger_case_moves_no_deadline(
    coordinator: Officer, open_cases: Callable[..., None], published: Callable[[], list[CaseChange]]
) -> None:
    open_cases(1, 2)
    since = published()[0].submitted_at
    assert coordinator.post("merge", {"into": str(report_id(1)), "reason": "to samo"}, number=2).status_code == 200
    assert shown(coordinator, 1) == {due(Clock.TAKE_UP, since)}


def test_a_case_taken_up_through_many_mergers_is_due_when_the_oldest_was(
    coordinator: Officer, open_cases: Callable[..., None], published: Callable[[], list[CaseChange]]
) -> None:
    open_cases(1, 2, 3)
    oldest = published()[0].submitted_at
    for ending, surviving in ((1, 2), (2, 3)):
        body = {"into": str(report_id(surviving)), "reason": "to samo"}
        assert coordinator.post("merge", body, number=ending).status_code == 200
    assert shown(coordinator, 3) == {due(Clock.TAKE_UP, oldest)}
    assert published()[2].submitted_at - oldest == timedelta(seconds=2)


def test_a_case_shows_what_the_citizen_was_promised_before_the_monitor_has_said_it(
    coordinator: Officer, open_cases: Callable[..., None], published: Callable[[], list[CaseChange]]
) -> None:
    open_cases(1)
    promised = TERMS.promise("parking", published()[0].submitted_at)
    assert shown(coordinator, 1) == {promised.take_up_by}
