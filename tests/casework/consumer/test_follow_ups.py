"""What citizens say after sending: what counts, what is only remarked."""

import pytest
from casework.consumer.follow_ups import counts_support
from contracts.statuses import Status
from support.case_states import case_in


@pytest.mark.parametrize(
    ("category", "status", "expected"),
    [
        ("parking", Status.NEW, True),
        ("parking", Status.REFERRED, True),
        ("parking", Status.ELIMINATED, False),
        ("dangerous-venue", Status.VERIFICATION, False),  # shown only once confirmed
        ("dangerous-venue", Status.CONFIRMED, True),
        ("drug-use", Status.CONFIRMED, False),  # never shown
    ],
)
def test_seconding_counts_where_somebody_can_have_seen_the_report(
    category: str, status: Status, expected: bool
) -> None:
    assert counts_support(case_in(status, category=category)) is expected
