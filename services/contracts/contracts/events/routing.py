"""Where a report belongs: what routing says of it."""

from enum import StrEnum

from contracts.base import HEADQUARTERS, Code, Count, Instant, Latitude, Longitude, Metres, Name, Owner, ReportEvent
from contracts.events.districts import Level


class Method(StrEnum):
    """How the district was found."""

    CONTAINS = "contains"
    SHARED_BORDER = "shared_border"  # on a border of several; the lowest code was taken
    NEAREST = "nearest"  # in a gap or off the sea edge, within the permitted distance


class Reason(StrEnum):
    """Why no district was found."""

    OUTSIDE = "outside"  # no district within the permitted distance
    NO_BOUNDARIES = "no_boundaries"  # the set for this place is not complete yet


class Routing(ReportEvent, frozen=True, kw_only=True):
    """What routing says of one place of a report.

    `place_version` is 0 for the place as submitted, else the case version that corrected it; the highest wins.
    `owner` answers for the place, headquarters where no district was found; `boundary_version` is that of the district.
    `emergency_like` as the report says, so that who answers can be alarmed; never of a corrected place.
    """

    place_version: Count = 0
    longitude: Longitude
    latitude: Latitude
    category: Code
    submitted_at: Instant
    owner: Owner = HEADQUARTERS
    boundary_version: Code | None = None
    emergency_like: bool = False


class ReportRouted(Routing, frozen=True, kw_only=True):
    """The district that answers, and how sure that is: metres to its nearest border say so."""

    owner: Owner
    level: Level
    district_name: Name
    method: Method
    border_m: Metres
    boundary_version: Code


class ReportUnroutable(Routing, frozen=True, kw_only=True):
    """Nobody is known to answer for the place: headquarters takes the case and transfers it.

    `boundary_version` is that of the nearest district.
    """

    reason: Reason
    nearest_district: Code | None = None
    nearest_m: Metres | None = None
