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


def look(read: float, published: float | None) -> Look:
    return Look(at(read), None if published is None else at(published))


@pytest.mark.parametrize(
    ("read", "published", "silent", "reached", "confirmed"),
    [
        (100, 100, 0, 100, 100),
        (100, 90, 0, 90, 90),  # casework lags: its stop may be on its way
        (90, 100, 0, 90, 90),  # the monitor lags, or casework's clock is ahead: no deadline is missed before its time
        (100, 20, 59, 20, 20),  # it has said nothing for long, but for most of that the brokers were away
        (100, 20, 60, 40, 20),  # it has been silent for longer than the bound
        (100, None, 60, 40, None),
        (100, 41, 60, 41, 41),
    ],
)
def test_a_step_fires_when_both_times_have_reached_it_or_after_a_silence_of_the_bound(
    read: float, published: float | None, silent: float, reached: float, confirmed: float | None
) -> None:
    found = watermark(look(read, published), timedelta(seconds=silent), BOUND)
    assert found
    assert found.at == at(reached)
    assert found.confirmed_at == (None if confirmed is None else at(confirmed))


def test_as_long_as_casework_was_never_heard_nothing_fires_before_the_bound() -> None:
    assert watermark(look(100, None), timedelta(seconds=59), BOUND) is None


@given(read=seconds, published=st.none() | seconds, step=seconds, silent=st.integers(0, 120))
def test_nothing_is_confirmed_that_casework_has_not_published_and_nothing_waits_beyond_the_bound(
    read: int, published: int | None, step: int, silent: int
) -> None:
    found = watermark(look(read, published), timedelta(seconds=silent), BOUND)
    fires = found is not None and at(step) <= found.at
    confirmed = found is not None and found.confirms(at(step))
    assert confirmed == (published is not None and step <= published and step <= read)
    assert fires == (confirmed or (silent >= 60 and step <= read - 60))
