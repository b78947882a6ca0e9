"""How commands print what they found: a table for people, one JSON document for programs, and the exit codes."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

AMISS = 3
"""The exit code of a command that looked and found something amiss; 1: it could not, or refused; 2: usage."""
WIDTH = 200
"""Of a table that is not printed to a terminal."""

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of words for people.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do it; without this, only say what would be done.")]


def json_text(value: object, indent: int | None = None) -> str:
    """As JSON for a terminal: what can't be printed is escaped, also half a character, which no output takes."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return "".join(char if char.isprintable() or char == "\n" else json.dumps(char)[1:-1] for char in text)


def print_json(value: object) -> None:
    """One document. Times are RFC 3339, lengths of time seconds."""
    typer.echo(json_text(_plain(value), indent=2))


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A line a row; a column whose name begins with `#` holds numbers. What no terminal should get is escaped."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name in columns:
        table.add_column(name.removeprefix("#"), justify="right" if name.startswith("#") else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(_shown(cell)) for cell in row))
    Console(width=None if sys.stdout.isatty() else WIDTH).print(table)


def end_amiss(amiss: bool) -> None:
    """Ends with AMISS when something is. Raises typer.Exit."""
    if amiss:
        raise typer.Exit(AMISS)


def in_short(seconds: float) -> str:
    """A length of time as it is read at one glance: 0.4 s, 12 s, 7 min, 3 h, 2 d."""
    for length, name in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {name}"
    return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"


def _shown(cell: object) -> str:
    if cell is None:
        return "–"
    text = cell.isoformat(sep=" ", timespec="milliseconds") if isinstance(cell, datetime) else str(cell)
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


def _plain(value: object) -> Any:
    match value:
        case datetime():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case Mapping():
            return {str(name): _plain(each) for name, each in value.items()}
        case str() | int() | float() | None:
            return value
        case Iterable():
            return [_plain(each) for each in value]
        case _:
            return str(value)
