"""A clock is put together from its events the same way, in whatever order and however often they come."""

from datetime import UTC, datetime, timedelta
from typing import Any

from contracts.events.clocks import (
    Clock,
    ClockEvent,
    ClockStarted,
    ClockState,
    ClockStopped,
    DeadlineApproaching,
    DeadlineEscalated,
    DeadlineMissed,
    merge_clocks,
)
from hypothesis import given
from hypothesis import strategies as st
from support.events import OPOLE, report_id

BEGAN = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
DUE = BEGAN + timedelta(days=2)
IN_TIME, LATE = DUE - timedelta(hours=1), DUE + timedelta(hours=1)
ONE: dict[str, Any] = {
    "report_id": report_id(1),
    "clock": Clock.TAKE_UP,
    "cycle": 1,
    "owner": OPOLE,
    "started_at": BEGAN,
    "due_at": DUE,
    "terms": "2016",
}
MISSED = [
    ClockStarted(**ONE),
    DeadlineApproaching(**ONE),
    DeadlineMissed(**ONE),
    DeadlineEscalated(**ONE, to="garrison"),
    DeadlineEscalated(**ONE, to="headquarters"),
    ClockStopped(**ONE, stopped_at=LATE, outcome="missed"),
]
WITHDRAWN = ClockStopped(**ONE, stopped_at=IN_TIME, outcome="met", withdraws_miss=True)
KNOWN: dict[str, Any] = {name: ONE[name] for name in ("report_id", "clock", "cycle", "started_at", "due_at")}


@given(st.permutations([*MISSED, WITHDRAWN] * 2))
def test_any_order_and_any_number_of_times_give_the_same_clock(events: list[ClockEvent]) -> None:
    [state] = merge_clocks([], events)
    assert state == ClockState(
        **KNOWN, warned=True, missed=True, escalated_to="headquarters", stopped_at=IN_TIME, outcome="met"
    )


@given(st.permutations(MISSED), st.integers(0, len(MISSED)))
def test_it_does_not_matter_where_one_batch_ends(events: list[ClockEvent], end: int) -> None:
    in_two = merge_clocks(merge_clocks([], events[:end]), events[end:]) or merge_clocks([], events[:end])
    assert in_two == merge_clocks([], events)
    assert in_two[0].outcome == "missed"


def test_a_repeat_changes_no_clock_and_others_are_left_alone() -> None:
    [state] = merge_clocks([], MISSED)
    assert merge_clocks([state], MISSED) == []
    second = ClockStarted(**{**ONE, "cycle": 2})
    assert [clock.cycle for clock in merge_clocks([state], [second])] == [2]


def test_of_two_outcomes_at_one_instant_met_counts() -> None:
    stops = [ClockStopped(**ONE, stopped_at=DUE, outcome=outcome) for outcome in ("missed", "met")]
    for events in (stops, stops[::-1]):
        assert [state.outcome for state in merge_clocks([], events)] == ["met"]
