"""Which places are routed, and what is published of the district that answers."""

from dataclasses import dataclass, fields
from datetime import datetime
from uuid import UUID

from contracts.base import Event
from contracts.events.cases import CaseCorrected
from contracts.events.reports import ReportSubmission
from contracts.events.routing import ReportRouted, ReportUnroutable
from districts.index import Found, Index, NotFound, locate


@dataclass(frozen=True, slots=True)
class Place:
    """A report's place (WGS 84 degrees). `place_version`: 0 as submitted, else the case version that corrected it.

    `emergency_like` goes on to who is told who answers, with a report's first place alone: an alarm sounds once.
    """

    report_id: UUID
    place_version: int
    longitude: float
    latitude: float
    category: str
    submitted_at: datetime
    emergency_like: bool = False


# `dataclasses.asdict` copies every value deeply, which took more than finding the district.
_NAMED = tuple(field.name for field in fields(Place))


def place_to_route(event: Event | None) -> Place | None:
    """The place an event names that has no district yet, or None when it names none."""
    match event:
        case ReportSubmission():
            version, emergency_like = 0, getattr(event, "emergency_like", False)  # a newer writer's base does not say
        case CaseCorrected(place_corrected=True):
            version, emergency_like = event.version, False
        case _:
            return None
    return Place(
        event.report_id,
        version,
        event.longitude,
        event.latitude,
        event.category,
        event.submitted_at,
        emergency_like,
    )


def routing_of(place: Place, index: Index, nearest_m: float) -> ReportRouted | ReportUnroutable:
    """The district that answers for a place. `nearest_m`: how far, in metres, it may lie from every district."""
    named = {name: getattr(place, name) for name in _NAMED}
    match locate(index, place.longitude, place.latitude, nearest_m):
        case Found(leaf, method, border_m):
            return ReportRouted(
                **named,
                owner=leaf.owner,
                level=leaf.level,
                district_name=leaf.name,
                method=method,
                border_m=round(border_m, 1),
                boundary_version=leaf.version,
            )
        case NotFound(reason, nearest, metres):
            return ReportUnroutable(
                **named,
                reason=reason,
                nearest_district=nearest.code if nearest else None,
                nearest_m=None if metres is None else round(metres, 1),
                boundary_version=nearest.version if nearest else None,
            )
