"""Surges: many reports at one place within minutes raise one alarm, in whichever order they become known.

A report is the middle of a surge when so many, itself among them, were submitted within the time up to it and no
farther from it than the terms say. What comes near a surge while it lasts belongs to it, and raises no other.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import cos, floor, hypot, radians
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from contracts.base import HEADQUARTERS, Owner
from contracts.policy.surges import SurgeTerms

METRES_A_DEGREE = 111_320.0
"""Of latitude, everywhere. Within some kilometres the Earth is flat enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentReport:
    """A report as it was submitted, who answers for it, and the surge it belongs to."""

    report_id: UUID
    submitted_at: datetime
    longitude: float
    latitude: float
    owner: Owner
    surge_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Surge:
    """An alarm as it stands: about the report in its middle, whose id it has. `told`: how far up it has gone.

    `escalate_at`: when it goes further; None once somebody has it in hand, and at the top.
    """

    surge_id: UUID
    owner: Owner
    longitude: float
    latitude: float
    reports: int
    first_at: datetime
    last_at: datetime
    raised_at: datetime
    told: str
    escalate_at: datetime | None
    acknowledged_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """What new reports make of surges: those that are `raised`, those that `grew`, and whose each report is."""

    raised: list[Surge]
    grew: list[Surge]
    members: dict[UUID, UUID]


class Placed(Protocol):
    """What lies somewhere, in WGS 84 degrees."""

    @property
    def longitude(self) -> float: ...
    @property
    def latitude(self) -> float: ...


P = TypeVar("P", bound=Placed)


class Nearby(Generic[P]):
    """What is known by id, in squares: who asks what is near a place looks at nine of them, not at all there is.

    In a catastrophe thousands are `around` at a time. `north` is the latitude nothing lies beyond: there a degree of
    longitude is shortest.
    """

    def __init__(self, metres: float, north: float, found: Mapping[UUID, P]) -> None:
        self._height = 1.001 * metres / METRES_A_DEGREE  # a hair more, for what lies on an edge
        self._width = self._height / max(cos(radians(min(north + self._height, 90.0))), 1e-6)
        self._found: dict[UUID, P] = {}
        self._squares: dict[tuple[int, int], list[UUID]] = {}
        for key, one in found.items():
            self[key] = one

    def __getitem__(self, key: UUID) -> P:
        return self._found[key]

    def __setitem__(self, key: UUID, one: P) -> None:
        if key not in self._found:
            self._squares.setdefault(self._square(one), []).append(key)
        self._found[key] = one

    def near(self, place: Placed) -> list[P]:
        """All that are no farther from a place than the metres, and some that are."""
        x, y = self._square(place)
        squares = [(x + east, y + north) for east in (-1, 0, 1) for north in (-1, 0, 1)]
        return [self._found[key] for square in squares for key in self._squares.get(square, ())]

    def _square(self, place: Placed) -> tuple[int, int]:
        return floor(place.longitude / self._width), floor(place.latitude / self._height)


def judge(
    new: Sequence[RecentReport],
    around: Sequence[RecentReport],
    surges: Sequence[Surge],
    terms: SurgeTerms,
    at: datetime,
) -> Judged:
    """What new reports make of the surges there are, decided at the moment `at`.

    `around` holds all reports within three times the distance and the time of one of the new ones, these too.
    """
    reach, north = 2 * terms.metres, max((abs(one.latitude) for one in (*around, *new)), default=0.0)
    known = Nearby(reach, north, {report.report_id: report for report in (*around, *new)})
    current = Nearby(reach, north, {surge.surge_id: surge for surge in surges})
    raised: set[UUID] = set()
    members: dict[UUID, UUID] = {}

    def join(report: RecentReport, surge: Surge) -> None:
        members[report.report_id] = surge.surge_id
        known[report.report_id] = replace(report, surge_id=surge.surge_id)
        current[surge.surge_id] = _with(current[surge.surge_id], report)

    for report_id in sorted((report.report_id for report in new), key=lambda new_id: _order(known[new_id])):
        report = known[report_id]
        if report.surge_id is not None:
            continue
        if (surge := _surge_of(report, current.near(report), terms)) is not None:
            join(report, surge)
        elif (middle := _middle(report, known.near(report), terms)) is not None:
            surge = _raised(middle, _crowd(middle, known.near(middle), terms), terms, at)
            current[surge.surge_id] = surge
            raised.add(surge.surge_id)
            for one in [one for one in known.near(surge) if one.surge_id is None and _belongs(one, surge, terms)]:
                join(one, surge)
    grew = {surge_id for surge_id in members.values() if surge_id not in raised}
    return Judged([current[one] for one in sorted(raised)], [current[one] for one in sorted(grew)], members)


