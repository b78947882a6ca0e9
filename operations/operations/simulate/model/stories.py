"""What officers do with a case, and when: pure. The changes themselves are the demonstration's, `next_change`.

Take-up is due 2 days after the report, a decision 5 days later. Coordinators look at the map every day (guidelines of
2016-2019); one county unit checks a place several times and decides when the five days end (wpu24.pl, January 2019).
How the times spread is assumed.
"""

import random
from datetime import datetime, timedelta

from contracts.policy.categories import category as category_of
from contracts.policy.terms import WARSAW
from deploy.demo.plan import Story

from operations.simulate.model import figures
from operations.simulate.model.arrivals import Arrival, Kind

OFFICE_HOURS = (7, 19)
"""When coordinators decide, local time; checks on site are made around the clock."""
_JOKES_SEEN = 0.8


def story_of(arrival: Arrival, seed: int) -> Story:
    """How the case of a report goes on, if its unit isn't too slow."""
    chance = random.Random(f"story/{seed}/{arrival.number}")
    if arrival.kind is Kind.JOKE:
        return Story.REJECTED if chance.random() < _JOKES_SEEN else Story.UNCONFIRMED
    drawn = chance.random()
    if drawn < figures.NEVER_TAKEN_UP:
        return Story.SLEPT_THROUGH
    if drawn < figures.NEVER_TAKEN_UP + figures.NEVER_VERIFIED:
        return Story.NEVER_VERIFIED
    if chance.random() >= figures.CONFIRMED.get(arrival.category, figures.CONFIRMED_OTHERWISE):
        return Story.UNCONFIRMED
    if chance.random() < figures.ELIMINATED_OF_CONFIRMED:
        return Story.ELIMINATED
    known = category_of(arrival.category)
    return Story.REFERRED_UNHEARD if known and known.agency else Story.CONFIRMED


def is_merged(arrival: Arrival, seed: int) -> bool:
    """Whether a coordinator sees that this report says what an earlier one did, and merges it with that."""
    seen = random.Random(f"merged/{seed}/{arrival.number}").random() < figures.MERGED_DUPLICATES
    return arrival.repeats is not None and seen


def is_slow(unit: str, seed: int) -> bool:
    """Whether everything takes longer in this unit."""
    return random.Random(f"slow/{seed}/{unit}").random() < figures.SLOW_UNITS


def due(change: str, since: datetime, chance: random.Random, *, slow: bool) -> datetime:
    """When an officer makes a change (as casework's API names it), the case being as it is since `since`."""
    hours = _hours(change, chance) * (figures.SLOWER if slow else 1)
    at = since + timedelta(hours=hours)
    return at if change == "checks" else _in_office(at, chance)


def _hours(change: str, chance: random.Random) -> float:
    match change:
        case "take-up" | "reject" | "merge":  # 10 h in the middle, 1 % beyond the two days
            return chance.lognormvariate(2.3, 0.65)
        case "checks":  # two of them and a decision stay within five days
            return chance.uniform(4, 44)
        case "confirm" | "unconfirm":
            return chance.uniform(1, 10)
        case "eliminate":
            return chance.expovariate(1 / (14 * 24))
        case _:
            return chance.uniform(4, 72)


def _in_office(at: datetime, chance: random.Random) -> datetime:
    """The same instant in the day; in the night the next morning."""
    local, (opens, closes) = at.astimezone(WARSAW), OFFICE_HOURS
    if opens <= local.hour < closes:
        return at
    morning = local if local.hour < opens else local + timedelta(days=1)
    opening = morning.replace(hour=opens, minute=0, second=0, microsecond=0)
    return opening.astimezone(at.tzinfo) + timedelta(minutes=chance.uniform(0, 90))
