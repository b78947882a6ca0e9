"""What is drawn for a year: as much as the rates say, in the right garrison, all of it by intake's contract."""

import json
import math
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest
import shapely
from boundaries.seed import outline
from chassis.clock import now
from contracts.policy.categories import catalogue_at, category
from hypothesis import given, settings
from hypothesis import strategies as st
from intake.api.requests import idempotency_key
from intake.domain.field_errors import checked_form, decode_form
from operations.simulate.model import figures, forms
from operations.simulate.model.arrivals import Arrival, Kind, Year
from operations.simulate.model.places import METRES_PER_DEGREE, Places
from operations.simulate.model.rates import country
from web.forwarding.senders import sender

START = datetime(2026, 6, 5, 22, tzinfo=UTC)
LOOPBACK = [ip_network("127.0.0.1/32")]
few = settings(max_examples=3, deadline=None)


def drawn(places: Places, seed: int, days: float, garrison: str | None = None, volume: float = 1) -> list[Arrival]:
    year = Year(country(places.people, garrison, volume), places, seed)
    return [*year.arrivals(START, START + timedelta(days=days))]


@few
@given(st.integers(0, 2**32))
def test_as_many_come_as_the_rates_say(places: Places, seed: int) -> None:
    poland = country(places.people)
    expected = sum(poland.per_hour(START + timedelta(hours=hour)) for hour in range(48))
    # Surges and jokers come in clumps: each counts by its square.
    spread = math.sqrt(expected * (1 + figures.JOKES * 6) + 4 / 7 * 60**2)
    arrivals = drawn(places, seed, 2)
    assert abs(len(arrivals) - expected) < 6 * spread
    assert len({arrival.number for arrival in arrivals}) == len(arrivals)
    assert [arrival.at for arrival in arrivals] == sorted(arrival.at for arrival in arrivals)
    assert all(START <= arrival.at < START + timedelta(days=2) for arrival in arrivals)


def test_a_seed_gives_one_year(places: Places) -> None:
    assert drawn(places, 7, 0.2) == drawn(places, 7, 0.2) != drawn(places, 8, 0.2)


@few
@given(st.integers(0, 2**32))
def test_intake_takes_every_report(places: Places, seed: int) -> None:
    at = now()
    for arrival in drawn(places, seed, 0.5):
        filled = forms.body(arrival, seed, at)
        form = checked_form(decode_form(json.dumps(filled).encode()), catalogue_at(at), at)
        assert (form.category, form.longitude, form.latitude) == (
            arrival.category,
            arrival.longitude,
            arrival.latitude,
        )


def test_everybody_sends_from_an_address_and_under_a_key_of_their_own(places: Places) -> None:
    arrivals = drawn(places, 1, 1)
    keys, senders = set(), defaultdict(set)
    for arrival in arrivals:
        told = forms.headers(arrival, run=2**32 - 5)
        raw = [(name.lower().encode(), value.encode()) for name, value in told.items()]
        keys.add(idempotency_key(dict(raw)))
        senders[sender("127.0.0.1", raw, LOOPBACK)].add(arrival.sender)
    assert len(keys) == len(arrivals)
    assert all(len(numbers) == 1 for numbers in senders.values())
    assert len(senders) == len({arrival.sender for arrival in arrivals})


@pytest.mark.parametrize("garrison", ["OPO", "KSP", "RAD"])
def test_every_place_lies_in_its_garrison(places: Places, garrison: str) -> None:
    land = outline(garrison).buffer(1e-7)
    shapely.prepare(land)
    arrivals = drawn(places, 3, 1, garrison, volume=10)
    assert len(arrivals) > 100
    assert {arrival.garrison for arrival in arrivals} == {garrison}
    assert all(land.contains(shapely.Point(arrival.longitude, arrival.latitude)) for arrival in arrivals)


def test_all_garrisons_and_kinds_come_in_a_day(places: Places) -> None:
    arrivals = drawn(places, 2, 1, volume=3)
    assert {arrival.garrison for arrival in arrivals} == places.people.keys()
    assert (
        {"parking", "speeding", "drinking"}
        < {arrival.category for arrival in arrivals}
        <= figures.CATEGORY_SHARES.keys()
    )
    assert {arrival.kind for arrival in arrivals} == set(Kind)


def test_surges_and_jokers_are_bounded_and_duplicates_are_alike(places: Places) -> None:
    arrivals = drawn(places, 5, 1, volume=10)
    by_number = {arrival.number: arrival for arrival in arrivals}
    surges, jokers = defaultdict(list), defaultdict(list)
    for arrival in arrivals:
        first = by_number.get(arrival.repeats or 0)
        if first:
            known = category(first.category)
            assert arrival.category == first.category
            assert arrival.garrison == first.garrison
            assert known
            assert metres(arrival, first) <= known.same_m
            assert timedelta(0) <= arrival.at - first.at <= timedelta(days=figures.DUPLICATE_DAYS)
        if arrival.kind is Kind.SURGE:
            surges[arrival.repeats or arrival.number].append(arrival)
        if arrival.kind is Kind.JOKE:
            jokers[arrival.sender].append(arrival)
    assert 0 < len(surges) < 25
    assert max(map(len, surges.values())) <= figures.SURGE_REPORTS[1]
    assert all(surge[-1].at - surge[0].at <= timedelta(hours=figures.SURGE_HOURS) for surge in surges.values())
    assert max(map(len, jokers.values())) <= figures.JOKER_REPORTS[1]
    assert all(joker[-1].at - joker[0].at <= timedelta(minutes=figures.JOKER_MINUTES) for joker in jokers.values())
    duplicates = sum(arrival.kind is Kind.DUPLICATE for arrival in arrivals)
    assert duplicates / len(arrivals) == pytest.approx(figures.DUPLICATES, abs=0.02)
    assert sum(map(len, jokers.values())) / len(arrivals) == pytest.approx(figures.JOKES, abs=0.01)


def metres(one: Arrival, other: Arrival) -> float:
    east = (one.longitude - other.longitude) * math.cos(math.radians(other.latitude))
    return math.hypot(east, one.latitude - other.latitude) * METRES_PER_DEGREE
