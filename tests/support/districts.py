"""Small sets of districts for tests: squares of some hundredths of a degree round Opole."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from contracts.envelope import Outgoing
from contracts.events.districts import District, DistrictSet, Level, district_set_sha256
from districts.leaves import Leaf, leaves_of
from support.events import outgoing

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
UNIT = "KMP-1661"
UNIT_NAME = "Komenda Miejska Policji w Opolu"
Ring = list[list[float]]


def square(west: float, south: float, east: float, north: float) -> Ring:
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def polygon(outer: Ring, *holes: Ring) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [outer, *holes]}


def multipolygon(*outers: Ring) -> dict[str, Any]:
    return {"type": "MultiPolygon", "coordinates": [[outer] for outer in outers]}


def area(code: str, geometry: dict[str, Any] | None, **more: Any) -> District:
    """A gmina that stands in for beats, of the unit in Opole unless told otherwise."""
    given = {"garrison": "OPO", "version": "1", "level": Level.AREA, "name": f"Gmina {code}", "parent": UNIT, **more}
    return District(code=code, geometry=geometry, **given)


def command(garrison: str = "OPO", version: str = "1", unit: str = UNIT, unit_name: str = UNIT_NAME) -> list[District]:
    """A garrison and its one unit."""
    top = District(garrison=garrison, version=version, code=garrison, level=Level.GARRISON, name=f"Komenda {garrison}")
    below = District(garrison=garrison, version=version, code=unit, level=Level.UNIT, name=unit_name, parent=garrison)
    return [top, below]


def set_of(districts: Sequence[District], valid_from: datetime = LONG_AGO, **more: Any) -> DistrictSet:
    """What makes the districts current; what is given in `more` is said instead of the truth."""
    truth = {
        "garrison": districts[0].garrison,
        "version": districts[0].version,
        "count": len(districts),
        "sha256": district_set_sha256(districts),
        "valid_from": valid_from,
    }
    return DistrictSet(**{**truth, **more})


def leaves(*districts: District) -> tuple[Leaf, ...]:
    """Districts below the command in Opole, as they are looked up."""
    everything = [*command(), *districts]
    return leaves_of(set_of(everything), everything)


def messages(districts: Sequence[District], **more: Any) -> list[Outgoing]:
    """A set as an import publishes it: the districts, and last what makes them current."""
    return [outgoing(event) for event in [*districts, set_of(districts, **more)]]
