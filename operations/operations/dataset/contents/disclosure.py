"""What may be told of how many reports the map does not show, so that no small number follows from what is told.

Each report is counted in one number alone, so no two of them overlap and nothing is left by subtracting. A number is
told from ten on and rounded down to tens, so who knows some of its reports (that left the map, or came back to it)
learns no exact remainder. What is too small for a unit is put together with others of its garrison, what is too small
there with other garrisons': only so that each unit's part could still be anything from 0 to 9.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

STEP = 10
"""Fewer are never told, and numbers are rounded down to multiples of it."""


@dataclass(frozen=True, slots=True)
class Area:
    """Where reports are counted: a unit; without one the units of a garrison, without that garrisons, put together."""

    garrison: str = ""
    unit: str = ""

    @property
    def level(self) -> str:
        """What it is called in the table."""
        return "unit" if self.unit else "garrison" if self.garrison else "country"


COUNTRY = Area()


def told(hidden: Mapping[Area, int], units: Iterable[Area]) -> dict[Area, int]:
    """The numbers that may be told: of units, of the rests of garrisons, of the rest of the country.

    `hidden`: how many reports of one kind the map does not show, by unit. `units`: every unit there is.
    """
    found, rests = dict[Area, int](), dict[str, int]()
    for garrison, numbers in _by_garrison(hidden, units).items():
        small = {unit: number for unit, number in numbers.items() if number < STEP}
        found |= {unit: _floor(number) for unit, number in numbers.items() if unit not in small}
        rest = sum(small.values())
        if _conceals(rest, len(small)):
            found[Area(garrison)] = _floor(rest)
        elif small:
            rests[garrison] = rest
    if _conceals(sum(rests.values()), len(rests)):
        found[COUNTRY] = _floor(sum(rests.values()))
    return found


def _by_garrison(hidden: Mapping[Area, int], units: Iterable[Area]) -> dict[str, dict[Area, int]]:
    found: dict[str, dict[Area, int]] = {}
    for unit in {*units, *hidden}:
        found.setdefault(unit.garrison, {})[unit] = hidden.get(unit, 0)
    return found


def _conceals(total: int, parts: int) -> bool:
    """Whether a number is not small, and each of its parts, fewer than ten each, could still be 0 (so also 9)."""
    return total >= STEP and _floor(total) <= (STEP - 1) * (parts - 1)


def _floor(number: int) -> int:
    return number // STEP * STEP
