"""An approximate division of Warsaw into its 18 districts, until the real one is imported.

No open package has the real lines, so each district is the sum of the Voronoi cells of its neighbourhoods' centres
(set down by hand to some 100 m in `warsaw.csv`), on its own bank of the Vistula, clipped to the city's polygon.
Everything made of it is marked approximate. WGS 84 degrees in and out, cells drawn in EPSG:2180.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import shapely
from shapely.geometry.base import BaseGeometry

from boundaries.areas import DATA, geo
from boundaries.areas.administrative import gminas

WARSAW = "146501"

# The middle of the Vistula from the city's southern to its northern edge, past its bridges; degrees.
VISTULA = [
    (21.22, 52.07),
    (21.178, 52.110),
    (21.160, 52.135),
    (21.143, 52.158),
    (21.135, 52.170),
    (21.125, 52.190),
    (21.118, 52.203),
    (21.100, 52.216),
    (21.080, 52.219),
    (21.050, 52.226),
    (21.042, 52.236),
    (21.034, 52.242),
    (21.022, 52.249),
    (21.013, 52.256),
    (21.007, 52.261),
    (20.998, 52.270),
    (20.990, 52.283),
    (20.975, 52.292),
    (20.955, 52.303),
    (20.943, 52.308),
    (20.930, 52.322),
    (20.920, 52.335),
    (20.905, 52.350),
    (20.86, 52.38),
]


@dataclass(frozen=True)
class CityDistrict:
    """A district of Warsaw: TERYT code, name, the KRP that answers for it, its approximate polygon (degrees)."""

    teryt: str
    name: str
    unit: str
    geometry: BaseGeometry


@cache
def districts() -> list[CityDistrict]:
    """The 18 districts in the built polygon of the city, sorted by code: together exactly that polygon."""
    return divide(gminas()[WARSAW].geometry)


@cache
def centres() -> list[dict[str, str]]:
    """The rows of the table: neighbourhoods with the code and name of their district, its KRP and their bank."""
    with (DATA / "warsaw.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def divide(outline: BaseGeometry) -> list[CityDistrict]:
    """The same division of any polygon of the city (degrees), for who imports a better one."""
    rows = centres()
    city = geo.to_metres([outline])[0]
    left, right = _banks(city)
    pieces: dict[str, list[BaseGeometry]] = {}
    for bank, area in (("left", left), ("right", right)):
        here = [row for row in rows if row["bank"] == bank]
        for row, cell in zip(here, _cells(here, area), strict=True):
            pieces.setdefault(row["code"], []).append(cell)
    named = {row["code"]: (row["district"], row["unit"]) for row in rows}
    codes = sorted(pieces)
    shapes = geo.cover([shapely.union_all(pieces[code]) for code in codes], gap_width=100.0)
    rounded = geo.rounded(geo.to_degrees(shapes))
    return [CityDistrict(code, *named[code], shape) for code, shape in zip(codes, rounded, strict=True)]


def _banks(city: BaseGeometry) -> tuple[BaseGeometry, BaseGeometry]:
    """The city west and east of the Vistula."""
    river = geo.to_metres([shapely.LineString(VISTULA)])[0]
    # Going north, everything on the left hand is west.
    west = shapely.buffer(river, 60_000, single_sided=True)
    return city.intersection(west), city.difference(west)


def _cells(rows: Sequence[dict[str, str]], area: BaseGeometry) -> list[BaseGeometry]:
    """One Voronoi cell per centre, clipped to the area (metres), in the order of the centres."""
    degrees = [shapely.Point(float(row["longitude"]), float(row["latitude"])) for row in rows]
    points = geo.to_metres(degrees)
    cells = shapely.voronoi_polygons(shapely.MultiPoint(list(points)), extend_to=area, ordered=True)
    return [geo.polygonal(cell.intersection(area)) for cell in cells.geoms]
