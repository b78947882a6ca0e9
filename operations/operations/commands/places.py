"""`kmzb places …` and `kmzb addresses …`: what the public map's search for places knows."""

from pathlib import Path
from typing import Annotated

import typer
from deploy.gazetteer import import_addresses, import_places
from deploy.stack.process import StackError

from operations.gazetteer.files import read_addresses, sha256_of
from operations.target import FolderOrEnvironment, find_target

_DSN = "KMZB_PUBLIC_MAP_POSTGRES_DSN"

app = typer.Typer(no_args_is_help=True, help="Places: the towns and villages that people find by name.")
addresses_app = typer.Typer(no_args_is_help=True, help="Addresses: the streets and houses that people find by name.")


@app.command("import")
def import_shipped(stack: FolderOrEnvironment = None) -> None:
    """Have the 44 thousand official places in the search; `kmzb up` and `kmzb setup` do so themselves."""
    new = import_places(_dsn(stack))
    typer.echo(f"{new:,} places imported" if new else "the places are there")


@addresses_app.command("import")
def import_files(
    files: Annotated[list[Path], typer.Argument(help="GML of the register (PRG), or CSV; plain or gzipped.")],
    stack: FolderOrEnvironment = None,
) -> None:
    """Replace all address points by those of these files, or refuse them and change nothing.

    The register publishes a file a voivodeship: name all of them at once. Meanwhile the search goes on as it was.
    """
    if missing := [str(file) for file in files if not file.is_file()]:
        raise StackError(f"{', '.join(missing)}: no such file")
    imported = import_addresses(
        _dsn(stack), sha256_of(files), read_addresses(files), lambda count: typer.echo(f"  {count:,} addresses read")
    )
    if imported.places:
        typer.echo(f"{imported.addresses:,} addresses in {imported.places:,} streets and settlements imported")
    else:
        typer.echo("exactly these addresses are there")


def _dsn(stack: Path | None) -> str:
    addresses = find_target(stack).addresses
    if _DSN not in addresses:
        raise StackError(f"{_DSN} is not set")
    return addresses[_DSN]


def register(root: typer.Typer) -> None:
    """Add both groups of commands to the application."""
    root.add_typer(app, name="places")
    root.add_typer(addresses_app, name="addresses")
