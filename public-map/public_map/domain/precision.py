"""How exactly everyone sees a report: its place to the category's public precision, its times to the hour."""

import math
from datetime import datetime

from contracts.events.cases import CaseChange, CaseCorrected
from contracts.events.public import PublicReport, ReportImported
from contracts.policy.categories import category

METRES_PER_DEGREE = 111_320.0
"""Of latitude, on a sphere with the Earth's equatorial radius (6 378 137 m)."""

State = CaseChange | ReportImported
"""What says how a report stands: a change of its case here, or what another system said of it."""

_DECIMALS = 6  # of a degree: a tenth of a metre


def precision_after(precision_m: int, change: State) -> int:
    """How exactly, in metres, a report is shown after a change: never more exactly than any category it had allows.

    `precision_m` is what it was before; 0 is exact. Without the memory, correcting "begging" to another category would
    show everyone where the person sits.
    """
    codes = [change.category, *([change.previous_category] if isinstance(change, CaseCorrected) else [])]
    return max(precision_m, *(known.precision_m for known in map(category, codes) if known), 0)


def public_report(change: State, precision_m: int) -> PublicReport:
    """The state after a change as everyone may see it, its place to `precision_m` metres (see `precision_after`)."""
    longitude, latitude = public_position(change.longitude, change.latitude, precision_m)
    return PublicReport(
        report_id=change.report_id,
        version=change.version,
        category=change.category,
        status=change.status,
        longitude=longitude,
        latitude=latitude,
        submitted_at=to_the_hour(change.submitted_at),
        changed_at=to_the_hour(change.changed_at),
        garrison=change.owner.garrison,
        unit=change.owner.unit,
        unit_name=change.owner.unit_name,
        supporters=change.supporters if isinstance(change, CaseChange) else 0,
        imported=isinstance(change, ReportImported),
    )


def public_position(longitude: float, latitude: float, precision_m: int) -> tuple[float, float]:
    """Longitude and latitude (WGS 84 degrees) of the centre of the grid cell a position lies in.

    Cells are `precision_m` metres high and wide; 0 gives the position itself, to a tenth of a metre. Nothing random:
    every report of one cell gets the same position every time, so averaging many tells nothing more.
    """
    if precision_m:
        height = precision_m / METRES_PER_DEGREE
        latitude = _cell_centre(latitude, height)
        # One width for a whole row of cells, so that they meet without gaps; rounded, so that every machine agrees.
        width = round(height / math.cos(math.radians(latitude)), 9)
        longitude = _cell_centre(longitude, width)
    return round(longitude, _DECIMALS), round(latitude, _DECIMALS)


def to_the_hour(instant: datetime) -> datetime:
    """The hour an instant lies in, by its beginning."""
    return instant.replace(minute=0, second=0, microsecond=0)


def _cell_centre(degrees: float, cell: float) -> float:
    return (math.floor(degrees / cell) + 0.5) * cell
