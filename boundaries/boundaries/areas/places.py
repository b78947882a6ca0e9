"""Towns and villages of the State Register of Geographical Names (PRNG), positions in WGS 84 degrees."""

import csv
import gzip
import io
from dataclasses import dataclass
from functools import cache

from boundaries.areas import DATA


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


@cache
def list_places() -> list[NamedPlace]:
    """Every town and village, sorted by gmina and name."""
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
