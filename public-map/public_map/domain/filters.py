"""Which public reports somebody asks for."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.statuses import Status

BoundingBox = tuple[float, float, float, float]
"""West, south, east, north in WGS 84 degrees."""

WORLD: BoundingBox = (-180.0, -90.0, 180.0, 90.0)


@dataclass(frozen=True, slots=True)
class ReportFilter:
    """Public reports inside a box, of these categories and statuses (empty: of all), changed in that hour or later.

    `after` is the id of the last report of the page before: pages go by id.
    """

    box: BoundingBox = WORLD
    categories: tuple[str, ...] = ()
    statuses: tuple[Status, ...] = ()
    since: datetime | None = None
    after: UUID | None = None
