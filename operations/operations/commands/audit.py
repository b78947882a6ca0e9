"""`kmzb audit …`: whether the audit of who read citizens' words is whole, and who read what."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from casework.store.audit.reading import count_audit, find_report, list_readings, read_breaks
from chassis.postgres import Connection, Database
from deploy.stack.process import StackError

from operations.printing import json_text
from operations.target import FolderOrEnvironment, find_target

BROKEN = 3
"""The exit code where the audit is not whole; 1 is for what could not be asked, 2 for how it was asked."""
_DSN = "KMZB_CASEWORK_POSTGRES_DSN"
_ANCHOR = re.compile(r"(\d{1,18}):([0-9a-f]{64})")

app = typer.Typer(no_args_is_help=True, help="The audit: who read citizens' words, and that nobody changed it.")
AsJson = Annotated[bool, typer.Option("--json", help="As JSON, for programs.")]


@app.command()
def verify(
    anchor: Annotated[
        list[str] | None,
        typer.Option(help="NUMBER:HASH, as casework's log told it (`audit anchor`); may be repeated."),
    ] = None,
    since: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="The first day whose records are kept.")
    ] = datetime(2000, 1, 1),  # noqa: DTZ001 (a day)
    as_json: AsJson = False,
    stack: FolderOrEnvironment = None,
) -> None:
    """Look whether the audit is whole, or where it breaks. Exit code: 0 whole, 3 broken, 1 it could not be asked.

    What was cut off the end, with the anchors that knew it, is found by an anchor from the log: name the newest.
    """
    told = dict(map(_anchor, anchor or ()))
    with _casework(stack) as connection:
        breaks = [(broken.chain, broken.number, broken.what) for broken in read_breaks(connection, told, since.date())]
        there = count_audit(connection)
    if as_json:
        fields = ("chain", "number", "what")
        said = {"whole": not breaks, "records": there.records, "chains": there.chains, "anchors": there.anchors}
        typer.echo(json_text(said | {"breaks": [dict(zip(fields, each, strict=True)) for each in breaks]}))
    else:
        for chain, number, what in breaks:
            typer.echo(f"{chain}: {number} {what}")
        found = f"{there.records:,} records in {there.chains:,} chains, {there.anchors:,} anchors"
        typer.echo(f"broken in {len(breaks)} places; {found}" if breaks else f"whole: {found}")
    if breaks:
        raise typer.Exit(BROKEN)


@app.command("list")
def list_(
    case: Annotated[str, typer.Option(help="Number or report id of a case.")] = "",
    officer: Annotated[str, typer.Option(help="The officer, as the token's sub.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="The newest so many.")] = 100,
    as_json: AsJson = False,
    stack: FolderOrEnvironment = None,
) -> None:
    """Print who read the words of a case, or what an officer read, newest first."""
    if not (case or officer):
        raise StackError("name a --case, an --officer, or both")
    with _casework(stack) as connection:
        report_id = _report(connection, case) if case else None
        rows = list_readings(connection, report_id=report_id, officer=officer or None, limit=limit)
    for row in rows:
        record = json.loads(row["record"])
        typer.echo(json_text(record) if as_json else _line(record))


def _line(record: Mapping[str, Any]) -> str:
    who = f"{record['officer']} ({record['role']}, {record['unit'] or record['garrison'] or '-'})"
    parts = [record["at"], who, record["what"], record.get("report_id"), ", ".join(record["fields"])]
    purpose = [json_text(record["purpose"])] if "purpose" in record else []
    return "  ".join([*(json_text(part)[1:-1] for part in parts if part), *purpose])


def _report(connection: Connection, case: str) -> UUID:
    try:
        return UUID(case)
    except ValueError:
        pass
    if (report_id := find_report(connection, case)) is None:
        raise StackError(f"there is no case {case}")
    return report_id


def _anchor(text: str) -> tuple[int, bytes]:
    if (found := _ANCHOR.fullmatch(text.strip())) is None:
        raise StackError(f"--anchor {text}: expected NUMBER:HASH, 64 hexadecimal digits, as the log tells it")
    return int(found[1]), bytes.fromhex(found[2])


@contextmanager
def _casework(stack: Path | None) -> Iterator[Connection]:
    addresses = find_target(stack).addresses
    if _DSN not in addresses:
        raise StackError(f"{_DSN} is not set")
    database = Database(addresses[_DSN], size=1)
    try:
        with database.transaction() as connection:
            yield connection
    finally:
        database.close()
