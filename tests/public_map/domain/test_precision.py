"""How exactly a report is shown: times to the hour, places to the category's precision."""

from datetime import UTC, datetime
from math import cos, hypot, radians

from contracts.events.cases import CaseConfirmed, CaseOpened
from hypothesis import given
from hypothesis import strategies as st
from public_map.domain.precision import public_position, public_report
from support.events import OPOLE
from support.public_map.public_lives import PLACE, Life

PLACES = st.tuples(st.floats(14.0, 24.2), st.floats(49.0, 55.0))


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    aside = (one[0] - other[0]) * cos(radians(one[1]))
    return 111_320 * hypot(aside, one[1] - other[1])


@given(PLACES)
def test_an_exact_category_shows_the_place_to_a_tenth_of_a_metre(place: tuple[float, float]) -> None:
    assert metres(public_position(*place, 0), place) < 0.1


@given(PLACES, st.sampled_from([100, 250, 1000]))
def test_a_shifted_place_is_never_further_than_half_a_cell_diagonal(place: tuple[float, float], precision: int) -> None:
    assert metres(public_position(*place, precision), place) <= precision * 0.7072 + 0.2


@given(PLACES, st.integers(1, 5), st.floats(0, 1), st.floats(0, 1))
def test_averaging_reveals_nothing(place: tuple[float, float], repeats: int, right: float, up: float) -> None:
    """Every place of one cell, however often it is reported, is shown at one point, the centre, which stays itself."""
    shown = public_position(*place, 100)
    assert {public_position(*place, 100) for _ in range(repeats)} == {shown}
    assert public_position(*shown, 100) == shown
    # Anywhere else in the same cell (a little off its edges, where rounding decides).
    half_up = 49 / 111_320
    half_aside = half_up / cos(radians(shown[1]))
    elsewhere = shown[0] + (2 * right - 1) * half_aside, shown[1] + (2 * up - 1) * half_up
    assert public_position(*elsewhere, 100) == shown


def test_the_public_report_is_to_the_hour_and_names_nobody_but_the_unit() -> None:
    life = Life(1, datetime(2026, 11, 1, 9, 47, 13, tzinfo=UTC), "begging")
    life.change(CaseOpened)
    seen = public_report(life.change(CaseConfirmed, at=datetime(2026, 11, 2, 9, 47, 13, tzinfo=UTC)), 100)
    assert seen.submitted_at == datetime(2026, 11, 1, 9, tzinfo=UTC)
    assert seen.changed_at == datetime(2026, 11, 2, 9, tzinfo=UTC)
    assert (seen.longitude, seen.latitude) != PLACE
    assert (seen.garrison, seen.unit, seen.unit_name) == (OPOLE.garrison, OPOLE.unit, OPOLE.unit_name)
