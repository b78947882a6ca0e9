"""Builds the base map anew: python -m boundaries.basemap [--packages FOLDER] [--out FILE]."""

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from boundaries.basemap import borders, labels, surroundings, tiling

# What runs reads the file from the shared pages' folder; of this package it knows nothing.
TARGET = Path(__file__).parents[3] / "services" / "web" / "web" / "design" / "static" / "map" / "poland.pmtiles"


def main(
    packages: Annotated[Path | None, typer.Option(help="Keep the fetched packages here.")] = None,
    out: Annotated[Path, typer.Option(help="Write the tiles to this file.")] = TARGET,
) -> None:
    """Build the vector tiles of the country (PMTiles) from boundaries/data and published packages."""
    with tempfile.TemporaryDirectory() as scratch:
        around = surroundings.read(packages or Path(scratch))
    counts = tiling.write(out, lambda zoom: layers(zoom, around))
    for zoom, (tiles, size) in counts.items():
        typer.echo(f"z{zoom:<3} {tiles:>6,} tiles {size:>10,} bytes")
    typer.echo(f"{out.name} {out.stat().st_size:,} bytes")


def layers(zoom: int, around: surroundings.Surroundings) -> dict[str, list[tiling.Feature]]:
    """What the tiles of one zoom hold, by layer; positions in Mercator's unit square."""
    levels = borders.simplified(zoom)
    return {
        "water": surroundings.water(around, levels.country, zoom),
        "land": [tiling.Feature(levels.country, {})],
        "rivers": surroundings.rivers(around, zoom),
        "borders": [*surroundings.foreign_borders(around, zoom), *borders.lines(levels, zoom)],
        "labels": labels.areas(zoom),
        "places": labels.towns(zoom),
    }


if __name__ == "__main__":
    typer.run(main)
