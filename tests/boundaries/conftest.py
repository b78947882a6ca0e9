"""Fixtures of the boundary tests: an empty topic, a seeded one, and files to import."""

import json
from pathlib import Path
from typing import Any

import pytest
from support.boundaries import AT, FIRST, SEEDED, MemoryLog, WriteFile

from boundaries import running, seed


@pytest.fixture
def log() -> MemoryLog:
    """An empty topic."""
    return MemoryLog()


@pytest.fixture(scope="session")
def default_records() -> list[running.Record]:
    """The default sets of a few neighbouring garrisons, published once."""
    log = MemoryLog()
    for garrison in SEEDED:
        running.publish_set(log, seed.default_districts(garrison, FIRST), AT, AT)
    return log.records


@pytest.fixture
def seeded(default_records: list[running.Record]) -> MemoryLog:
    """A topic with some garrisons' default sets in force; the others have none yet."""
    log = MemoryLog()
    log.records = list(default_records)
    return log


@pytest.fixture
def write(tmp_path: Path) -> WriteFile:
    """Writes features as a GeoJSON file."""

    def save(*features: dict[str, Any], **members: Any) -> Path:
        path = tmp_path / "districts.geojson"
        path.write_text(json.dumps({"type": "FeatureCollection", **members, "features": list(features)}))
        return path

    return save
