"""What the demonstration sends: reports at real places of all 17 garrisons, and what becomes of each.

The same seed gives the same plan, so a run can be repeated.
"""

import random
from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum

from boundaries.areas import units
from boundaries.areas.places import NamedPlace, list_places
from contracts.policy.categories import catalogues

# As measured in Małopolska 2016-2020: improper parking, speeding, drinking; the rest share what is left.
SHARES = {"parking": 0.46, "speeding": 0.20, "drinking": 0.10}
OFF_THE_MAP = {
    "in the sea": (17.2, 54.95),
    "in Germany": (14.05, 52.3),
    "in Czechia": (16.6, 49.2),
}


class Story(StrEnum):
    """What the officers do with a report."""

    SLEPT_THROUGH = "nobody takes it up"
    NEVER_VERIFIED = "taken up, never verified"
    CONFIRMED = "confirmed"
    ELIMINATED = "confirmed and eliminated"
    REFERRED = "confirmed and referred, the agency acknowledges"
    REFERRED_UNHEARD = "confirmed and referred, the agency is silent"
    UNCONFIRMED = "not confirmed"
    REJECTED = "rejected at once"
    UNROUTABLE = "off the map: headquarters' case, and nobody looks"


# What the officers do, and how often; the first two are what the clocks are for.
STORIES = {
    Story.SLEPT_THROUGH: 0.25,
    Story.NEVER_VERIFIED: 0.15,
    Story.CONFIRMED: 0.15,
    Story.ELIMINATED: 0.15,
    Story.REFERRED: 0.08,
    Story.REFERRED_UNHEARD: 0.04,
    Story.UNCONFIRMED: 0.13,
    Story.REJECTED: 0.05,
}


@dataclass(frozen=True, slots=True)
class Planned:
    """One report to be sent: where (WGS 84 degrees), what, and what becomes of it."""

    place: str
    longitude: float
    latitude: float
    category: str
    story: Story
    with_words: bool
    with_contact: bool


def plan(reports: int, seed: int) -> list[Planned]:
    """At least one report per garrison, the rest where people live, and last the ones off the map."""
    chance = random.Random(seed)
    places = _places_by_garrison()
    garrisons = [*places] + chance.choices([*places], [_people(found) for found in places.values()], k=reports)
    planned = []
    for garrison in garrisons[: max(reports - len(OFF_THE_MAP), len(places))]:
        place = _by_people(chance, places[garrison])
        planned.append(_planned(chance, place.name, place.longitude, place.latitude, _story(chance)))
    for name, (longitude, latitude) in OFF_THE_MAP.items():
        planned.append(_planned(chance, name, longitude, latitude, Story.UNROUTABLE))
    return planned


def _planned(chance: random.Random, name: str, longitude: float, latitude: float, story: Story) -> Planned:
    return Planned(
        place=name,
        # Nobody points at the very middle of a town: some 300 m about.
        longitude=round(longitude + chance.gauss(0, 0.002), 6),
        latitude=round(latitude + chance.gauss(0, 0.0015), 6),
        category=_category(chance),
        story=story,
        with_words=chance.random() < 0.4,
        with_contact=chance.random() < 0.1,
    )


def _category(chance: random.Random) -> str:
    rest = [category.code for category in catalogues()[-1].category if category.code not in SHARES]
    share = (1 - sum(SHARES.values())) / len(rest)
    weights = {**SHARES, **dict.fromkeys(rest, share)}
    return chance.choices([*weights], [*weights.values()])[0]


def _story(chance: random.Random) -> Story:
    return chance.choices([*STORIES], [*STORIES.values()])[0]


def _by_people(chance: random.Random, places: list[NamedPlace]) -> NamedPlace:
    return chance.choices(places, [place.people for place in places])[0]


def _people(places: list[NamedPlace]) -> int:
    return sum(place.people for place in places)


def _places_by_garrison() -> dict[str, list[NamedPlace]]:
    garrison_of = {powiat: unit.garrison for unit in units.units().values() for powiat in unit.powiats}
    places: dict[str, list[NamedPlace]] = defaultdict(list)
    for place in list_places():
        places[garrison_of[place.powiat]].append(place)
    return dict(sorted(places.items()))
