"""The watermark as a rule: what confirms a step, and what fires one that nothing confirms."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sla_monitor.domain.watermark import Look, watermark
from support.events import SUBMITTED

BOUND = timedelta(seconds=60)
seconds = st.integers(-300, 300)


def at(after: float) -> datetime:
    return SUBMITTED + timedelta(seconds=after)


@pytest.mark.parametrize(
    ("read", "published", "reached", "confirmed"),
    [
        (100, 100, 100, 100),
        (100, 90, 90, 90),  # casework lags: its stop may be on its way
        (90, 100, 90, 90),  # the monitor lags, or casework's clock is ahead: no deadline is missed before its time
        (100, 40, 40, 40),
        (100, 39, 40, 39),  # casework has been silent for longer than the bound
        (100, None, 40, None),
    ],
)
def test_a_step_fires_when_both_times_have_reached_it_or_after_the_bound(
    read: float, published: float | None, reached: float, confirmed: float | None
) -> None:
    found = watermark(Look(at(read), None if published is None else at(published)), BOUND)
    assert found.at == at(reached)
    assert found.confirmed_at == (None if confirmed is None else at(confirmed))


@given(read=seconds, published=st.none() | seconds, step=seconds)
def test_nothing_is_confirmed_that_casework_has_not_published_and_nothing_waits_beyond_the_bound(
    read: int, published: int | None, step: int
) -> None:
    found = watermark(Look(at(read), None if published is None else at(published)), BOUND)
    fires = at(step) <= found.at
    assert found.confirms(at(step)) == (published is not None and step <= published and step <= read)
    assert fires == (found.confirms(at(step)) or step <= read - 60)
