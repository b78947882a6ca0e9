"""`kmzb garrison …`: who answers for a garrison, and giving it to another instance, live."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from chassis import clock
from contracts.policy.regions import Change, Plan
from deploy.stack.process import StackError

from operations.printing import Json, end_amiss, in_short, print_json, print_table
from operations.regions.moving import changed_text, plan_of, require_change, wanted_change, write_whole
from operations.regions.standing import Runs, Standing, standings
from operations.target import FolderOrEnvironment, Target, find_target

AHEAD_SECONDS = 900.0
"""For giving a file to every instance and restarting it by hand, on as many machines as there are."""
HELP = """Who answers for a garrison: the nation's services, or a region's own instance of them.

It stands in one file, KMZB_REGIONS_FILE, the same for all instances: from an
instant on, for reports sent from then on. What was sent before stays where
it is until it is closed, so nothing is copied and nothing is lost. Instances
read the file when they start.
"""

app = typer.Typer(help=HELP, no_args_is_help=True)


@app.command()
def show(json: Json = False, stack: FolderOrEnvironment = None) -> None:
    """Say who answers for each garrison of the file, now and next, and whether every instance goes by it.

    Exit codes: 0 all run by this file; 1 it could not be looked at; 3 one does
    not run, or runs by another file: give it this one and restart it.
    """
    target, at = find_target(stack), clock.now()
    path, plan = _file(target), target.settings.region.plan
    found = standings(target.settings, plan)
    if json:
        print_json({"file": path, "changes": _as_json(plan.change), "members": _members(found)})
    else:
        print_table(("garrison", "now", "next"), _rows(plan, at))
        typer.echo("")
        print_table(("instance", "member", ""), ((each.instance, each.member, each.runs) for each in found))
    end_amiss(any(each.runs is not Runs.AS_WRITTEN for each in found))


@app.command()
def move(
    garrison: Annotated[str, typer.Argument(help="The garrison's code, like WRO.")],
    instance: Annotated[str, typer.Argument(help="Who is to answer for it, like wroclaw; or national.")],
    since: Annotated[str, typer.Option("--from", help="For reports sent from then on: 2026-12-01T00:00+01:00.")],
    new: Annotated[bool, typer.Option("--new", help="No line names this instance yet: it is to be one.")] = False,
    ahead: Annotated[
        float, typer.Option(min=10, help="Seconds in which every instance is given the file and restarted.")
    ] = AHEAD_SECONDS,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    json: Json = False,
    stack: FolderOrEnvironment = None,
) -> None:
    """Write into KMZB_REGIONS_FILE who answers for a garrison from an instant on.

    Nothing happens before the instant, which has to be so far ahead that every
    instance can be restarted with the file (--ahead); `kmzb garrison show` says
    when all are. Until then a move is taken back by the same --from with the
    instance that answers now. Exit codes: 0 written, or it stands there already;
    1 refused, and nothing was changed; 2 usage.
    """
    target, at = find_target(stack), clock.now()
    path = _file(target)
    text, plan = path.read_text("utf-8"), target.settings.region.plan
    change = wanted_change(plan, garrison, instance, since, new=new)
    if change not in plan.change:
        require_change(plan, change, at, timedelta(seconds=ahead))
        text = changed_text(text, change)
        if not dry_run:
            write_whole(path, text)
    found = standings(target.settings, plan_of(text))
    if json:
        more = {"file": path, "changes": _as_json([change]), "members": _members(found)}
        print_json({"done": not dry_run, **more})
        return
    typer.echo(f"{change.garrison} is {change.instance}'s for reports sent from {_shown(change.since)} on.")
    typer.echo(f"Nothing was done; {path} would say so." if dry_run else f"{path} says so. Before then:")
    print_table(("instance", "member", ""), ((each.instance, each.member, each.runs) for each in found))
    typer.echo("kmzb garrison show says when all run by this file.")


def _file(target: Target) -> Path:
    """The regions' file. Raises StackError where the environment names none."""
    if path := target.settings.regions_file:
        return path
    raise StackError(
        "KMZB_REGIONS_FILE is not set: it names the file that every instance is given. Where there is none yet, make an"
        " empty one, name it to every instance, and say this again"
    )


def _rows(plan: Plan, at: datetime) -> Iterator[tuple[str, str, str]]:
    for garrison in sorted({change.garrison for change in plan.change}):
        coming = sorted((each.since, each.instance) for each in plan.change if each.garrison == garrison)
        then = (
            f"{instance} from {_shown(since)}, in {in_short((since - at).total_seconds())}"
            for since, instance in coming
            if since > at
        )
        yield garrison, plan.answering(garrison, at), "; ".join(then) or "–"


def _shown(instant: datetime) -> str:
    return instant.isoformat(sep=" ", timespec="seconds")


def _as_json(changes: Sequence[Change]) -> list[dict[str, object]]:
    return [{"garrison": each.garrison, "instance": each.instance, "from": each.since} for each in changes]


def _members(found: Sequence[Standing]) -> list[dict[str, str]]:
    return [{"instance": each.instance, "member": each.member, "runs": each.runs.name.lower()} for each in found]
