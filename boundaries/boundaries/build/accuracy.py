"""How right the boundaries are: places whose powiat is known from elsewhere, located by the polygons alone.

    python -m boundaries.build.accuracy [--packages FOLDER]

GeoNames' towns are independent of the build. PRNG's places are not quite: they named the polygons, but no line of a
polygon was drawn from them. A place in no polygon counts for the nearest, as routing does. Distances in metres.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import shapely
import typer

from boundaries.areas import administrative, geo, places
from boundaries.build import sources


@dataclass(frozen=True)
class Mistake:
    """A place that fell into a powiat not its own, and how far (m) from its own it lies."""

    name: str
    longitude: float
    latitude: float
    powiat: str
    found: str
    metres: float


@dataclass(frozen=True)
class Score:
    """What a set of places says about the polygons."""

    places: int
    mistakes: list[Mistake]

    @property
    def right(self) -> float:
        """Share of places found in their own powiat, 0 to 1."""
        return 1 - len(self.mistakes) / self.places

    def near(self, metres: float = 300.0) -> float:
        """Share of the mistakes within so many metres of their own powiat, 0 to 1."""
        return sum(mistake.metres <= metres for mistake in self.mistakes) / max(1, len(self.mistakes))


def score(places: Sequence[tuple[str, float, float, str]]) -> Score:
    """Places as (name, longitude, latitude, powiat code) against the built powiats."""
    powiats = administrative.powiats()
    shapes = dict(zip(powiats, geo.to_metres(area.geometry for area in powiats.values()), strict=True))
    codes = list(shapes)
    tree = shapely.STRtree(list(shapes.values()))
    points = geo.to_metres(shapely.points([(longitude, latitude) for _, longitude, latitude, _ in places]))
    found = [codes[index] for index in tree.nearest(points)]
    wrong = [
        Mistake(name, longitude, latitude, powiat, code, float(shapes[powiat].distance(point)))
        for (name, longitude, latitude, powiat), point, code in zip(places, points, found, strict=True)
        # A point on a shared border lies in both, whichever the index names first.
        if code != powiat and shapes[powiat].distance(point) > 0
    ]
    return Score(len(places), sorted(wrong, key=lambda mistake: -mistake.metres))


def main(packages: Annotated[Path | None, typer.Option(help="Keep the fetched packages here.")] = None) -> None:
    """Print the share of places in their own powiat, and every mistake farther than 300 m."""
    with tempfile.TemporaryDirectory() as scratch:
        geonames = sources.read_geonames(packages or Path(scratch))
    prng = [(place.name, place.longitude, place.latitude, place.powiat) for place in places.list_places()]
    for label, rows in (("GeoNames", geonames), ("PRNG", prng)):
        result = score(rows)
        typer.echo(
            f"{label}: {result.places} places, {result.right:.3%} in their powiat, {len(result.mistakes)} mistakes, "
            f"{result.near():.1%} of them within 300 m"
        )
        for mistake in result.mistakes:
            if mistake.metres > 300:
                where = f"{mistake.longitude:.4f} {mistake.latitude:.4f}"
                claim = f"{mistake.powiat}, found in {mistake.found}"
                typer.echo(f"  {mistake.metres:6.0f} m  {mistake.name} ({where}): {claim}")


if __name__ == "__main__":
    typer.run(main)
