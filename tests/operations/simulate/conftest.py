"""The country's places, read once: that takes a second or two."""

import pytest
from operations.simulate.model.places import Places


@pytest.fixture(scope="session")
def places() -> Places:
    return Places()
