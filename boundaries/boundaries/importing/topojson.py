"""TopoJSON → features: arcs that neighbours share, put together again into rings.

Follows the TopoJSON specification 1.0: an optional `transform` (quantised arcs, each point relative to the one
before), negative arc numbers for arcs walked backwards. Points and lines are no business of ours.
"""

import math
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

Point = tuple[float, float]
Arcs = list[list[Point]]

# Arcs may be named again and again: a small file may stand for more positions than memory holds.
MAX_POSITIONS = 10_000_000


class TopoJsonError(ValueError):
    """The document is not TopoJSON we can read; `faults` are all that is wrong with it."""

    def __init__(self, *faults: str) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


def features(topology: dict[str, Any], chosen: str | None = None) -> list[dict[str, Any]]:
    """GeoJSON features of one object; `chosen` names it when there are several. Raises TopoJsonError."""
    arcs = _decode_arcs(topology)
    made, faults, positions = [], [], 0
    for number, member in enumerate(_members(topology, chosen), 1):
        try:
            feature, used = _feature(member, arcs, MAX_POSITIONS - positions)
        except TopoJsonError as wrong:
            faults.append(f"feature {number}{_label(member)}: {wrong}")
        else:
            made.append(feature)
            positions += used
    if faults:
        raise TopoJsonError(*faults)
    return made


def _members(topology: dict[str, Any], chosen: str | None) -> list[Any]:
    objects = topology.get("objects")
    if not isinstance(objects, dict):
        raise TopoJsonError("the member objects is no object")
    if chosen is None:
        if len(objects) != 1:
            raise TopoJsonError(f"the file holds {len(objects)} objects ({', '.join(objects)}): choose one, --object")
        chosen = next(iter(objects))
    if chosen not in objects:
        raise TopoJsonError(f"no object {chosen!r} in the file; it holds {', '.join(objects)}")
    collection = objects[chosen]
    if not isinstance(collection, dict) or collection.get("type") != "GeometryCollection":
        return [collection]
    return _list(collection.get("geometries"), f"geometries of {chosen!r}")


def _feature(member: Any, arcs: Arcs, room: int) -> tuple[dict[str, Any], int]:
    """One member as a GeoJSON feature, and how many positions it takes."""
    if not isinstance(member, dict):
        raise TopoJsonError("is no object")
    geometry, used = _geometry(member, arcs, room)
    properties = member.get("properties")
    feature = {"type": "Feature", "properties": {} if properties is None else properties, "geometry": geometry}
    return {**feature, **({"id": member["id"]} if "id" in member else {})}, used


def _label(member: Any) -> str:
    properties = member.get("properties") if isinstance(member, dict) else None
    code = properties.get("code") if isinstance(properties, dict) else None
    return f" ({code})" if isinstance(code, str) else ""


def _decode_arcs(topology: dict[str, Any]) -> Arcs:
    raw = [
        [_point(point, f"arc {number}") for point in _list(arc, f"arc {number}")]
        for number, arc in enumerate(_list(topology.get("arcs"), "arcs"))
    ]
    transform = topology.get("transform")
    if transform is None:
        return raw
    if not isinstance(transform, dict):
        raise TopoJsonError("the member transform is no object")
    (scale_x, scale_y), (shift_x, shift_y) = (_point(transform.get(name), name) for name in ("scale", "translate"))
    return [
        [
            (x * scale_x + shift_x, y * scale_y + shift_y)
            for x, y in accumulate(arc, lambda a, b: (a[0] + b[0], a[1] + b[1]))
        ]
        for arc in raw
    ]


def _point(value: Any, what: str) -> Point:
    if not isinstance(value, list) or len(value) < 2:
        raise TopoJsonError(f"{what}: no position: {str(value)[:80]}")
    if not all(type(number) in (int, float) and -1e9 < number < 1e9 for number in value):
        raise TopoJsonError(f"{what}: positions are not finite numbers: {str(value)[:80]}")
    return float(value[0]), float(value[1])


def _geometry(member: dict[str, Any], arcs: Arcs, room: int) -> tuple[dict[str, Any] | None, int]:
    kind = member.get("type")
    if kind is None:
        return None, 0
    if kind not in ("Polygon", "MultiPolygon"):
        return {"type": kind, "coordinates": []}, 0
    named = _list(member.get("arcs"), "arcs")
    polygons = [named] if kind == "Polygon" else [_list(part, "a part") for part in named]
    used = sum(len(arcs[_arc(n, arcs)]) for rings in polygons for ring in rings for n in _list(ring, "a ring"))
    if used > room:
        raise TopoJsonError(f"the arcs it names make the file one of more than {MAX_POSITIONS:,} positions")
    coordinates = [[_ring(ring, arcs) for ring in rings] for rings in polygons]
    return {"type": kind, "coordinates": coordinates[0] if kind == "Polygon" else coordinates}, used


def _arc(number: Any, arcs: Arcs) -> int:
    if type(number) is not int or not -len(arcs) <= number < len(arcs):
        raise TopoJsonError(f"arc {str(number)[:20]} does not exist")
    return number if number >= 0 else ~number


def _ring(numbers: Sequence[int], arcs: Arcs) -> list[Point]:
    """One ring; each arc begins where the one before ends, so that point is taken once."""
    points: list[Point] = []
    for number in numbers:
        arc = arcs[_arc(number, arcs)][:: 1 if number >= 0 else -1]
        if points and arc and math.dist(points[-1], arc[0]) > 1e-6:
            raise TopoJsonError(f"arc {number} does not begin where the arc before it ends")
        points.extend(arc[1:] if points else arc)
    return points


def _list(value: Any, what: str) -> list[Any]:
    if not isinstance(value, list):
        raise TopoJsonError(f"{what} is no list")
    return value
