"""The built areas and places, read from the files beside the package.

Geometry in WGS 84 degrees; TERYT codes: two digits a voivodeship, four a powiat, six a gmina.
"""

import csv
import gzip
import io
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from shapely.geometry.base import BaseGeometry

from boundaries import geo

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Area:
    """One gmina, powiat or voivodeship. `kind` (miejska, wiejska, miejsko-wiejska) stands on gminas only."""

    teryt: str
    name: str
    population: int
    geometry: BaseGeometry
    kind: str = ""


@dataclass(frozen=True)
class NamedPlace:
    """A town or village with the codes of its powiat and gmina; `people` is a weight, not a census."""

    name: str
    kind: str
    longitude: float
    latitude: float
    powiat: str
    gmina: str
    people: int


def _read(level: str) -> dict[str, Area]:
    rows = geo.read_features(DATA / f"{level}.geojson.gz")
    return {row["teryt"]: Area(geometry=geometry, **row) for row, geometry in rows}


@cache
def gminas() -> dict[str, Area]:
    """2,477 gminas by code of six digits."""
    return _read("gminas")


@cache
def powiats() -> dict[str, Area]:
    """380 powiats by code of four digits."""
    return _read("powiats")


@cache
def voivodeships() -> dict[str, Area]:
    """16 voivodeships by code of two digits."""
    return _read("voivodeships")


@cache
def places() -> list[NamedPlace]:
    """Towns and villages of the state register of geographical names, sorted by gmina and name."""
    text = gzip.decompress((DATA / "places.csv.gz").read_bytes()).decode()
    return [
        NamedPlace(
            name=row["name"],
            kind=row["kind"],
            longitude=float(row["longitude"]),
            latitude=float(row["latitude"]),
            powiat=row["powiat"],
            gmina=row["gmina"],
            people=int(row["people"]),
        )
        for row in csv.DictReader(io.StringIO(text))
    ]
