"""Where a sender's reports count as one place, and how long limits last."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from intake.domain.limits import grid_cell, seconds_of_day, seconds_of_hour


@given(st.floats(14.0, 24.2), st.floats(49.0, 55.0))
def test_a_grid_cell_is_one_of_about_50_metres(longitude: float, latitude: float) -> None:
    north, east = 200 / 111_320, 200 / 63_000
    here = grid_cell(longitude, latitude)
    assert here == grid_cell(longitude, latitude)
    assert here != grid_cell(longitude, latitude + north)
    assert here != grid_cell(longitude + east, latitude)


@given(st.integers(0, 366 * 86_400))
def test_limits_end_when_their_counters_change_names(second: int) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=second)
    end = at + timedelta(seconds=seconds_of_day(at))
    assert (end.hour, end.minute, end.second) == (0, 0, 0)
    assert 0 < seconds_of_hour(at) <= min(3600, seconds_of_day(at))
