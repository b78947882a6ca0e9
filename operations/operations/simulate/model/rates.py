"""How many reports are to be expected: of the country, or a garrison, in any hour of any year. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from contracts.policy.terms import WARSAW

from operations.simulate.model.figures import CATEGORY_SHARES, GARRISON_SHARES, PER_DAY, hour, season, weekday


@dataclass(frozen=True, slots=True)
class Country:
    """What is played: how many reports a day each garrison has on average over a year, by its code."""

    per_day: Mapping[str, float]

    @property
    def total(self) -> float:
        """Reports a day on average, all garrisons together."""
        return sum(self.per_day.values())

    def per_hour(self, at: datetime) -> float:
        """Reports to be expected in the hour in which `at` lies."""
        return self.total / 24 * sum(category_weights(at).values())

    def compression(self, per_second: float) -> float:
        """How many seconds of the year pass in one, when so many reports a second are to be sent on average."""
        return 86_400 * per_second / self.total


def country(people: Mapping[str, int], garrison: str | None = None, volume: float = 1.0) -> Country:
    """The country, or one garrison alone, with so many times today's volume. `people`: of each of the 17 garrisons."""
    others = {code: number for code, number in people.items() if code not in GARRISON_SHARES}
    left = 1 - sum(GARRISON_SHARES.values())
    shares = {code: left * number / sum(others.values()) for code, number in others.items()} | GARRISON_SHARES
    chosen = {code: share for code, share in shares.items() if garrison in (None, code)}
    return Country({code: PER_DAY * volume * share for code, share in sorted(chosen.items())})


def category_weights(at: datetime) -> Mapping[str, float]:
    """What each category contributes to an hour, 1 in all for an average one."""
    local = at.astimezone(WARSAW)
    return _weights(local.month, local.isoweekday(), local.hour)


@cache
def _weights(month: int, day: int, of_day: int) -> Mapping[str, float]:
    return {
        category: share * season(category, month) * weekday(category, day) * hour(category, of_day)
        for category, share in CATEGORY_SHARES.items()
    }
