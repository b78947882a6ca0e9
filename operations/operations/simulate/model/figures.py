"""The figures of a national year, each with where it comes from.

Sources are pages of the Polish police and press about the real map (KMZB). Where they are silent, as on hours, seasons
and most categories, a figure is an assumption and says so: change it here, and the whole year follows.
"""

from collections.abc import Sequence

PER_DAY = 1_200.0
"""Reports a day in the country, on average over a year. From the running totals policja.pl published: 1.2 million on
2019-10-03, 1.6 million on 2020-10-05, the 2,000,000th on 2021-08-29, some 2.5 million on 2022-10-05: 1,100 to 1,250."""

CATEGORY_SHARES = {
    "parking": 0.42,
    "speeding": 0.19,
    "drinking": 0.09,
    "greenery": 0.035,
    "illegal-dump": 0.035,
    "road-infrastructure": 0.035,
    "traffic-organisation": 0.035,
    "vandalism": 0.03,
    "drug-use": 0.02,
    "minors-at-risk": 0.015,
    "stray-dogs": 0.015,
    "homeless-person": 0.015,
    "illegal-racing": 0.01,
    "forest-quads": 0.01,
    "illegal-felling": 0.006,
    "dangerous-water": 0.006,
    "begging": 0.006,
    "grass-burning": 0.006,
    "wild-animals": 0.006,
    "animal-cruelty": 0.005,
    "track-crossing": 0.003,
    "level-crossing": 0.003,
    "dangerous-venue": 0.002,
    "poaching": 0.002,
}
"""What is reported, as shares of a year. Speeding, parking and drinking are 70 % together (policja.pl, August 2021),
divided as in Małopolska 2016-2020: 46, 20 and 10 % (policja.pl, July 2020). How the other 30 % divide is assumed."""

GARRISON_SHARES = {"KRA": 0.12, "KAT": 0.12, "KSP": 0.05, "OPO": 0.02}
"""Shares that are known; they do not follow the population. Małopolska: 216,000 of some 1.65 million by November 2020,
18,000 in January to May 2022; Śląsk: 198,000 by November 2020 (policja.pl, lovekrakow.pl). Warsaw: 21,332 in 2022.
Opole: over 3,600 in January to May 2022. The other thirteen share the rest by their people, which is assumed."""

CONFIRMED = {"parking": 0.655, "speeding": 0.57, "drinking": 0.38}
CONFIRMED_OTHERWISE = 0.31
"""How many are confirmed. The three as in Małopolska 2016-2020 (policja.pl); the others so that the whole comes to the
51 % of the country by October 2022 (policja.pl)."""

ELIMINATED_OF_CONFIRMED = 0.88
"""1,131,554 of 2.5 million were eliminated by October 2022 (policja.pl), 45 % of all, at 51 % confirmed."""

JOKES = 0.03
"""Reports that are a joke. The pilot had "very few" (gazetaprawna.pl, 2016), no share is published: assumed."""
JOKER_REPORTS = (1, 6)
JOKER_MINUTES = 10.0
"""Least and most reports of one joker, from one address all over a town within minutes: the fear for which the real map
takes one report a day from an address (gazeta-olawa.pl, 2016). The numbers are assumed."""

DUPLICATES = 0.10
DUPLICATE_DAYS = 14.0
"""Reports of what somebody else reported already, and for how long that happens. One unit had 86 reports of parking and
223 of greenery in 2024, many about the same (moto.pl, 2025); the share is assumed."""
MERGED_DUPLICATES = 0.5
"""Duplicates that a coordinator sees for what they are and merges; assumed."""

SURGES_PER_WEEK = 2.0
SURGE_REPORTS = (20, 60)
SURGE_HOURS = 2.0
"""Surges in the country, least and most reports of one, and how long it lasts. "Dozens of reports from different
computers" about one place bring a patrol at once (gazeta-olawa.pl, 2016); how often that happens is assumed."""

SLOW_UNITS = 0.05
SLOWER = 4.0
"""Units that are slow, and how much longer everything takes there. Nothing is published: assumed."""
NEVER_TAKEN_UP, NEVER_VERIFIED = 0.01, 0.01
"""Cases that any unit forgets; assumed."""

