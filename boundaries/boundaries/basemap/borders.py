"""The country's areas for drawing: simplified together, so that neighbours still share their lines, and as lines.

A line is drawn once, for the highest level it divides: 2 the country, 4 voivodeships, 6 powiats, 8 gminas (the numbers
OpenStreetMap uses).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import shapely
from shapely.geometry.base import BaseGeometry

from boundaries.areas import administrative
from boundaries.basemap.tiling import MAX_ZOOM, Feature, mercator, pixels

POWIATS_FROM_ZOOM = 7
GMINAS_FROM_ZOOM = 10


@dataclass(frozen=True)
class Levels:
    """The areas of each level in the unit square, simplified alike."""

    country: BaseGeometry
    voivodeships: Sequence[BaseGeometry]
    powiats: Sequence[BaseGeometry]
    gminas: Sequence[BaseGeometry]


@cache
def _gminas() -> tuple[list[str], list[BaseGeometry]]:
    areas = administrative.gminas()
    return list(areas), [mercator(area.geometry) for area in areas.values()]


def simplified(zoom: int) -> Levels:
    """The levels as exact as the screen shows them; the last zoom is drawn larger than itself, so it stays finer."""
    codes, shapes = _gminas()
    tolerance = pixels(zoom, 0.2 if zoom == MAX_ZOOM else 0.8)
    gminas = list(shapely.coverage_simplify(shapes, tolerance))

    def dissolved(digits: int) -> list[BaseGeometry]:
        groups: dict[str, list[BaseGeometry]] = {}
        for code, shape in zip(codes, gminas, strict=True):
            groups.setdefault(code[:digits], []).append(shape)
        return [shapely.coverage_union_all(group) for group in groups.values()]

    return Levels(shapely.coverage_union_all(gminas), dissolved(2), dissolved(4), gminas)


def lines(levels: Levels, zoom: int) -> list[Feature]:
    """The border lines a zoom shows, each once."""
    country = levels.country.boundary
    voivodeships = _edges(levels.voivodeships)
    found = [Feature(country, {"level": 2}), Feature(shapely.line_merge(voivodeships - country), {"level": 4})]
    if zoom >= POWIATS_FROM_ZOOM:
        powiats = _edges(levels.powiats)
        found.append(Feature(shapely.line_merge(powiats - voivodeships), {"level": 6}))
        if zoom >= GMINAS_FROM_ZOOM:
            found.append(Feature(shapely.line_merge(_edges(levels.gminas) - powiats), {"level": 8}))
    return found


def _edges(areas: Sequence[BaseGeometry]) -> BaseGeometry:
    return shapely.union_all([area.boundary for area in areas])
