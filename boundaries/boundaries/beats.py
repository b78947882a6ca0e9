"""Plausible beats for tests and load: no open data has the real ones.

About one beat per 4,850 people and at least one per gmina, as the police have almost 8,000. Centres are the gmina's
places by their people, or random points in a town; a beat is a centre's Voronoi cell clipped to the gmina. The same
seed gives the same beats. Cells are cut in EPSG:2180, features are WGS 84 degrees.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.random import Generator
from shapely import Point
from shapely.geometry.base import BaseGeometry

from boundaries.areas import administrative, geo, places, units, warsaw

PEOPLE_PER_BEAT = 4_850

# Homes round a village's or town's centre, metres; grows with the number of beats there.
SPREAD_M = 500.0


def generate(seed: int = 1, garrison: str | None = None) -> list[tuple[dict[str, Any], BaseGeometry]]:
    """Properties (code, name, parent, level) and polygons, ready to be written and imported."""
    random = np.random.default_rng(seed)
    properties: list[dict[str, Any]] = []
    cells: list[BaseGeometry] = []
    places_of: dict[str, list[places.NamedPlace]] = {}
    for place in places.list_places():
        places_of.setdefault(place.gmina, []).append(place)
    for code, name, parent, people, outline, kind in _grounds(garrison):
        wanted = max(1, round(people / PEOPLE_PER_BEAT))
        points = _centres(wanted, outline, [] if kind == "miejska" else places_of.get(code, []), random)
        for number, cell in enumerate(_cells(points, outline), 1):
            label = {"code": f"{code}-{number:03}", "name": f"{name}, rejon {number}"}
            properties.append({**label, "parent": parent, "level": "beat"})
            cells.append(cell)
    # One coverage for all, so that neighbours across a gmina's border share every vertex too.
    shapes = geo.rounded(geo.to_degrees(geo.cover(cells)))
    return list(zip(properties, shapes, strict=True))


def _grounds(garrison: str | None) -> list[tuple[str, str, str, int, BaseGeometry, str]]:
    """What is divided: gminas, and Warsaw's districts with people by area. Code, name, unit, people, metres, kind."""
    answering = units.unit_of_powiat()
    rows = []
    for gmina in administrative.gminas().values():
        if gmina.teryt == warsaw.WARSAW:
            city = geo.to_metres([gmina.geometry])[0]
            for part, shape in zip(
                warsaw.districts(), geo.to_metres(d.geometry for d in warsaw.districts()), strict=True
            ):
                people = round(gmina.population * shape.area / city.area)
                rows.append((part.teryt, part.name, part.unit, people, shape, "miejska"))
        else:
            unit = answering[gmina.teryt[:4]].code
            rows.append((gmina.teryt, gmina.name, unit, gmina.population, gmina.geometry, gmina.kind))
    rows = [row for row in rows if garrison is None or units.units()[row[2]].garrison == garrison]
    metres = iter(geo.to_metres(row[4] for row in rows if len(row[0]) == 6 and row[0][:4] != "1465"))
    return [row if row[0][:4] == "1465" else (*row[:4], next(metres), row[5]) for row in rows]


def _centres(wanted: int, outline: BaseGeometry, nearby: Sequence[places.NamedPlace], random: Generator) -> list[Point]:
    """So many distinct points inside the outline (metres)."""
    shapely.prepare(outline)
    here = [(p, point) for p, point in zip(nearby, _points(nearby), strict=True) if outline.contains(point)]
    centres: list[Point] = []
    if here:
        weights = np.array([place.people for place, _ in here], dtype=float)
        shares = _shares(weights, wanted)
        for (_, point), share in zip(here, shares, strict=True):
            for number in range(share):
                spread = 0.0 if number == 0 else SPREAD_M * np.sqrt(share)
                centres.append(_inside(outline, random, point, spread))
    while len(centres) < wanted:
        centres.append(_inside(outline, random, None, 0.0))
    return centres


def _points(nearby: Sequence[places.NamedPlace]) -> list[Point]:
    return list(geo.to_metres(Point(place.longitude, place.latitude) for place in nearby))


def _shares(weights: np.ndarray[Any, np.dtype[np.float64]], total: int) -> list[int]:
    """The total shared by weight in whole numbers, largest remainders first."""
    exact = weights / weights.sum() * total
    shares = np.floor(exact).astype(int)
    for index in np.argsort(shares - exact, kind="stable")[: total - int(shares.sum())]:
        shares[index] += 1
    return [int(share) for share in shares]


def _inside(outline: BaseGeometry, random: Generator, near: Point | None, spread: float) -> Point:
    """A point of the outline: the given one, one some metres from it, or any."""
    if near is not None and spread == 0.0:
        return near
    west, south, east, north = outline.bounds
    for _ in range(200):
        if near is not None:
            point = Point(random.normal(near.x, spread), random.normal(near.y, spread))
        else:
            point = Point(random.uniform(west, east), random.uniform(south, north))
        if outline.contains(point):
            return point
    return Point(outline.representative_point())


def _cells(points: Sequence[Point], outline: BaseGeometry) -> list[BaseGeometry]:
    """The outline divided among the points."""
    if len(points) < 2:
        return [outline]
    cells = shapely.voronoi_polygons(shapely.MultiPoint(list(points)), extend_to=outline, ordered=True)
    return [geo.polygonal(cell.intersection(outline)) for cell in cells.geoms]
