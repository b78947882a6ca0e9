"""The operators of the journeys' system."""

import pytest
from journeys.journey import Journey
from support.operations.command import Kmzb


@pytest.fixture
def kmzb(journey: Journey) -> Kmzb:
    """`kmzb` on the running system."""
    return Kmzb(journey.addresses)
