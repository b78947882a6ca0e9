"""Numbers that may be told: whatever is told, each unit's could be any in its ten. All small countries are tried."""

from collections import defaultdict
from itertools import product

import pytest
from operations.dataset.contents.disclosure import COUNTRY, STEP, Area, told

Shape = dict[str, int]


def units_of(shape: Shape) -> list[Area]:
    return [Area(garrison, f"{garrison}{number}") for garrison, count in shape.items() for number in range(count)]


@pytest.mark.parametrize(
    ("shape", "most"),
    [
        pytest.param({"A": 1}, 29, id="one unit"),
        pytest.param({"A": 3}, 19, id="a garrison"),
        pytest.param({"A": 4}, 10, id="a larger garrison"),
        pytest.param({"A": 1, "B": 1, "C": 1}, 19, id="garrisons of one unit"),
        pytest.param({"A": 2, "B": 1}, 19, id="two garrisons"),
        pytest.param({"A": 2, "B": 1, "C": 1}, 10, id="three garrisons"),
    ],
)
def test_from_all_that_is_told_no_number_follows_more_exactly_than_to_ten(shape: Shape, most: int) -> None:
    units, possible = units_of(shape), range(most + 1)
    countries = defaultdict[frozenset[tuple[Area, int]], list[set[int]]](lambda: [set() for _ in units])
    for numbers in product(possible, repeat=len(units)):
        said = frozenset(told(dict(zip(units, numbers, strict=True)), units).items())
        for could, number in zip(countries[said], numbers, strict=True):
            could.add(number)
    for said, could_be in countries.items():
        for unit, could in zip(units, could_be, strict=True):
            number = min(could)
            ten = range(number // STEP * STEP, number // STEP * STEP + STEP)
            assert could == {each for each in ten if each in possible}, (dict(said), unit)


def test_what_a_unit_has_from_ten_on_is_told_in_tens() -> None:
    units = units_of({"A": 3})
    assert told({units[0]: 10, units[1]: 29}, units) == {units[0]: 10, units[1]: 20}


def test_what_is_small_is_told_of_the_garrison_and_then_of_the_country() -> None:
    units = units_of({"A": 4, "B": 2, "C": 2, "D": 2})
    hidden = dict(zip(units, (4, 4, 4, 25, 3, 3, 2, 3, 0, 0), strict=True))
    assert told(hidden, units) == {units[3]: 20, Area("A"): 10, COUNTRY: 10}
    assert (COUNTRY.level, Area("A").level, units[3].level) == ("country", "garrison", "unit")


def test_a_rest_that_would_give_its_parts_away_is_not_told() -> None:
    # All of 20 and more in three units that have at most 9: each of them would have 2 or more.
    units = units_of({"A": 3})
    assert told(dict.fromkeys(units, 9), units) == {}
    assert told(dict.fromkeys(units, 6), units) == {Area("A"): 10}


def test_nobody_is_told_of_nobody() -> None:
    assert told({}, units_of({"A": 3, "B": 1})) == {}
