"""TopoJSON → features: arcs that neighbours share, put together again into rings.

Follows the TopoJSON specification 1.0: an optional `transform` (quantised arcs, each point relative to the one
before), negative arc numbers for arcs walked backwards. Points and lines are no business of ours.
"""

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

Point = Sequence[float]


class TopoJsonError(ValueError):
    """The document is not TopoJSON we can read."""


def features(topology: dict[str, Any], chosen: str | None = None) -> list[dict[str, Any]]:
    """GeoJSON features of one object; `chosen` names it when there are several."""
    objects = topology.get("objects") or {}
    if chosen is None:
        if len(objects) != 1:
            raise TopoJsonError(f"the file holds several objects ({', '.join(objects)}): choose one with --object")
        chosen = next(iter(objects))
    if chosen not in objects:
        raise TopoJsonError(f"no object {chosen!r} in the file; it holds {', '.join(objects)}")
    collection = objects[chosen]
    arcs = _decode_arcs(topology)
    members = collection["geometries"] if collection.get("type") == "GeometryCollection" else [collection]
    return [
        {
            "type": "Feature",
            "id": member.get("id"),
            "properties": member.get("properties") or {},
            "geometry": _geometry(member, arcs),
        }
        for member in members
    ]


def _decode_arcs(topology: dict[str, Any]) -> list[list[Point]]:
    transform = topology.get("transform")
    arcs: list[list[Point]] = topology.get("arcs", [])
    if not transform:
        return arcs
    (scale_x, scale_y), (shift_x, shift_y) = transform["scale"], transform["translate"]
    return [
        [
            (x * scale_x + shift_x, y * scale_y + shift_y)
            for x, y in accumulate(((p[0], p[1]) for p in arc), lambda a, b: (a[0] + b[0], a[1] + b[1]))
        ]
        for arc in arcs
    ]


def _geometry(member: dict[str, Any], arcs: list[list[Point]]) -> dict[str, Any] | None:
    kind = member.get("type")
    if kind == "Polygon":
        return {"type": kind, "coordinates": [_ring(ring, arcs) for ring in member["arcs"]]}
    if kind == "MultiPolygon":
        return {"type": kind, "coordinates": [[_ring(ring, arcs) for ring in part] for part in member["arcs"]]}
    if kind is None:
        return None
    return {"type": kind, "coordinates": []}


def _ring(numbers: Sequence[int], arcs: list[list[Point]]) -> list[list[float]]:
    """One ring; each arc begins where the one before ends, so that point is taken once."""
    points: list[list[float]] = []
    for number in numbers:
        try:
            arc = arcs[number] if number >= 0 else arcs[~number][::-1]
        except IndexError:
            raise TopoJsonError(f"arc {number} does not exist") from None
        points.extend([float(p[0]), float(p[1])] for p in (arc[1:] if points else arc))
    return points
