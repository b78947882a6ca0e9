"""The districts cases can be transferred to: a set counts only as a whole, and stays until the next one is whole."""

from collections.abc import Sequence
from typing import Any

import pytest
from casework.districts import Districts
from contracts.events.districts import District, DistrictSet, Level
from support.districts import command, set_of


def version(number: str, *beats: str) -> list[District]:
    """A garrison with one unit and these beats."""
    rows = [
        District(garrison="OPO", version=number, code=code, level=Level.BEAT, name=code, parent="KMP-1661")
        for code in beats
    ]
    return [*command(version=number), *rows]


def learned(*events: District | DistrictSet) -> Districts:
    districts = Districts()
    for event in events:
        districts.apply(event)
    return districts


def known(districts: Districts, codes: Sequence[str]) -> list[str]:
    return [code for code in codes if districts.owners(code)]


def test_a_set_counts_once_it_is_whole_whatever_comes_first() -> None:
    members = version("1", "B1", "B2")
    orders: list[list[District | DistrictSet]] = [[*members, set_of(members)], [set_of(members), *members]]
    for order in orders:
        districts = Districts()
        for event in order[:-1]:
            districts.apply(event)
        assert known(districts, ["B1", "B2"]) == []
        districts.apply(order[-1])
        assert known(districts, ["B1", "B2"]) == ["B1", "B2"]


@pytest.mark.parametrize("wrong", [{"count": 3}, {"count": 5}, {"sha256": "0" * 64}])
def test_a_set_with_another_count_or_hash_leaves_the_one_before(wrong: dict[str, Any]) -> None:
    first, second = version("1", "B1"), version("2", "B1", "B2")
    districts = learned(*first, set_of(first), *second, set_of(second, **wrong))
    assert known(districts, ["B1", "B2"]) == ["B1"]
    districts.apply(set_of(second))
    assert known(districts, ["B1", "B2"]) == ["B1", "B2"]


def test_a_new_set_takes_the_place_of_the_old_one() -> None:
    first, second = version("1", "B1"), version("2", "B2")
    districts = learned(*first, set_of(first), *second, set_of(second))
    assert known(districts, ["B1", "B2"]) == ["B2"]
    again: list[District | DistrictSet] = [*second, set_of(second)]
    for event in again:
        districts.apply(event)
    assert known(districts, ["B1", "B2"]) == ["B2"]


def test_who_answers_under_a_code_comes_from_the_districts_above_it() -> None:
    members = version("1", "B1")
    districts = learned(*members, set_of(members))
    [beat], [unit] = districts.owners("B1").values(), districts.owners("KMP-1661").values()
    assert beat is not None
    assert unit is not None
    assert (beat.garrison, beat.unit, beat.beat, beat.district) == ("OPO", "KMP-1661", "B1", "B1")
    assert (unit.unit, unit.beat, unit.district) == ("KMP-1661", None, None)
    assert districts.owners("OPO") == {}  # a garrison has no cases of its own
    assert districts.owners("unknown") == {}


def test_a_garrison_that_is_withdrawn_is_nobody_to_transfer_to_until_it_comes_again() -> None:
    members = version("1", "B1")
    districts = learned(*members, set_of(members))
    districts.withdraw("OPO/1/B1")  # an old version's districts are cleared away one by one
    assert known(districts, ["B1"]) == ["B1"]
    districts.withdraw("OPO/current")
    assert known(districts, ["B1", "KMP-1661"]) == []
    assert districts.find("B1", "OPO", 10) == []
    again: list[District | DistrictSet] = [*version("2", "B2"), set_of(version("2", "B2"))]
    for event in again:
        districts.apply(event)
    assert known(districts, ["B1", "B2"]) == ["B2"]
