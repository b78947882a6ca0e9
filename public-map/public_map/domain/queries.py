"""What readers of the map ask for: reports by a filter, or those near a position that may be about the same threat."""

import math
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from uuid import UUID

from contracts.policy.categories import Category
from contracts.statuses import OPEN, Status

from public_map.domain.precision import METRES_PER_DEGREE

BoundingBox = tuple[float, float, float, float]
"""West, south, east, north in WGS 84 degrees."""

WORLD: BoundingBox = (-180.0, -90.0, 180.0, 90.0)


class Order(Enum):
    """In which order pages go; each is total, since ids never change."""

    ID = "report_id"
    SUBMITTED = "the newest first"
    CHANGED = "the change longest ago first"
    CHANGED_LAST = "the newest change first"


Span = tuple[datetime, datetime]
"""From an instant to another, both included."""


@dataclass(frozen=True, slots=True)
class ReportFilter:
    """Public reports inside a box, of these categories and statuses (empty: of all), changed in that hour or later.

    `after` is the id of the last report of the page before, and `after_at` its time where the order goes by a time.
    `ids` are the only ones that are wanted, `area` (WKB, WGS 84) is the ground they lie on, `imported` whether another
    system's or our own, where these are given.
    """

    box: BoundingBox = WORLD
    categories: tuple[str, ...] = ()
    statuses: tuple[Status, ...] = ()
    since: datetime | None = None
    after: UUID | None = None
    after_at: datetime | None = None
    ids: tuple[UUID, ...] | None = None
    submitted: Span | None = None
    changed: Span | None = None
    unit: str | None = None
    area: bytes | None = None
    imported: bool | None = None
    order: Order = Order.ID


@dataclass(frozen=True, slots=True)
class NearbyQuery:
    """Reports of one category and of some statuses within `within_m` metres of a position in WGS 84 degrees."""

    category: str
    statuses: tuple[Status, ...]
    longitude: float
    latitude: float
    within_m: float

    @property
    def box(self) -> BoundingBox:
        """Holds all that is within; an index can tell what is in it."""
        return bounding_box(self.longitude, self.latitude, self.within_m)


def nearby_query(category: Category, longitude: float, latitude: float) -> NearbyQuery:
    """The query for open reports that may be about the same.

    Within `same_m` of the catalogue; half a cell's diagonal more where public positions are shifted by up to that.
    """
    within_m = category.same_m + category.precision_m * math.sqrt(0.5)
    return NearbyQuery(category.code, tuple(sorted(OPEN)), longitude, latitude, within_m)


def bounding_box(longitude: float, latitude: float, metres: float) -> BoundingBox:
    """A box that holds every position within so many metres, one per cent larger than a sphere would ask for."""
    up = 1.01 * metres / METRES_PER_DEGREE
    aside = up / max(0.01, math.cos(math.radians(latitude)))
    return longitude - aside, latitude - up, longitude + aside, latitude + up
