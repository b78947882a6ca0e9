"""When a set of districts becomes current, and what happens when it can't."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from contracts.base import Event
from contracts.events.districts import District, DistrictSet, Level
from districts.sets import DistrictSets, SetState
from hypothesis import given
from hypothesis import strategies as st
from support.districts import area, command, multipolygon, polygon, set_of, square

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
BOX = polygon(square(17.8, 50.6, 17.9, 50.7))


def opole(version: str, *codes: str) -> list[District]:
    return [*command(version=version), *(area(code, BOX, version=version) for code in codes)]


def lublin(version: str) -> list[District]:
    leaf = area("0663", BOX, garrison="LUB", version=version, parent="KMP-0663")
    return [*command("LUB", version, "KMP-0663", "KMP w Lublinie"), leaf]


FIRST, SECOND = opole("1", "166101", "166102"), opole("2", "166101", "166102", "166103")


def sets_after(*events: Event | str) -> DistrictSets:
    """Sets after these messages; a text is the key of a tombstone."""
    sets = DistrictSets()
    apply(sets, *events)
    return sets


def apply(sets: DistrictSets, *events: Event | str, at: datetime = AT) -> frozenset[str]:
    for event in events:
        if isinstance(event, str):
            sets.apply(event, None)
        else:
            sets.apply(event.key, event)
    return sets.update_current(at)


def versions(sets: DistrictSets) -> dict[str, str]:
    return {garrison: current.announced.version for garrison, current in sets.current.items()}


def codes(sets: DistrictSets) -> list[str]:
    return sorted(leaf.code for current in sets.current.values() for leaf in current.leaves)


def test_a_whole_set_becomes_current() -> None:
    sets = sets_after(*FIRST, set_of(FIRST))
    assert versions(sets) == {"OPO": "1"}
    assert codes(sets) == ["166101", "166102"]
    assert sets.newest["OPO"].state is SetState.CURRENT
    assert not sets.garrisons_without_set


def test_a_set_that_is_not_announced_is_not_current() -> None:
    sets = sets_after(*FIRST)
    assert not sets.current
    assert sets.garrisons_without_set == {"OPO"}


def test_a_newer_set_replaces_the_current_one_at_once_and_only_in_its_garrison() -> None:
    sets = sets_after(*FIRST, set_of(FIRST), *lublin("1"), set_of(lublin("1")))
    before = sets.current["LUB"]
    assert apply(sets, *SECOND) == frozenset()
    assert versions(sets) == {"OPO": "1", "LUB": "1"}
    assert apply(sets, set_of(SECOND)) == {"OPO"}
    assert versions(sets) == {"OPO": "2", "LUB": "1"}
    assert sets.current["LUB"] is before


def test_updating_again_changes_nothing() -> None:
    sets = sets_after(*FIRST, set_of(FIRST))
    assert apply(sets) == apply(sets, *FIRST, set_of(FIRST)) == frozenset()


def unsound(*districts: District) -> list[District]:
    return [*command(version="2"), *districts]


def second(code: str, geometry: dict[str, Any] | None = BOX, **more: Any) -> District:
    return area(code, geometry, version="2", **more)


BOW_TIE = polygon([[17.8, 50.6], [17.9, 50.7], [17.9, 50.6], [17.8, 50.7], [17.8, 50.6]])
OPEN_RING = polygon([[17.8, 50.6], [17.9, 50.7], [17.9, 50.6]])


@pytest.mark.parametrize(
    ("state", "detail", "districts", "wrong"),
    [
        (SetState.INCOMPLETE, "4 of 5", SECOND[:-1], {"count": 5}),
        (SetState.INCOMPLETE, "0 of 5", [], {"count": 5}),
        (SetState.INCOMPLETE, "5 of 4", SECOND, {"count": 4}),
        (SetState.WRONG_HASH, "not those", SECOND, {"sha256": "0" * 64}),
        (SetState.WRONG_HASH, "not those", [*SECOND[:-1], second("166104")], {}),
        (SetState.NOT_YET, "valid from 2026-11-23T12:00:01", SECOND, {"valid_from": AT + timedelta(seconds=1)}),
        (SetState.UNSOUND, "no district has a geometry", unsound(), None),
        (SetState.UNSOUND, "X: ParseException", unsound(second("X", None)), None),
        (SetState.UNSOUND, "X: Self-intersection", unsound(second("X", BOW_TIE)), None),
        (SetState.UNSOUND, "X: IllegalArgument", unsound(second("X", OPEN_RING)), None),
        (SetState.UNSOUND, "X: no area", unsound(second("X", {"type": "Point", "coordinates": [17.8, 50.6]})), None),
        (SetState.UNSOUND, "X: no area", unsound(second("X", {"type": "Polygon", "coordinates": []})), None),
        (
            SetState.UNSOUND,
            "X: ParseException",
            unsound(second("X", {"type": "MultiPolygon", "coordinates": "parts"})),
            None,
        ),
        (SetState.UNSOUND, "which is not in the set", unsound(second("X", parent="KMP-0000")), None),
        (SetState.UNSOUND, "X lies in no unit", unsound(second("X", parent="OPO")), None),
        (SetState.UNSOUND, "X lies in no unit", unsound(second("X", parent=None)), None),
        (SetState.UNSOUND, "X lies in no unit", [second("X", level=Level.GARRISON, parent=None)], None),
        (
            SetState.UNSOUND,
            "its own parent",
            unsound(second("X", parent="Y"), second("Y", None, parent="Z"), second("Z", None, parent="Y")),
            None,
        ),
        (SetState.UNSOUND, "Self-intersection", unsound(second("X", multipolygon(*2 * [square(1, 1, 2, 2)]))), None),
    ],
)
def test_a_set_that_cannot_be_current_leaves_the_one_before_it_there(
    state: SetState, detail: str, districts: Sequence[District], wrong: dict[str, Any] | None
) -> None:
    announced = set_of(SECOND, **wrong) if wrong is not None else set_of(districts)
    sets = sets_after(*FIRST, set_of(FIRST))
    assert apply(sets, *districts, announced) == frozenset()
    assert versions(sets) == {"OPO": "1"}
    assert codes(sets) == ["166101", "166102"]
    assert (sets.newest["OPO"].version, sets.newest["OPO"].state) == ("2", state)
    assert detail in sets.newest["OPO"].detail


def test_a_set_waits_for_its_moment_and_needs_no_message_then() -> None:
    valid_from = AT + timedelta(days=30)
    sets = sets_after(*FIRST, set_of(FIRST), *SECOND, set_of(SECOND, valid_from))
    assert apply(sets, at=valid_from - timedelta(microseconds=1)) == frozenset()
    assert apply(sets, at=valid_from) == {"OPO"}
    assert versions(sets) == {"OPO": "2"}


def test_districts_that_come_after_their_set_complete_it() -> None:
    sets = sets_after(*FIRST, set_of(FIRST), set_of(SECOND), *SECOND[:3])
    assert sets.newest["OPO"].state is SetState.INCOMPLETE
    assert apply(sets, *SECOND[3:]) == {"OPO"}
    assert codes(sets) == ["166101", "166102", "166103"]


def test_a_wrong_district_can_be_put_right() -> None:
    sets = sets_after(*SECOND[:-1], second("166103", polygon(square(1, 1, 2, 2))), set_of(SECOND))
    assert sets.newest["OPO"].state is SetState.WRONG_HASH
    assert apply(sets, SECOND[-1]) == {"OPO"}


def test_of_several_sets_the_one_announced_last_wins_whatever_its_date() -> None:
    third = opole("3", "166109")
    sets = sets_after(*FIRST, set_of(FIRST), *SECOND, set_of(SECOND, AT + timedelta(days=1)), *third, set_of(third))
    assert versions(sets) == {"OPO": "3"}
    assert apply(sets, at=AT + timedelta(days=2)) == frozenset()


def test_while_the_newest_set_is_broken_the_one_before_it_still_gets_its_turn() -> None:
    third = opole("3", "166109")
    tomorrow = AT + timedelta(days=1)
    sets = sets_after(*FIRST, set_of(FIRST), *SECOND, set_of(SECOND, tomorrow), set_of(third))
    assert versions(sets) == {"OPO": "1"}
    assert apply(sets, at=tomorrow) == {"OPO"}
    assert versions(sets) == {"OPO": "2"}


def test_an_older_version_can_become_current_again() -> None:
    sets = sets_after(*FIRST, set_of(FIRST), *SECOND, set_of(SECOND))
    assert apply(sets, set_of(FIRST)) == {"OPO"}
    assert versions(sets) == {"OPO": "1"}


def test_tombstones_of_a_superseded_version_change_nothing() -> None:
    sets = sets_after(*FIRST, set_of(FIRST), *SECOND, set_of(SECOND))
    assert apply(sets, *(district.key for district in FIRST)) == frozenset()
    assert versions(sets) == {"OPO": "2"}
    assert apply(sets, set_of(FIRST)) == frozenset()
    assert sets.newest["OPO"].state is SetState.INCOMPLETE


def test_the_current_set_stays_when_its_districts_are_erased_by_mistake() -> None:
    sets = sets_after(*FIRST, set_of(FIRST), *SECOND, set_of(SECOND))
    assert apply(sets, *(district.key for district in SECOND)) == frozenset()
    assert versions(sets) == {"OPO": "2"}
    assert codes(sets) == ["166101", "166102", "166103"]


def test_a_garrison_that_is_withdrawn_answers_no_more() -> None:
    sets = sets_after(*FIRST, set_of(FIRST), *lublin("1"), set_of(lublin("1")))
    assert apply(sets, "OPO/current", *(district.key for district in FIRST)) == {"OPO"}
    assert versions(sets) == {"LUB": "1"}
    assert not sets.garrisons_without_set


def test_after_compaction_a_reader_finds_the_newest_set_and_nothing_of_the_first() -> None:
    sets = sets_after(*(district.key for district in FIRST), "OPO", "a/b/c/d", *SECOND, set_of(SECOND))
    assert versions(sets) == {"OPO": "2"}


def test_a_unit_without_an_area_of_its_own_is_no_fault() -> None:
    districts = [*FIRST, area("KMP-9", None, level=Level.UNIT, parent="OPO")]
    assert versions(sets_after(*districts, set_of(districts))) == {"OPO": "1"}


def test_heights_are_dropped() -> None:
    ring = [[*each, 150.0] for each in square(17.8, 50.6, 17.9, 50.7)]
    districts = [*command(), area("X", polygon(ring))]
    sets = sets_after(*districts, set_of(districts))
    assert not sets.current["OPO"].leaves[0].shape.has_z


MESSAGES: list[Event] = [*FIRST, *SECOND, set_of(SECOND), *lublin("1"), set_of(lublin("1"))]


@given(st.permutations(MESSAGES), st.lists(st.sampled_from(MESSAGES)), st.sets(st.integers(0, 20)))
def test_any_order_and_any_repeat_comes_to_the_same(order: list[Event], again: list[Event], pauses: set[int]) -> None:
    sets = DistrictSets()
    for number, event in enumerate([*order, *again]):
        sets.apply(event.key, event)
        if number in pauses:
            sets.update_current(AT)
            assert all(len(current.leaves) == current.announced.count - 2 for current in sets.current.values())
    sets.update_current(AT)
    assert versions(sets) == {"OPO": "2", "LUB": "1"}
    assert codes(sets) == ["0663", "166101", "166102", "166103"]


def test_an_announcement_alone_makes_a_garrison_known() -> None:
    announced = DistrictSet(garrison="KSP", version="1", count=0, sha256="0" * 64, valid_from=AT)
    assert sets_after(announced).garrisons_without_set == {"KSP"}
