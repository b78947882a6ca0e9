"""`kmzb import kmzb`: the map that runs since 2016, as history on this one."""

import re
from dataclasses import asdict
from pathlib import Path
from time import monotonic
from typing import Annotated

import typer
from boundaries.published import KafkaDistrictTopic, read_published
from chassis import clock
from chassis.settings import Settings
from contracts.topics import PUBLIC_MAP
from deploy.stack.process import StackError

from operations.dead_letters.blocked_keys import dsn_of
from operations.history.importing import Import, Tally, one_at_a_time, require_read
from operations.history.reading import Grounds, Refused
from operations.locating import current_index, routing_limit_m
from operations.printing import Json, end_amiss, in_short, print_json
from operations.target import FolderOrEnvironment, find_target

_SHOWN = 20
_SOURCE = r"[a-z][a-z0-9-]{0,39}"

app = typer.Typer(help="Import: reports of another system, as history on the map.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Import: reports of another system, as history on the map."""


@app.command("kmzb")
def import_kmzb(
    file: Annotated[Path, typer.Argument(help="ESRI JSON or GeoJSON in EPSG:2180, plain or gzipped.")],
    source: Annotated[
        str, typer.Option(help="What numbers it: the same OBJECTID of the same source is one report.")
    ] = "kmzb",
    max_faults: Annotated[int, typer.Option(min=0, help="With more faulty features nothing is imported.")] = 100,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be imported.")] = False,
    json: Json = False,
    stack: FolderOrEnvironment = None,
) -> None:
    """Take an export of the map that runs since 2016 as history: shown as such, worked on by nobody.

    No case is opened, no clock runs, nobody is told or asked. The map shows them
    by its own rules: no hidden category, no place more exactly than others', one
    that was eliminated for a month. Imported again, the same file changes
    nothing, and a corrected one what it corrects; what is no longer in it stays.

    \b
    kmzb import kmzb export.json --dry-run

    Exit codes: 0 all of it was imported; 1 refused or not possible, and nothing
    changed unless it says so; 2 usage; 3 faulty features, which it names, were left out.
    """  # fmt: skip
    _check(file, source)
    began, target, at = monotonic(), find_target(stack), clock.now()
    say = (lambda _: None) if json else typer.echo
    grounds = _grounds(target.settings)
    require_read(target.settings)
    with one_at_a_time(dsn_of(PUBLIC_MAP, target.addresses) or "") as connection:
        run = Import(file, source, grounds, connection)
        tally = run.examined(at, say, max_faults + 1)
        if tally.faulty > max_faults:
            raise Refused(_too_many(tally, max_faults))
        if not dry_run:
            run.publish(target.settings, at, say)
    told = {**asdict(tally), "dry_run": dry_run, "seconds": round(monotonic() - began, 3)}
    print_json(told) if json else _print(tally, dry_run, monotonic() - began)
    end_amiss(bool(tally.faulty))


def _check(file: Path, source: str) -> None:
    if not re.fullmatch(_SOURCE, source):
        raise StackError(f"--source: {source!r}: small letters, digits and hyphens, 40 at most, a letter first")
    if not file.is_file():
        raise StackError(f"{file}: no such file")


def _grounds(settings: Settings) -> Grounds:
    published = read_published(KafkaDistrictTopic(settings))
    index, unused = current_index(published)
    for line in (*published.unreadable, *unused):
        typer.echo(line, err=True)
    if not index.leaves:
        raise StackError("no garrison has districts, so nobody answers anywhere: kmzb districts seed")
    return Grounds(index, routing_limit_m())


def _too_many(tally: Tally, most: int) -> str:
    named = "\n".join(f"  {fault}" for fault in tally.faults[:_SHOWN])
    said = f"{tally.faulty} of {tally.features} features are faulty, and at most {most} may be (--max-faults)"
    return f"{said}. Nothing was changed\n{named}"


def _print(tally: Tally, dry_run: bool, seconds: float) -> None:
    for fault in tally.faults:
        typer.echo(f"left out: {fault}")
    said = "would be imported" if dry_run else "imported"
    typer.echo(
        f"{tally.new + tally.changed:,} of {tally.features:,} features {said}: {tally.new:,} new,"
        f" {tally.changed:,} changed; {tally.same:,} are there as they are, {tally.faulty:,} were left out."
        f" {in_short(seconds)}"
    )
    typer.echo(f"by the map's rules everyone sees {tally.shown:,} of them now, once public-map has read them: kmzb lag")
