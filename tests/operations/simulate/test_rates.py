"""The figures of a year add up, whatever shapes are put on hours, weekdays and seasons."""

from datetime import UTC, datetime, timedelta

import pytest
from boundaries.areas import units
from contracts.policy.categories import catalogues
from hypothesis import given
from hypothesis import strategies as st
from operations.simulate.model import figures
from operations.simulate.model.places import Places
from operations.simulate.model.rates import category_weights, country

CATEGORIES = st.sampled_from([*figures.CATEGORY_SHARES])
DAYS_OF_MONTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def test_every_category_in_force_has_its_share() -> None:
    assert figures.CATEGORY_SHARES.keys() == catalogues()[-1].by_code.keys()
    assert sum(figures.CATEGORY_SHARES.values()) == pytest.approx(1)
    assert sum(figures.CATEGORY_SHARES[code] for code in ("parking", "speeding", "drinking")) == pytest.approx(0.70)


def test_half_of_all_is_confirmed() -> None:
    confirmed = sum(
        share * figures.CONFIRMED.get(category, figures.CONFIRMED_OTHERWISE)
        for category, share in figures.CATEGORY_SHARES.items()
    )
    assert confirmed == pytest.approx(0.51, abs=0.005)
    assert confirmed * figures.ELIMINATED_OF_CONFIRMED == pytest.approx(1_131_554 / 2_500_000, abs=0.005)


@given(CATEGORIES)
def test_shapes_neither_add_nor_take_away(category: str) -> None:
    year = sum(figures.season(category, month) * days for month, days in enumerate(DAYS_OF_MONTHS, 1))
    assert year == pytest.approx(365)
    assert sum(figures.weekday(category, day) for day in range(1, 8)) == pytest.approx(7)
    assert sum(figures.hour(category, hour) for hour in range(24)) == pytest.approx(24)


@given(CATEGORIES, st.integers(0, 365 * 24))
def test_no_hour_of_a_year_is_without_a_rate_or_beyond_all_measure(category: str, hour: int) -> None:
    average = figures.CATEGORY_SHARES[category]
    assert 0 < category_weights(BEGIN + timedelta(hours=hour))[category] < 20 * average


def test_a_year_has_the_countrys_reports(places: Places) -> None:
    poland = country(places.people)
    hours = [BEGIN + timedelta(hours=hour) for hour in range(365 * 24)]
    assert sum(map(poland.per_hour, hours)) == pytest.approx(365 * figures.PER_DAY, rel=0.01)


def test_garrisons_share_the_country(places: Places) -> None:
    poland = country(places.people)
    assert poland.per_day.keys() == units.garrisons().keys() == places.people.keys()
    assert poland.total == pytest.approx(figures.PER_DAY)
    assert poland.per_day["OPO"] == pytest.approx(24)
    assert country(places.people, "OPO", volume=3).per_day == {"OPO": pytest.approx(72)}


@given(st.floats(1e-4, 1e4), st.floats(0.01, 100))
def test_compression_makes_the_rate(rate: float, volume: float) -> None:
    poland = country({"KRA": 1, "KAT": 1, "KSP": 1, "OPO": 1, "GOR": 1}, volume=volume)
    assert poland.total / 86_400 * poland.compression(rate) == pytest.approx(rate)


def test_the_clocks_of_warsaw_decide_the_hour() -> None:
    in_winter, in_summer = datetime(2026, 1, 5, 22, tzinfo=UTC), datetime(2026, 7, 6, 22, tzinfo=UTC)
    at_23, at_midnight = figures.hour("parking", 23), figures.hour("parking", 0)
    share = figures.CATEGORY_SHARES["parking"]
    monday, tuesday = figures.weekday("parking", 1), figures.weekday("parking", 2)
    january, july = figures.season("parking", 1), figures.season("parking", 7)
    assert category_weights(in_winter)["parking"] == pytest.approx(share * january * monday * at_23)
    assert category_weights(in_summer)["parking"] == pytest.approx(share * july * tuesday * at_midnight)
