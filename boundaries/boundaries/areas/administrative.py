"""The administrative areas as they were built: gminas, powiats, voivodeships.

Geometry in WGS 84 degrees; TERYT codes: two digits a voivodeship, four a powiat, six a gmina.
"""

from dataclasses import dataclass
from functools import cache

from shapely.geometry.base import BaseGeometry

from boundaries.areas import DATA, geo


@dataclass(frozen=True)
class Area:
    """One gmina, powiat or voivodeship. `kind` (miejska, wiejska, miejsko-wiejska) stands on gminas only."""

    teryt: str
    name: str
    population: int
    geometry: BaseGeometry
    kind: str = ""


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
