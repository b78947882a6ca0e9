"""Figures of an area or a unit, made of nothing but what everyone could see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts.policy.categories import catalogues

from public_map.domain.queries import BoundingBox

MINIMUM = 10
"""Of fewer reports neither a median nor a share is told: it would be about somebody's report."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What figures are of: a box, a unit or a garrison, one of them; of what changed or was submitted since."""

    box: BoundingBox | None = None
    unit: str | None = None
    garrison: str | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Lasting:
    """So many reports took so many hours; `in_time` of the `judged` ones within the promised time."""

    hours: int
    reports: int
    in_time: int
    judged: int


def timed_categories() -> list[str]:
    """The categories whose reports everyone sees from the beginning; of others nobody could see how long they took."""
    codes = {category.code: category.public for catalogue in catalogues() for category in catalogue.category}
    return sorted(code for code, public in codes.items() if public == "always")


def median_hours(lasting: Sequence[Lasting]) -> float | None:
    """The median, None of fewer reports than may be told."""
    ordered = sorted(lasting, key=lambda each: each.hours)
    count = sum(each.reports for each in ordered)
    if count < MINIMUM:
        return None
    return (_hours_of(ordered, (count - 1) // 2) + _hours_of(ordered, count // 2)) / 2


def share_in_time(lasting: Sequence[Lasting]) -> float | None:
    """The share of those within the promised time, to the hundredth; None of fewer reports than may be told."""
    judged = sum(each.judged for each in lasting)
    return round(sum(each.in_time for each in lasting) / judged, 2) if judged >= MINIMUM else None


def _hours_of(ordered: Sequence[Lasting], number: int) -> int:
    for each in ordered:
        number -= each.reports
        if number < 0:
            return each.hours
    raise IndexError(number)
