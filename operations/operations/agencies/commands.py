"""`kmzb agency …`: add, change, remove and list the agencies threats are handed to."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from chassis.clock import now
from contracts.agencies import Agency, AgencyChannel
from deploy.agencies import topics_of
from deploy.agencies.registry import read_registry
from deploy.stack.process import StackError

from operations.agencies.carrying_out import carry_out
from operations.agencies.files import read_rows, teryt_codes
from operations.agencies.hand_over import HandedOver, folders_of, printed
from operations.agencies.plan import SHOWN, Change, Refused, added, changed, removed
from operations.target import FolderOrEnvironment, Target, find_target

NOTHING: Mapping[Path, Agency] = {}

app = typer.Typer(no_args_is_help=True, help="Agencies: whom confirmed threats are handed to.")

Code = Annotated[str, typer.Argument(help="The agency's code: a-z, 0-9 and -.")]
Name = Annotated[str | None, typer.Option(help="What people call it.")]
Categories = Annotated[list[str] | None, typer.Option("--category", help="A kind of threat it handles; none: all.")]
Areas = Annotated[list[str] | None, typer.Option("--area", help="TERYT: where; none: the whole country.")]
Channel = Annotated[AgencyChannel | None, typer.Option(help="How threats are handed to it.")]
Contact = Annotated[str | None, typer.Option(help="The channel's address, or whom to call.")]
Days = Annotated[int | None, typer.Option("--acknowledge-days", help="Within how many days it answers.")]
Folder = Annotated[
    Path | None,
    typer.Option(help="A new folder for what is handed over, ./CODE if not given; with --file, one below it for each."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check everything, change nothing.")]
AsJson = Annotated[bool, typer.Option("--json", help="For programs: a line of JSON for each agency.")]
Replication = Annotated[
    int, typer.Option(help="Copies of a new topic; on a stack of `kmzb up`, and of `kmzb setup --replication 1`: 1.")
]


@app.command()
def add(
    code: Annotated[str | None, typer.Argument(help="The new agency's code, for ever: a-z, 0-9 and -.")] = None,
    name: Name = None,
    category: Categories = None,
    area: Areas = None,
    channel: Channel = None,
    contact: Contact = None,
    acknowledge_days: Days = None,
    file: Annotated[Path | None, typer.Option(help="TOML or CSV: thousands of agencies in one go.")] = None,
    replication: Replication = 0,
    folder: Folder = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    stack: FolderOrEnvironment = None,
) -> None:
    """Add an agency, or all of a file, with its topics; or refuse all and change nothing.

    Of a file, those that are there as it says stay as they are: what was
    interrupted goes on when it is asked for again. On a secured Kafka each is let
    in at once, and the folder holds what it is handed: configurations, topics, a
    page to begin with. A test message waits for it.
    """
    if (code is None) == (file is None):
        raise StackError("name one agency, CODE --name …, or many with --file FILE")
    said = _said(name, category, area, channel, contact, acknowledge_days)
    if file is not None and said:
        raise StackError(f"with --file each agency is described there, not by --{next(iter(said)).replace('_', '-')}")
    target = find_target(stack)
    with refusing():
        rows = read_rows(file) if file is not None else [{"code": code, **said}]
        areas = _codes_for(any(row.get("areas") for row in rows))
        changes = added(read_registry(target.settings), rows, areas, now(), again=file is not None)
        if done := len(rows) - len(changes):
            _progress(f"{done} of {len(rows)} are there as the file says, and stay as they are")
        folders = folders_of(target.settings, [change.after for change in changes], folder, many=file is not None)
        _carry_out(target, changes, replication, dry_run=dry_run, as_json=as_json, folders=folders)


@app.command()
def change(
    code: Code,
    name: Name = None,
    category: Categories = None,
    area: Areas = None,
    channel: Channel = None,
    contact: Contact = None,
    acknowledge_days: Days = None,
    restore: Annotated[bool, typer.Option("--restore", help="Bring back one that was removed.")] = False,
    replication: Replication = 0,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    stack: FolderOrEnvironment = None,
) -> None:
    """Change what is said of an agency: each option replaces what was there."""
    target, said = find_target(stack), _said(name, category, area, channel, contact, acknowledge_days)
    with refusing():
        known = read_registry(target.settings)
        there = known.find(code)
        areas = _codes_for(bool(area or (there and there.areas)))
        made = changed(known, code, said, areas, now(), restore=restore)
        _carry_out(target, [made], replication, dry_run=dry_run, as_json=as_json)


@app.command()
def remove(
    codes: Annotated[list[str], typer.Argument(help="Codes of the agencies.")],
    dry_run: DryRun = False,
    as_json: AsJson = False,
    stack: FolderOrEnvironment = None,
) -> None:
    """Hand nothing to these agencies any more. Their codes stay theirs, and what they wrote is kept for 30 days."""
    target = find_target(stack)
    with refusing():
        changes = removed(read_registry(target.settings), codes, now())
        _carry_out(target, changes, 0, dry_run=dry_run, as_json=as_json)


@app.command("list")
def list_agencies(
    category: Annotated[str | None, typer.Option(help="Only who handles this kind of threat.")] = None,
    area: Annotated[str | None, typer.Option(help="Only who handles this gmina, by its TERYT code.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Also those that were removed.")] = False,
    as_json: AsJson = False,
    stack: FolderOrEnvironment = None,
) -> None:
    """List agencies, by code."""
    known = read_registry(find_target(stack).settings)
    if category is not None:
        found = known.proposed(category, area)
    else:
        found = sorted(known.all() if every else known.values(), key=lambda agency: agency.code)
        found = [agency for agency in found if area is None or agency.nearness(area) is not None]
    for agency in found:
        typer.echo(_json(agency) if as_json else _line(agency))
    if not found and not as_json:
        typer.echo("there is none: kmzb agency add")


@app.command()
def show(code: Code, as_json: AsJson = False, stack: FolderOrEnvironment = None) -> None:
    """Say everything of an agency."""
    agency = read_registry(find_target(stack).settings).find(code)
    if agency is None:
        raise StackError(f"{code}: there is no such agency; kmzb agency list")
    typer.echo(_json(agency) if as_json else "\n".join(_details(agency)))


@contextmanager
def refusing() -> Iterator[None]:
    """What is refused is said fault by fault, on stderr, and nothing was changed. Raises typer.Exit."""
    try:
        yield
    except Refused as refused:
        more = [f"and {len(refused.faults) - SHOWN} more"] if len(refused.faults) > SHOWN else []
        typer.echo(f"refused, nothing changed: {len(refused.faults)} faults", err=True)
        for fault in (*refused.faults[:SHOWN], *more):
            typer.echo(f"  {fault}", err=True)
        raise typer.Exit(1) from refused


def _carry_out(
    target: Target,
    changes: Sequence[Change],
    replication: int,
    *,
    dry_run: bool,
    as_json: bool,
    folders: Mapping[Path, Agency] = NOTHING,
) -> None:
    """Do it, unless it is only tried, and print what was done."""
    made, handed = 0, list[HandedOver]()
    if not dry_run:
        made, handed = carry_out(target, changes, replication, folders=folders, say=_progress)
    if as_json:
        said = {each.code: {"handed_over": asdict(each)} for each in handed}
        for change in changes:
            typer.echo(json.dumps(_said_of(change.after) | said.get(change.after.code, {}), ensure_ascii=False))
        return
    for change in changes[:SHOWN]:
        typer.echo(f"{'added' if change.before is None else change.after.state}  {_line(change.after)}")
    if len(changes) > SHOWN:
        typer.echo(f"and {len(changes) - SHOWN} more")
    typer.echo("dry run: nothing was changed" if dry_run else f"{len(changes)} agencies written, {made} topics made")
    for each in handed[:SHOWN]:
        printed(each, json=False)


def _progress(line: str) -> None:
    typer.echo(line, err=True)


def _said(
    name: str | None,
    category: list[str] | None,
    area: list[str] | None,
    channel: AgencyChannel | None,
    contact: str | None,
    acknowledge_days: int | None,
) -> dict[str, Any]:
    """The fields that options name."""
    every = {
        "name": name,
        "categories": category,
        "areas": area,
        "channel": channel,
        "contact": contact,
        "acknowledge_days": acknowledge_days,
    }
    return {field: value for field, value in every.items() if value is not None and value != []}


def _codes_for(areas_named: bool) -> frozenset[str]:
    return teryt_codes() if areas_named else frozenset()


def _said_of(agency: Agency) -> dict[str, Any]:
    said: dict[str, Any] = msgspec.to_builtins(agency)
    return said


def _json(agency: Agency) -> str:
    return json.dumps(_said_of(agency), ensure_ascii=False)


def _line(agency: Agency) -> str:
    where = " ".join(agency.areas) or "everywhere"
    return f"{agency.code:24} {agency.channel:8} {agency.state:8} {agency.name}  [{where}]"


def _details(agency: Agency) -> Iterator[str]:
    said = _said_of(agency)
    said |= {"categories": " ".join(agency.categories) or "all", "areas": " ".join(agency.areas) or "the whole country"}
    said["acknowledge_days"] = agency.acknowledge_days or "as the national terms have it"
    for field, value in said.items():
        yield f"{field.replace('_', ' '):17} {value if value is not None else '-'}"
    yield from (f"{'topic':17} {topic.name}" for topic in topics_of([agency]))
