"""One GeoJSON geometry → an area, or what is wrong with it in words a region understands.

Everything is looked at before the geometry library sees it: of what that raises, nobody could tell which ring is meant.
"""

import math
import re
from collections.abc import Sequence
from typing import Any

import shapely
from contracts.base import POLAND
from shapely.geometry.base import BaseGeometry

from boundaries.areas import geo

# What the geometry library says of areas, in other words; positions follow in brackets.
_REASONS = {
    "Self-intersection": "its border crosses itself",
    "Ring Self-intersection": "a ring touches itself",
    "Hole lies outside shell": "a hole lies outside its border",
    "Holes are nested": "a hole lies in another hole",
    "Nested shells": "one of its parts lies in another",
    "Interior is disconnected": "a hole cuts it in two",
    "Too few points in geometry component": "a ring is too small: fewer than three points are left of it",
}
_REASON = re.compile(r"([^\[]+)(?:\[(.+)\])?")


class GeometryFault(ValueError):
    """What is wrong with a geometry."""


def area_of(geometry: Any) -> BaseGeometry | None:
    """The area a GeoJSON geometry describes, in its own system, heights left out; None for null. Raises GeometryFault.

    Rings may run either way round, as RFC 7946 asks readers to bear.
    """
    if geometry is None:
        return None
    if not isinstance(geometry, dict):
        raise GeometryFault("geometry is no object")
    if geometry.get("crs") is not None:
        raise GeometryFault("a geometry may not name a coordinate system of its own")
    kind: Any = geometry.get("type")
    coordinates: Any = geometry.get("coordinates")
    if kind not in ("Polygon", "MultiPolygon"):
        raise GeometryFault(f"a district is a Polygon or MultiPolygon, this is a {kind}")
    polygons: list[Any] = _list(coordinates, "coordinates") if kind == "MultiPolygon" else [coordinates]
    if not polygons or not all(_list(rings, "a polygon") and rings[0] != [] for rings in polygons):
        raise GeometryFault("it is empty")
    made = [_polygon(rings) for rings in polygons]
    return made[0] if kind == "Polygon" else shapely.MultiPolygon(made)


def _polygon(rings: Sequence[Any]) -> shapely.Polygon:
    shell, *holes = (_ring(ring, number) for number, ring in enumerate(rings, 1))
    return shapely.Polygon(shell, holes)


def _ring(ring: Any, number: int) -> list[tuple[float, float]]:
    positions = [_position(position) for position in _list(ring, f"ring {number}")]
    if len(positions) < 4:
        raise GeometryFault(f"ring {number} has {len(positions)} positions: an area takes four, the last as the first")
    if positions[0] != positions[-1]:
        raise GeometryFault(f"ring {number} is not closed: its last position is not its first")
    return positions


def _position(position: Any) -> tuple[float, float]:
    if not isinstance(position, Sequence) or isinstance(position, str) or len(position) < 2:
        raise GeometryFault(f"no position: {str(position)[:80]}")
    for number in position:
        # A whole number may have more digits than a float takes.
        if isinstance(number, bool) or not isinstance(number, int | float) or not -1e9 < number < 1e9:
            raise GeometryFault(f"positions are not finite numbers of degrees or metres: {str(position)[:80]}")
    return float(position[0]), float(position[1])


def _list(value: Any, what: str) -> list[Any]:
    if not isinstance(value, list):
        raise GeometryFault(f"{what} is no list")
    return value


def placed_fault(shape: BaseGeometry) -> str | None:
    """What is wrong with a shape in WGS 84 degrees: no area, not in Poland, not valid; None when nothing is."""
    west, south, east, north = shape.bounds
    if not all(map(math.isfinite, shape.bounds)):
        return "positions can't be reckoned into degrees: is it the right coordinate system?"
    if max(abs(west), abs(east)) > 180 or max(abs(south), abs(north)) > 90:
        return f"positions are no degrees ({west:.0f}, {south:.0f}); name the system, --crs EPSG:2180 perhaps"
    if POLAND[1] <= west and east <= POLAND[3] and POLAND[0] <= south and north <= POLAND[2]:
        return f"longitude and latitude look exchanged ({west:.4f}, {south:.4f})"
    if west < POLAND[0] or south < POLAND[1] or east > POLAND[2] or north > POLAND[3]:
        return f"lies outside Poland ({west:.4f}, {south:.4f} to {east:.4f}, {north:.4f})"
    # Measured in metres later on, so it has to be an area there too.
    for valid in (shape, geo.to_metres([shape])[0]):
        if not valid.is_valid:
            return f"geometry is not valid: {_reason(valid)}"
    return None if shape.area > 0 else "geometry has no area"


def _reason(shape: BaseGeometry) -> str:
    said = shapely.is_valid_reason(shape)
    found = _REASON.fullmatch(said)
    if found is None:
        return said
    return _REASONS.get(found[1], found[1]) + (f" at {found[2]}" if found[2] else "")