WITH_WORDS, WITH_TIME_OF_DAY, WITH_OCCURRED_AT, WITH_CONTACT, IN_ENGLISH = 0.6, 0.35, 0.5, 0.15, 0.02
"""Reports that carry what a form leaves open. All assumed; the real map takes no contact."""


def mean_one(weights: Sequence[float], lengths: Sequence[float] | None = None) -> tuple[float, ...]:
    """Weights as factors whose mean is 1, each counted for as long as its part lasts."""
    lasting = lengths or [1.0] * len(weights)
    mean = sum(w * n for w, n in zip(weights, lasting, strict=True)) / sum(lasting)
    return tuple(weight / mean for weight in weights)


_MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_MONTHS = {
    "dangerous-water": (0.2, 0.2, 0.3, 0.5, 1.0, 2.5, 3.5, 3.0, 1.0, 0.4, 0.2, 0.2),
    "homeless-person": (2.5, 2.2, 1.2, 0.6, 0.4, 0.3, 0.3, 0.3, 0.5, 0.9, 1.6, 2.2),
    "grass-burning": (0.2, 0.6, 4.0, 4.0, 1.0, 0.5, 0.5, 0.5, 0.4, 0.2, 0.1, 0.1),
    **dict.fromkeys(
        ("drinking", "minors-at-risk", "illegal-racing", "forest-quads"),
        (0.5, 0.6, 0.8, 1.1, 1.3, 1.4, 1.5, 1.4, 1.1, 0.9, 0.6, 0.5),
    ),
}
_MONTHS_OTHERWISE = (0.9, 0.9, 1.0, 1.05, 1.1, 1.1, 1.05, 1.05, 1.05, 1.0, 0.95, 0.85)
_ROADS = ("parking", "speeding", "traffic-organisation", "road-infrastructure", "wild-animals", "level-crossing")
_EVENINGS = ("drinking", "drug-use", "minors-at-risk", "illegal-racing", "vandalism", "dangerous-venue")
_HOURS = {
    **dict.fromkeys(
        _ROADS, (1, 1, 1, 1, 1, 3, 7, 11, 11, 9, 8, 8, 9, 9, 10, 12, 12, 11, 9, 7, 5, 4, 3, 2)
    ),
    **dict.fromkeys(
        _EVENINGS, (6, 4, 3, 2, 1, 1, 2, 3, 4, 4, 5, 5, 6, 6, 7, 8, 9, 11, 12, 13, 14, 14, 12, 9)
    ),
}  # fmt: skip
_HOURS_OTHERWISE = (1, 1, 1, 1, 1, 2, 5, 9, 11, 11, 11, 11, 11, 11, 11, 11, 11, 10, 9, 8, 6, 4, 3, 2)
_WEEKDAYS = {
    **dict.fromkeys(_ROADS, (1.1, 1.1, 1.1, 1.1, 1.15, 0.8, 0.65)),
    **dict.fromkeys(_EVENINGS, (0.8, 0.8, 0.85, 0.95, 1.3, 1.35, 0.95)),
}
_WEEKDAYS_OTHERWISE = (1.05, 1.05, 1.05, 1.0, 1.0, 1.0, 0.85)


def season(category: str, month: int) -> float:
    """How much more than on average a category is reported in a month, 1 to 12; 1 on average over a year.

    The police call for reports of water in summer and of homeless people in winter (policja.pl, July 2023;
    warszawa.twoje-miasto.pl, 2023); the sizes, and grass in spring, are assumed.
    """
    return mean_one(_MONTHS.get(category, _MONTHS_OTHERWISE), _MONTH_DAYS)[month - 1]


def weekday(category: str, iso_weekday: int) -> float:
    """The same by weekday, 1 for Monday to 7; 1 on average over a week. Nothing is published: assumed."""
    return mean_one(_WEEKDAYS.get(category, _WEEKDAYS_OTHERWISE))[iso_weekday - 1]


def hour(category: str, hour_of_day: int) -> float:
    """The same by hour in Warsaw, 0 to 23; 1 on average over a day. Nothing is published: assumed."""
    return mean_one(_HOURS.get(category, _HOURS_OTHERWISE))[hour_of_day]
