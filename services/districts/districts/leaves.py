"""The districts of a set that can be an answer, with who answers for each; whether their geometries are areas."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
import shapely
from contracts.base import Owner
from contracts.events.districts import District, DistrictSet, Level, SetFault, SetFaultKind, owner_of, set_fault
from shapely.geometry.base import BaseGeometry


@dataclass(frozen=True, slots=True)
class Leaf:
    """A district that can be the answer, and who answers for it. `shape` in WGS 84 degrees; `teryt` if it has any."""

    code: str
    version: str
    level: Level
    name: str
    owner: Owner
    shape: BaseGeometry
    teryt: str | None = None


class InvalidSet(Exception):
    """A set that can't be current; `fault` says why."""

    def __init__(self, fault: SetFault) -> None:
        super().__init__(fault.detail)
        self.fault = fault


def leaves_of(announced: DistrictSet, districts: Sequence[District]) -> tuple[Leaf, ...]:
    """The leaves of a set, ready to be looked up.

    Raises InvalidSet for districts that are not the announced set as a whole, and for a leaf that is no area.
    """
    if fault := set_fault(districts, announced):
        raise InvalidSet(fault)
    by_code = {district.code: district for district in districts}
    parents = {district.parent for district in districts}
    # A unit without an area of its own, two of which share a town, say, is no answer and no fault.
    leaves = tuple(
        _leaf(district, by_code)
        for district in districts
        if district.code not in parents and (district.geometry or district.level in (Level.BEAT, Level.AREA))
    )
    if not leaves:
        raise _unsound("no district has a geometry")
    return leaves


def _leaf(district: District, by_code: Mapping[str, District]) -> Leaf:
    owner = owner_of(by_code, district.code)
    if owner is None:  # a garrison's own geometry: no unit answers there
        raise _unsound(f"{district.code} lies in no unit")
    shape = _shape(district)
    return Leaf(district.code, district.version, district.level, district.name, owner, shape, district.teryt)


def _shape(district: District) -> BaseGeometry:
    try:
        shape: BaseGeometry = shapely.from_geojson(msgspec.json.encode(district.geometry))
    except shapely.errors.ShapelyError as error:
        raise _unsound(f"{district.code}: {error}") from error
    if shape.geom_type not in ("Polygon", "MultiPolygon") or shape.is_empty:
        raise _unsound(f"{district.code}: no area, but {shape.geom_type}")
    if not shape.is_valid:
        raise _unsound(f"{district.code}: {shapely.is_valid_reason(shape)}")
    return shapely.force_2d(shape)


def _unsound(detail: str) -> InvalidSet:
    return InvalidSet(SetFault(SetFaultKind.UNSOUND, detail))