def escalated(surge: Surge, terms: SurgeTerms) -> Surge:
    """The alarm one level further up the chain of command."""
    if surge.told == "unit":
        return replace(surge, told="garrison", escalate_at=surge.raised_at + terms.headquarters.plain)
    return replace(surge, told="headquarters", escalate_at=None)


def distance(one: RecentReport | Surge, other: RecentReport | Surge) -> float:
    """Metres between two places that are near each other."""
    east = (one.longitude - other.longitude) * cos(radians((one.latitude + other.latitude) / 2))
    return METRES_A_DEGREE * hypot(east, one.latitude - other.latitude)


def _order(report: RecentReport) -> tuple[datetime, UUID]:
    return report.submitted_at, report.report_id


def _surge_of(report: RecentReport, surges: Iterable[Surge], terms: SurgeTerms) -> Surge | None:
    """The surge a report belongs to by its place and time; of several the one raised first."""
    near = (surge for surge in surges if _belongs(report, surge, terms))
    return min(near, key=lambda surge: (surge.raised_at, surge.surge_id), default=None)


def _belongs(report: RecentReport, surge: Surge, terms: SurgeTerms) -> bool:
    quiet = terms.quiet.plain
    lasts = surge.first_at - quiet <= report.submitted_at <= surge.last_at + quiet
    return lasts and distance(report, surge) <= 2 * terms.metres


def _middle(report: RecentReport, known: Iterable[RecentReport], terms: SurgeTerms) -> RecentReport | None:
    """The first report that is the middle of a surge now that this one is known: itself, or a later one near it."""
    reach_m, within = 2 * terms.metres, terms.within.plain
    near = [
        one
        for one in known
        if abs(one.submitted_at - report.submitted_at) < within and distance(one, report) <= reach_m
    ]
    later = (
        one
        for one in sorted(near, key=_order)
        if one.surge_id is None and one.submitted_at >= report.submitted_at and distance(one, report) <= terms.metres
    )
    return next((one for one in later if len(_crowd(one, near, terms)) >= terms.reports), None)


def _crowd(middle: RecentReport, known: Iterable[RecentReport], terms: SurgeTerms) -> list[RecentReport]:
    """The reports round one within the time up to it, itself among them, in their order."""
    within = terms.within.plain
    return sorted(
        (
            one
            for one in known
            if timedelta(0) <= middle.submitted_at - one.submitted_at < within and distance(one, middle) <= terms.metres
        ),
        key=_order,
    )


def _raised(middle: RecentReport, crowd: Sequence[RecentReport], terms: SurgeTerms, at: datetime) -> Surge:
    """The alarm of a crowd: it belongs to whoever answers for most of it."""
    owner = _most(crowd)
    top = HEADQUARTERS.unit in (owner.unit, owner.garrison)
    return Surge(
        surge_id=middle.report_id,
        owner=owner,
        longitude=middle.longitude,
        latitude=middle.latitude,
        reports=0,
        first_at=crowd[0].submitted_at,
        last_at=crowd[-1].submitted_at,
        raised_at=at,
        told="headquarters" if top else "unit",
        escalate_at=None if top else at + terms.garrison.plain,
    )


def _most(crowd: Sequence[RecentReport]) -> Owner:
    owners: Mapping[tuple[str, str], Owner] = {(one.owner.garrison, one.owner.unit): one.owner for one in crowd}
    counted = Counter((one.owner.garrison, one.owner.unit) for one in crowd)
    return owners[min(counted, key=lambda code: (-counted[code], code))]


def _with(surge: Surge, report: RecentReport) -> Surge:
    return replace(
        surge,
        reports=surge.reports + 1,
        first_at=min(surge.first_at, report.submitted_at),
        last_at=max(surge.last_at, report.submitted_at),
    )
