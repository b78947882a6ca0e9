"""What becomes of a delivery after an attempt, and when it is tried again."""

from datetime import timedelta

import pytest
from contracts.events.notices import Audience
from hypothesis import given
from hypothesis import strategies as st
from notifier.domain.deliveries import AttemptResult, Outcome, next_state, retry_at
from support.events import SUBMITTED


@pytest.mark.parametrize("audience", list(Audience))
@pytest.mark.parametrize(
    ("outcome", "attempt", "state", "announced"),
    [
        (Outcome.SENT, 1, "sent", True),
        (Outcome.REFUSED, 1, "failed", True),
        (Outcome.CANCELLED, 1, "cancelled", False),
        (Outcome.DEFERRED, 1, "pending", False),
        (Outcome.DEFERRED, 25, "failed", True),
        (Outcome.UNCERTAIN, 1, "pending", True),
        (Outcome.UNCERTAIN, 25, "uncertain", True),
    ],
)
def test_what_becomes_of_an_attempt(
    outcome: Outcome, attempt: int, state: str, announced: bool, audience: Audience
) -> None:
    first = timedelta(seconds=10)
    after = next_state(AttemptResult(outcome), audience, attempt=attempt, now=SUBMITTED, first=first, jitter=0)
    if outcome is Outcome.UNCERTAIN and audience is Audience.CITIZEN:
        state = "uncertain"
    assert (after.state, after.announced) == (state, announced)
    assert (after.due_at is not None) == (state == "pending")


@given(attempt=st.integers(1, 24), jitter=st.floats(0, 1))
def test_waits_grow_to_an_hour_and_scatter_by_a_quarter(attempt: int, jitter: float) -> None:
    wait = (retry_at(SUBMITTED, attempt, timedelta(seconds=10), jitter) or SUBMITTED) - SUBMITTED
    plain = min(timedelta(seconds=10 * 2 ** (attempt - 1)), timedelta(hours=1))
    assert plain <= wait <= plain * 1.25
    assert retry_at(SUBMITTED, 25, timedelta(seconds=10), jitter) is None
