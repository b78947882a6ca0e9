"""Units as areas: the districts of each put together, with an outline to draw."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec
import shapely
from districts.index import Index
from districts.leaves import Leaf
from shapely.geometry.base import BaseGeometry

# Half a pixel where a unit fills a screen; and gaps between hand-drawn districts that nobody would see.
_TOLERANCE, _GAP = 0.0005, 0.0004


@dataclass(frozen=True)
class Area:
    """A unit, the districts it answers for by code, and the ground they cover; WGS 84 degrees."""

    unit: str
    name: str
    garrison: str
    leaves: tuple[Leaf, ...]

    @property
    def bbox(self) -> tuple[float, float, float, float]:
        """West, south, east, north."""
        west, south, east, north = shapely.total_bounds([leaf.shape for leaf in self.leaves])
        return float(west), float(south), float(east), float(north)

    @cached_property
    def outline(self) -> dict[str, Any]:
        """GeoJSON of the ground as a whole, for drawing."""
        grown = [leaf.shape.buffer(_GAP, quad_segs=1) for leaf in self.leaves]
        return outline_of(shapely.union_all(grown).buffer(-_GAP, quad_segs=1))


def outline_of(shape: BaseGeometry) -> dict[str, Any]:
    """GeoJSON of an area in WGS 84 degrees, simplified for drawing."""
    drawn: dict[str, Any] = msgspec.json.decode(shapely.to_geojson(shapely.simplify(shape, _TOLERANCE)))
    return drawn


class Areas:
    """The units that answer now, put together anew only when the districts are others."""

    def __init__(self) -> None:
        self._of, self._areas = Index(), dict[str, Area]()

    def by_unit(self, index: Index) -> dict[str, Area]:
        """The units of an index, by code."""
        if index is not self._of:
            self._of, self._areas = index, _areas(index)
        return self._areas


def _areas(index: Index) -> dict[str, Area]:
    by_unit: dict[str, list[Leaf]] = {}
    for leaf in index.leaves:
        by_unit.setdefault(leaf.owner.unit, []).append(leaf)
    return {
        unit: Area(unit, leaves[0].owner.unit_name, leaves[0].owner.garrison, tuple(leaves))
        for unit, leaves in sorted(by_unit.items())
    }
