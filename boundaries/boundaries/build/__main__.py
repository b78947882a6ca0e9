"""Builds the data anew: python -m boundaries.build [--packages FOLDER] [--out FOLDER]."""

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from boundaries.areas import DATA
from boundaries.build.country import build


def main(
    packages: Annotated[Path | None, typer.Option(help="Keep the fetched packages here.")] = None,
    out: Annotated[Path, typer.Option(help="Write the built files here.")] = DATA,
) -> None:
    """Build gminas, powiats, voivodeships and places from published packages."""
    with tempfile.TemporaryDirectory() as scratch:
        build(packages or Path(scratch), out)
    for path in sorted(out.glob("*.gz")):
        typer.echo(f"{path.name:28} {path.stat().st_size:>9,} bytes")


if __name__ == "__main__":
    typer.run(main)
