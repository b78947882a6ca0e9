"""A clock is put together from its events the same way, in whatever order and however often they come."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any, get_args

import pytest
from contracts.events.clocks import (
    Clock,
    ClockEvent,
    ClockStarted,
    ClockState,
    ClockStopped,
    DeadlineApproaching,
    DeadlineEscalated,
    DeadlineMissed,
    Outcome,
    merge_clocks,
    merged,
)
from hypothesis import given
from hypothesis import strategies as st
from support.events import OPOLE, report_id

BEGAN = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
DUE = BEGAN + timedelta(days=2)
OUTCOMES = get_args(Outcome)
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
WITHDRAWN = ClockStopped(
    **ONE, stopped_at=IN_TIME, outcome="met", withdraws_miss=True, withdraws_escalations=("garrison", "headquarters")
)
KNOWN: dict[str, Any] = {name: ONE[name] for name in ("report_id", "clock", "cycle", "started_at", "due_at")}


@given(st.permutations([*MISSED, WITHDRAWN] * 2))
def test_any_order_and_any_number_of_times_give_the_same_clock(events: list[ClockEvent]) -> None:
    [state] = merge_clocks([], events)
    assert state == ClockState(
        **KNOWN,
        warned=True,
        missed=True,
        escalated_to="headquarters",
        stopped_at=IN_TIME,
        outcome="met",
        withdrawn_from="garrison",
    )
    assert (state.stands_missed, state.stands_escalated_to) == (False, None)


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


states = st.builds(
    replace,
    st.just(ClockState.of(MISSED[0])),
    started_at=st.sampled_from([BEGAN, IN_TIME]),
    due_at=st.sampled_from([DUE, LATE]),
    warned=st.booleans(),
    missed=st.booleans(),
    escalated_to=st.sampled_from([None, "garrison", "headquarters"]),
    withdrawn_from=st.sampled_from([None, "garrison", "headquarters"]),
) | st.sampled_from([*MISSED, WITHDRAWN, *(ClockStopped(**ONE, stopped_at=DUE, outcome=o) for o in OUTCOMES)]).map(
    ClockState.of
)


@given(states, states, states)
def test_merging_knows_no_order_no_grouping_and_no_repeat(a: ClockState, b: ClockState, c: ClockState) -> None:
    assert merged(a, b) == merged(b, a)
    assert merged(merged(a, b), c) == merged(a, merged(b, c))
    assert merged(a, a) == a
    assert merged(merged(a, b), b) == merged(a, b)


@pytest.mark.parametrize(
    ("said", "withdrawn", "stands"),
    [
        ([], (), None),
        (["garrison"], (), "garrison"),
        (["garrison", "headquarters"], (), "headquarters"),
        (["garrison", "headquarters"], ("headquarters",), "garrison"),
        (["garrison", "headquarters"], ("garrison", "headquarters"), None),
    ],
)
def test_after_a_late_stop_an_escalation_stands_as_far_as_it_was_not_taken_back(
    said: list[Any], withdrawn: tuple[Any, ...], stands: str | None
) -> None:
    stop = ClockStopped(**ONE, stopped_at=LATE, outcome="missed", withdraws_escalations=withdrawn)
    [state] = merge_clocks([], [DeadlineMissed(**ONE), *(DeadlineEscalated(**ONE, to=to) for to in said), stop])
    assert (state.stands_missed, state.stands_escalated_to) == (True, stands)


def test_the_outcome_belongs_to_the_stop_that_counts() -> None:
    first = ClockState.of(ClockStopped(**ONE, stopped_at=IN_TIME, outcome="missed"))
    later = ClockState.of(ClockStopped(**ONE, stopped_at=LATE, outcome="met"))
    assert (merged(first, later).stopped_at, merged(later, first).outcome) == (IN_TIME, "missed")


def test_different_clocks_are_not_merged() -> None:
    with pytest.raises(ValueError, match="different clocks"):
        merged(ClockState.of(MISSED[0]), ClockState.of(ClockStarted(**{**ONE, "cycle": 2})))


@pytest.mark.parametrize(("outcomes", "counts"), [(OUTCOMES, "met"), (("missed", "merged"), "missed")])
def test_of_outcomes_at_one_instant_one_counts_in_any_order(outcomes: tuple[Outcome, ...], counts: Outcome) -> None:
    stops = [ClockStopped(**ONE, stopped_at=DUE, outcome=outcome) for outcome in outcomes]
    for events in permutations(stops):
        assert [state.outcome for state in merge_clocks([], events)] == [counts]
