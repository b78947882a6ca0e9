"""Fixtures of the boundary tests: an empty topic, a seeded one, and files to import."""

from functools import partial
from pathlib import Path

import pytest
from support.boundaries import MemoryTopic, WriteFile, seeded_topic, write_features


@pytest.fixture
def topic() -> MemoryTopic:
    """An empty topic."""
    return MemoryTopic()


@pytest.fixture
def seeded() -> MemoryTopic:
    """A topic with some garrisons' default sets as current ones; the others have none yet."""
    return seeded_topic()


@pytest.fixture
def write(tmp_path: Path) -> WriteFile:
    """Writes features as a GeoJSON file."""
    return partial(write_features, tmp_path / "districts.geojson")
