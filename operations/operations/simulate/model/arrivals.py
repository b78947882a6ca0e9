"""Which reports come, when, where and from whom: a year drawn at random around its rates; a seed gives one year."""

import heapq
import random
from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import accumulate

from contracts.policy.categories import category as category_of

from operations.simulate.model import figures
from operations.simulate.model.places import Places
from operations.simulate.model.rates import Country, category_weights

HOUR = timedelta(hours=1)
_REMEMBERED = 50


class Kind(StrEnum):
    """Why a report comes."""

    ORDINARY = "ordinary"
    DUPLICATE = "duplicate"
    JOKE = "joke"
    SURGE = "surge"


@dataclass(frozen=True, slots=True)
class Arrival:
    """A report, by a number of its own: when (in the year that is played), what, where, and from whom.

    `sender` is the number of the first report from that address; `repeats` that of the first which said the same.
    """

    number: int
    at: datetime
    kind: Kind
    garrison: str
    category: str
    longitude: float
    latitude: float
    sender: int
    repeats: int | None = None


class Year:
    """Draws what comes to a country. Kinds are drawn so that all together come at the country's rate."""

    def __init__(self, country: Country, places: Places, seed: int) -> None:
        self._country, self._places = country, places
        self._chance = random.Random(f"year/{seed}")
        self._garrisons = [*country.per_day]
        self._sums = list(accumulate(country.per_day.values()))
        self._kinds = episode_rates()
        self._number = 0
        self._recent: dict[str, deque[Arrival]] = defaultdict(lambda: deque(maxlen=_REMEMBERED))

    def arrivals(self, start: datetime, end: datetime) -> Iterator[Arrival]:
        """Everything from `start` until before `end`, in order. To be asked once."""
        waiting: list[tuple[datetime, int, Arrival]] = []
        for begun, at in self._episodes(start, end):
            while waiting and waiting[0][0] <= at:
                yield heapq.heappop(waiting)[2]
            for arrival in self._episode(begun, at):
                heapq.heappush(waiting, (arrival.at, arrival.number, arrival))
        while waiting and waiting[0][0] < end:
            yield heapq.heappop(waiting)[2]

    def _episodes(self, start: datetime, end: datetime) -> Iterator[tuple[Kind, datetime]]:
        """What begins when: a Poisson process whose rate changes with the hour."""
        kinds, rates = [*self._kinds], [*self._kinds.values()]
        hour = start
        while hour < end:
            until = min(hour + HOUR, end)
            per_second = self._country.per_hour(hour) * sum(rates) / 3600
            at = hour + timedelta(seconds=self._chance.expovariate(per_second))
            while at < until:
                yield self._chance.choices(kinds, rates)[0], at
                at += timedelta(seconds=self._chance.expovariate(per_second))
            hour = until

    def _episode(self, kind: Kind, at: datetime) -> list[Arrival]:
        first = self._one(kind, at)
        match kind:
            case Kind.JOKE:
                return self._joker(first)
            case Kind.SURGE:
                return self._surge(first)
            case Kind.DUPLICATE:
                return [self._duplicate(first)]
            case Kind.ORDINARY:
                self._recent[first.category].append(first)
                return [first]

    def _one(self, kind: Kind, at: datetime) -> Arrival:
        weights = category_weights(at)
        category = self._chance.choices([*weights], [*weights.values()])[0]
        garrison = self._chance.choices(self._garrisons, cum_weights=self._sums)[0]
        longitude, latitude = self._places.draw(self._chance, garrison, category)
        number = self._next_number()
        return Arrival(number, at, kind, garrison, category, longitude, latitude, sender=number)

    def _duplicate(self, drawn: Arrival) -> Arrival:
        """Somebody else reports what was reported days ago; an ordinary report while there is none."""
        oldest = drawn.at - timedelta(days=figures.DUPLICATE_DAYS)
        known = [before for before in self._recent[drawn.category] if before.at >= oldest]
        if not known:
            return replace(drawn, kind=Kind.ORDINARY)
        original = self._chance.choice(known)
        longitude, latitude = self._close_to(original)
        return replace(
            drawn, garrison=original.garrison, longitude=longitude, latitude=latitude, repeats=original.number
        )

    def _surge(self, first: Arrival) -> list[Arrival]:
        """Many see the same: most of them at once, the last within hours."""
        arrivals = [first]
        for _ in range(self._chance.randint(*figures.SURGE_REPORTS) - 1):
            longitude, latitude = self._close_to(first)
            later = first.at + figures.SURGE_HOURS * HOUR * self._chance.random() ** 2
            number = self._next_number()
            arrivals.append(
                Arrival(
                    number, later, first.kind, first.garrison, first.category, longitude, latitude, number, first.number
                )
            )
        return arrivals

    def _joker(self, first: Arrival) -> list[Arrival]:
        """One clicks all over the town, from one address."""
        arrivals, weights = [first], category_weights(first.at)
        for _ in range(self._chance.randint(*figures.JOKER_REPORTS) - 1):
            longitude, latitude = self._places.around(self._chance, first.longitude, first.latitude)
            later = first.at + timedelta(minutes=figures.JOKER_MINUTES * self._chance.random())
            category = self._chance.choices([*weights], [*weights.values()])[0]
            arrivals.append(
                replace(
                    first,
                    number=self._next_number(),
                    at=later,
                    category=category,
                    longitude=longitude,
                    latitude=latitude,
                )
            )
        return arrivals

    def _close_to(self, original: Arrival) -> tuple[float, float]:
        """Within what the category counts as likely the same."""
        known = category_of(original.category)
        metres = known.same_m if known else 50
        return self._places.near(self._chance, original.longitude, original.latitude, metres)

    def _next_number(self) -> int:
        self._number += 1
        return self._number


def episode_rates() -> dict[Kind, float]:
    """How many episodes of each kind begin for each report of the country's rate.

    An ordinary report and a duplicate are episodes of one report; a joker's and a surge's have several.
    """
    jokes = figures.JOKES
    surges = figures.SURGES_PER_WEEK / 7 * _mean(figures.SURGE_REPORTS) / figures.PER_DAY
    return {
        Kind.ORDINARY: 1 - jokes - surges - figures.DUPLICATES,
        Kind.DUPLICATE: figures.DUPLICATES,
        Kind.JOKE: jokes / _mean(figures.JOKER_REPORTS),
        Kind.SURGE: surges / _mean(figures.SURGE_REPORTS),
    }


def _mean(bounds: tuple[int, int]) -> float:
    return sum(bounds) / 2
