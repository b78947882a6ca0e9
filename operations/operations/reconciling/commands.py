"""`kmzb reconcile`: is every accepted report everywhere it should be, and what to do about those that are not."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Any

import typer
from chassis import clock
from chassis.postgres import Connection
from contracts.topics import PUBLIC_MAP
from deploy.stack.process import StackError
from psycopg.rows import dict_row
from public_map.domain.differences import Differences
from public_map.reconciler import STATES, publish_differences

from operations.consumption.groups import positions
from operations.dead_letters.blocked_keys import dsn_of
from operations.dead_letters.replay import publish_originals
from operations.options import moment
from operations.printing import Json, end_amiss, print_json, print_table
from operations.rebuilding.published import compare
from operations.reconciling.reading import originals, seen_since, set_aside, unread
from operations.reconciling.stages import Gap, Hour, Stage, Why, gaps, hours, missing, topics_needed
from operations.target import FolderOrEnvironment, Target, find_target

SHOWN = 50


def reconcile(
    since: Annotated[str, typer.Option(help="Reports accepted since: 30m, 12h, 7d or a time.")] = "24h",
    settled: Annotated[float, typer.Option(min=0, help="Leave out those accepted within so many seconds.")] = 120.0,
    yes: Annotated[bool, typer.Option("--yes", help="Say again what was lost; without this, only name it.")] = False,
    json: Json = False,
    stack: FolderOrEnvironment = None,
) -> None:
    """Compare accepted, routed, case, clock and notice hour by hour, and the public topic with its table.

    Names each report that lacks one: because a service has not read it yet, has
    set it aside, or lost it. What was lost is said again with --yes: the messages
    that the service reads are published once more, as they stand on their topics.
    Whoever knew them recognises them, so nothing happens twice. Notices are compared
    for those reports that are the environment's instance's (KMZB_INSTANCE). Exit codes: 0
    nothing is missing; 1 it could not be compared; 3 something is missing, or was
    until it was said again.
    """
    target, at = find_target(stack), clock.now()
    begins = moment(since, at)
    seen = seen_since(target.settings, target.addresses, begins, at - timedelta(seconds=settled))
    lacking = missing(seen)
    found: list[Gap] = []
    if lacking:
        found = gaps(lacking, unread(target.settings, seen, lacking, begins), set_aside(target.settings, seen))
    public = _compare_public(target)
    said_again = publish_originals(
        target.settings, originals(target.settings, topics_needed(found) if yes else {}, begins)
    )
    if public and yes:
        said_again += _publish_public(target, public)
    if json:
        print_json({**_as_json(hours(seen), found, public, said_again), "notices_not_asked": len(seen.unasked)})
    else:
        _print(hours(seen), found, public, said_again)
        if seen.unasked:
            typer.echo(f"who was told of {len(seen.unasked)} reports is known where they are, by other instances")
    end_amiss(bool(found) or bool(public and (public.withdrawn or public.missing)))


def register(app: typer.Typer) -> None:
    """Add this command to the application."""
    app.command()(reconcile)


def _compare_public(target: Target) -> Differences | None:
    """Where topic and table differ, in the partitions public-map has read to the end; None where it can't be asked.

    Nor with a region's databases: where there is a table it is empty, and the whole map would be too much.
    """
    if not target.settings.region.is_national:
        return None
    try:
        dsn = dsn_of(PUBLIC_MAP, target.addresses) or ""
    except StackError:
        return None
    read = positions(target.settings, PUBLIC_MAP, STATES)
    behind = {each.partition for each in read if each.waiting}
    with Connection.connect(dsn, row_factory=dict_row) as connection:
        return compare(connection, target.settings, {each.partition for each in read} - behind)


def _publish_public(target: Target, found: Differences) -> int:
    """Have public-map's relay publish what is still different once nobody can change it meanwhile."""
    with Connection.connect(dsn_of(PUBLIC_MAP, target.addresses) or "", row_factory=dict_row) as connection:
        return publish_differences(connection, found)


def _print(of_hours: Sequence[Hour], found: Sequence[Gap], public: Differences | None, said_again: int) -> None:
    stages = [stage for stage in Stage if not of_hours or stage in of_hours[0].reached]
    print_table(
        ("hour (UTC)", "#accepted", *(f"#{stage}" for stage in stages)),
        (
            (f"{hour.begins:%Y-%m-%d %H}", hour.accepted, *(hour.reached[stage] for stage in stages))
            for hour in of_hours
        ),
    )
    for gap in found[:SHOWN]:
        typer.echo(f"{gap.report_id} lacks {gap.stage}: {gap.why}")
    if len(found) > SHOWN:
        typer.echo(f"… and {len(found) - SHOWN} more: --json names all")
    if Stage.NOTICE not in stages:
        typer.echo("who was told could not be asked: the notifier's database is not known here")
    if public is None:
        typer.echo("the public topic was not compared: public-map's database is not known here")
    else:
        typer.echo(
            f"public topic: lacks {len(public.missing)} reports of the map, has {len(public.withdrawn)} too many"
        )
    for why, count in _counts(found).items():
        typer.echo(f"{count} {why}")
    lost = sum(gap.why is Why.LOST for gap in found) + (len(public.missing) + len(public.withdrawn) if public else 0)
    if said_again:
        typer.echo(f"{said_again} messages were said again.")
    elif lost:
        typer.echo("Nothing was said again; --yes does it.")


def _counts(found: Sequence[Gap]) -> Mapping[str, int]:
    return Counter(gap.why.value for gap in found)


def _as_json(
    of_hours: Sequence[Hour], found: Sequence[Gap], public: Differences | None, said_again: int
) -> dict[str, Any]:
    return {
        "hours": [{"begins": hour.begins, "accepted": hour.accepted, **hour.reached} for hour in of_hours],
        "missing": [{"report_id": gap.report_id, "stage": gap.stage, "why": gap.why.name.lower()} for gap in found],
        "public": public and {"missing": list(public.missing), "too_many": list(public.withdrawn)},
        "said_again": said_again,
    }
