"""What the boundary tests share: the topic in memory, features and squares."""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from boundaries.published import TopicError, publish_set
from boundaries.seed import default_districts
from chassis.kafka.messages import RawMessage
from contracts.envelope import Outgoing
from support.events import on_the_log

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
FIRST, SECOND = "2026-11-23T12.00.00Z-aaaa", "2026-11-24T12.00.00Z-bbbb"
SEEDED = ("OPO", "WRO", "KSP")
WriteFile = Callable[..., Path]


class MemoryTopic:
    """The topic's twin in memory. `break_after` messages the writer dies."""

    def __init__(self, break_after: int | None = None) -> None:
        self.records: list[RawMessage] = []
        self.break_after = break_after

    def read_all(self) -> Iterable[RawMessage]:
        return list(self.records)

    def publish(self, messages: Sequence[Outgoing]) -> None:
        for message in messages:
            if self.break_after is not None and len(self.records) >= self.break_after:
                raise TopicError("the writer died")
            self.records.append(on_the_log(message))

    @property
    def keys(self) -> list[str]:
        return [record.key.decode() for record in self.records]


def feature(code: str | None, geometry: dict[str, Any] | None, **properties: Any) -> dict[str, Any]:
    """One GeoJSON feature."""
    return {"type": "Feature", "properties": {"code": code, **properties}, "geometry": geometry}


def square(west: float, south: float, size: float = 0.02) -> dict[str, Any]:
    """A square of so many degrees; 0.02 is some 1.4 by 2.2 km in the middle of Poland."""
    east, north = west + size, south + size
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


@cache
def _default_records() -> tuple[RawMessage, ...]:
    """The default sets of a few neighbouring garrisons, published once."""
    topic = MemoryTopic()
    for garrison in SEEDED:
        publish_set(topic, default_districts(garrison, FIRST), AT, AT)
    return tuple(topic.records)


def seeded_topic() -> MemoryTopic:
    """A topic with some garrisons' default sets as current ones; the others have none yet."""
    topic = MemoryTopic()
    topic.records = list(_default_records())
    return topic


def write_features(path: Path, *features: dict[str, Any], **members: Any) -> Path:
    """A GeoJSON file of these features; `members` stand beside them."""
    path.write_text(json.dumps({"type": "FeatureCollection", **members, "features": list(features)}))
    return path
