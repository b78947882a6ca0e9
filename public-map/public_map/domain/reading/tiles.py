"""Tiles of the map: which there are, what lies in them, and how exactly they show it.

The map is the Web Mercator square, `WORLD_UNITS` wide and high from its north-west corner; a tile of zoom z is one of
2^z by 2^z squares of it (OGC Two Dimensional Tile Matrix Set, WebMercatorQuad).
"""

import math
from dataclasses import dataclass

from public_map.domain.queries import BoundingBox

WORLD_BITS = 32
WORLD_UNITS = 1 << WORLD_BITS
MAX_ZOOM = 22
SINGLES_FROM = 12
"""From this zoom on a tile shows every report by itself; below, clusters."""
COUNTED_FROM, COUNTED_TO = 5, 10
"""The zooms whose cells are counted beforehand; those below are put together from the first."""
CELL_BITS = 4
"""A tile has 2^4 by 2^4 cells, each a cluster."""
EXTENT = 4096
"""Units of a tile's own coordinates, as vector tiles are usually made."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile. Raises ValueError for what is none."""

    z: int
    x: int
    y: int

    def __post_init__(self) -> None:
        if not 0 <= self.z <= MAX_ZOOM:
            raise ValueError(f"z: zooms are 0 to {MAX_ZOOM}")
        for name, value in (("x", self.x), ("y", self.y)):
            if not 0 <= value < 1 << self.z:
                raise ValueError(f"{name}: at zoom {self.z} it is 0 to {(1 << self.z) - 1}")

    @property
    def unit_bits(self) -> int:
        """The tile is 2^this units wide."""
        return WORLD_BITS - self.z

    @property
    def box(self) -> BoundingBox:
        """Holds all that lies in it, and a hair more: rounding must leave nothing out."""
        (west, north), (east, south) = _degrees(self.z, self.x, self.y), _degrees(self.z, self.x + 1, self.y + 1)
        hair = 1e-7
        return west - hair, south - hair, east + hair, north + hair


def world_position(longitude: float, latitude: float) -> tuple[int, int]:
    """Where a position in WGS 84 degrees lies on the square, in its units; beyond its edge, at the edge."""
    bounded = math.radians(max(-85.05, min(85.05, latitude)))
    x = (longitude + 180) / 360 * WORLD_UNITS
    y = (1 - math.log(math.tan(bounded) + 1 / math.cos(bounded)) / math.pi) / 2 * WORLD_UNITS
    return min(WORLD_UNITS - 1, int(x)), int(y)


def _degrees(z: int, x: int, y: int) -> tuple[float, float]:
    """The north-west corner of a tile in WGS 84 degrees."""
    size = 1 << z
    return x / size * 360 - 180, math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y / size))))
