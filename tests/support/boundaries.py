"""What the boundary tests share: the topic in memory, features and squares."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from contracts.envelope import Outgoing

from boundaries import running

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
FIRST, SECOND = "2026-11-23T12.00.00Z-aaaa", "2026-11-24T12.00.00Z-bbbb"
SEEDED = ("OPO", "WRO", "KSP")
WriteFile = Callable[..., Path]


class MemoryLog:
    """The topic's twin in memory. `break_after` messages the writer dies."""

    def __init__(self, break_after: int | None = None) -> None:
        self.records: list[running.Record] = []
        self.break_after = break_after

    def read_all(self) -> Iterable[running.Record]:
        return list(self.records)

    def publish(self, messages: Sequence[Outgoing]) -> None:
        for message in messages:
            if self.break_after is not None and len(self.records) >= self.break_after:
                raise running.LogError("the writer died")
            self.records.append(running.Record(message.key, message.headers, message.value))

    @property
    def keys(self) -> list[str]:
        return [record.key for record in self.records]


def feature(code: str | None, geometry: dict[str, Any] | None, **properties: Any) -> dict[str, Any]:
    """One GeoJSON feature."""
    return {"type": "Feature", "properties": {"code": code, **properties}, "geometry": geometry}


def square(west: float, south: float, size: float = 0.02) -> dict[str, Any]:
    """A square of so many degrees; 0.02 is some 1.4 by 2.2 km in the middle of Poland."""
    east, north = west + size, south + size
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}
