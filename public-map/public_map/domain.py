"""What the public may see, for how long and how precisely: pure rules, used when something is written, never later."""

import calendar
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import assert_never
from zoneinfo import ZoneInfo

from contracts.cases import Answer, CaseChange, CasesMerged
from contracts.categories import Category, category
from contracts.public import PublicReport
from contracts.statuses import Status
from contracts.terms import WARSAW, Length, due_at

UNCONFIRMED_FOR = Length(days=7)
_ONCE_CONFIRMED = frozenset({Status.CONFIRMED, Status.REFERRED, Status.ELIMINATED})
_METRES_PER_DEGREE = 111_320.0
_DECIMALS = 6  # of a degree: a tenth of a metre


@dataclass(frozen=True, slots=True)
class Window:
    """The report is on the map, to the end at `until` (None: as long as it stays as it is)."""

    until: datetime | None

    def open_at(self, at: datetime) -> bool:
        return self.until is None or at < self.until


def window(change: CaseChange) -> Window | None:
    """For how long the state after a change is public; None when it never is."""
    if isinstance(change, CasesMerged) or not sees(category(change.category), change.status):
        return None
    match change.status:
        case Status.NEW | Status.VERIFICATION | Status.CONFIRMED | Status.REFERRED:
            return Window(None)
        case Status.UNCONFIRMED:
            return Window(due_at(change.changed_at, UNCONFIRMED_FOR, "calendar"))
        case Status.ELIMINATED:
            return Window(month_after(change.changed_at))
        case Status.REJECTED:
            return None
        case _:
            assert_never(change.status)


def sees(of: Category | None, status: Status) -> bool:
    """Whether the public sees a category in a status at all. What this catalogue does not know is not shown."""
    if of is None:
        return False
    match of.public:
        case "always":
            return True
        case "confirmed":
            return status in _ONCE_CONFIRMED
        case "never":
            return False
        case _:
            assert_never(of.public)


def month_after(start: datetime) -> datetime:
    """The same wall-clock time in Warsaw a calendar month later; where the month is shorter, on its last day."""
    local = start.astimezone(WARSAW)
    year, month = (local.year, local.month + 1) if local.month < 12 else (local.year + 1, 1)
    day = min(local.day, calendar.monthrange(year, month)[1])
    later = datetime.combine(date(year, month, day), local.time(), tzinfo=WARSAW)
    return later.astimezone(ZoneInfo("UTC")).astimezone(start.tzinfo)


def public_report(change: CaseChange) -> PublicReport:
    """The state after a change as everyone may see it."""
    of = category(change.category)
    longitude, latitude = public_place(change.longitude, change.latitude, of.precision_m if of else 0)
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
        supporters=change.supporters,
    )


def public_place(longitude: float, latitude: float, precision_m: int) -> tuple[float, float]:
    """The centre of the grid cell a place lies in, cells being `precision_m` metres wide; 0 is the place itself.

    Nothing random: every report of one cell gets the same place every time, so averaging many tells nothing more.
    """
    if precision_m:
        height = precision_m / _METRES_PER_DEGREE
        latitude = _centre(latitude, height)
        # One width for a whole row of cells, so that they meet without gaps; rounded, so that every machine agrees.
        width = round(height / math.cos(math.radians(latitude)), 9)
        longitude = _centre(longitude, width)
    return round(longitude, _DECIMALS), round(latitude, _DECIMALS)


def _centre(degrees: float, cell: float) -> float:
    return (math.floor(degrees / cell) + 0.5) * cell


def nearby_m(of: Category) -> float:
    """Within how many metres of a place a public report may be about the same; a shifted place may be that much off."""
    return of.same_m + of.precision_m * math.sqrt(0.5)


def box_round(longitude: float, latitude: float, metres: float) -> tuple[float, float, float, float]:
    """West, south, east, north of a box that holds every place within `metres`."""
    up = 1.01 * metres / _METRES_PER_DEGREE
    aside = up / max(0.01, math.cos(math.radians(latitude)))
    return longitude - aside, latitude - up, longitude + aside, latitude + up


def to_the_hour(instant: datetime) -> datetime:
    return instant.replace(minute=0, second=0, microsecond=0)


def newest(changes: Iterable[CaseChange]) -> list[CaseChange]:
    """The change with the highest version of each report, in the order of report ids."""
    of_each: dict[str, CaseChange] = {}
    for change in changes:
        known = of_each.get(change.key)
        if known is None or change.version > known.version:
            of_each[change.key] = change
    return [of_each[key] for key in sorted(of_each)]


@dataclass(frozen=True, slots=True)
class Step:
    """The status a report had from `at` on, and the answer that came with it."""

    status: Status
    at: datetime
    answer: Answer | None = None


def status_steps(steps: Sequence[Step]) -> list[Step]:
    """Those of the steps, in the order of versions, at which the status changed."""
    return [step for number, step in enumerate(steps) if number == 0 or step.status is not steps[number - 1].status]
