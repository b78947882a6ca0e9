"""Which positions count as near."""

from math import cos, radians

from contracts.policy.categories import category
from contracts.statuses import OPEN
from hypothesis import given
from hypothesis import strategies as st
from public_map.domain.queries import bounding_box, nearby_query

PLACES = st.tuples(st.floats(14.0, 24.2), st.floats(49.0, 55.0))


@given(PLACES, st.floats(0, 360), st.sampled_from([100.0, 500.0]))
def test_the_box_round_a_place_holds_all_that_is_within(place: tuple[float, float], angle: float, reach: float) -> None:
    west, south, east, north = bounding_box(*place, reach)
    up = reach / 111_320
    assert south < place[1] - up < place[1] + up < north
    aside = up / cos(radians(place[1]))
    assert west < place[0] - aside < place[0] + aside < east


def test_a_shifted_category_is_looked_for_further_by_half_a_cell_diagonal() -> None:
    parking, begging = category("parking"), category("begging")
    assert parking
    assert begging
    assert nearby_query(parking, 17.9, 50.7).within_m == parking.same_m
    assert round(nearby_query(begging, 17.9, 50.7).within_m - begging.same_m, 1) == 70.7
    assert set(nearby_query(begging, 17.9, 50.7).statuses) == OPEN
