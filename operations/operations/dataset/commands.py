"""`kmzb dataset`: a month of the map as files for everyone."""

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from time import monotonic
from typing import Annotated, Any

import typer
from chassis import clock
from contracts.topics import CASE_CHANGED
from deploy.stack.process import StackError

from operations.dataset.contents.counts import sums
from operations.dataset.folder import put
from operations.dataset.making import Contents, contents, writer
from operations.dataset.months import Month, month_named
from operations.dataset.reading import PARTITIONS, Log
from operations.printing import Json, end_amiss, in_short, print_json
from operations.target import FolderOrEnvironment, find_target

_ADDRESSES = ("KMZB_PUBLIC_MAP_PUBLIC_URL", "KMZB_PUBLIC_MAP_URL")
_SAID = {
    "made": "{folder} was made",
    "same": "{folder} is there already, the same to the byte",
    "replaced": "{folder} was replaced; it differed in {files}. Whoever copied it has the former one",
    "differs": "{folder} is there already and differs in {files}. Nothing was changed: look why, then --replace",
    "dry run": "{folder} was not written: a dry run",
}
_Month = Annotated[str, typer.Argument(help="Over for a day (UTC): year and month, like 2026-10.", metavar="MONTH")]
_Out = Annotated[Path, typer.Option(help="The folder of all datasets; this one will be DIR/MONTH.", metavar="DIR")]
_Url = Annotated[str, typer.Option(help="Where DIR will be published; by default the map's address and /data.")]
_Parquet = Annotated[bool, typer.Option(help="Without it, CSV alone: Parquet takes duckdb.")]
_Replace = Annotated[bool, typer.Option("--replace", help="Put it in place of one that differs.")]
_DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would be in it; write nothing.")]


def dataset(
    month: _Month,
    out: _Out,
    url: _Url = "",
    parquet: _Parquet = True,
    replace: _Replace = False,
    dry_run: _DryRun = False,
    json: Json = False,
    stack: FolderOrEnvironment = None,
) -> None:
    """Make the open data of a month: what the map showed when it ended, and how many reports were sent.

    \b
    reports.csv   every report on the map in the instant the month ended
    counts.csv    how many were sent in the month, by unit, category, status;
                  of those the map does not show from ten on, in tens, so that
                  nobody's report can be told from it
    *.parquet     the same rows; and what describes them: codebook.md,
                  datapackage.json, dcat.jsonld, LICENSE.txt, SHA256SUMS

    Made again it is the same to the byte, but where a report was corrected since to
    a category nobody may see, or shown less exactly: then --replace it.

    \b
    kmzb dataset 2026-10 --out /srv/data --dry-run
    kmzb dataset 2026-10 --out /srv/data --url https://mapa.example.org/data

    Exit codes: 0 it is there; 1 refused or not possible; 2 usage; 3 another one is.
    """
    wanted, began = _month(month, parquet), monotonic()
    target = find_target(stack)
    place, log = f"{_published_at(url, target.addresses)}/{wanted}", Log(target.settings)
    if not json:
        typer.echo(f"reading {CASE_CHANGED.name}")
    made, folder = contents(wanted, map(log.changes, range(PARTITIONS))), out / str(wanted)
    outcome, differing = ("dry run", []) if dry_run else put(folder, writer(made, place, parquet), replace)
    told = {**_figures(made), "folder": str(folder), "url": place, "outcome": outcome, "differing": differing}
    told |= {"unreadable": log.unreadable, "seconds": round(monotonic() - began, 3)}
    print_json(told) if json else _print(told)
    end_amiss(outcome == "differs")


def register(app: typer.Typer) -> None:
    """Add this command to the application."""
    app.command()(dataset)


def _published_at(url: str, addresses: Mapping[str, str]) -> str:
    beginning = next((found for name in _ADDRESSES if (found := addresses.get(name))), "")
    if not (url or beginning):
        raise StackError("--url: say where the datasets will be published, like https://mapa.example.org/data")
    return url.rstrip("/") or f"{beginning.rstrip('/')}/data"


def _month(text: str, parquet: bool) -> Month:
    if parquet and not find_spec("duckdb"):
        raise StackError("Parquet takes duckdb: pip install 'kmzb-operations[parquet]', or say --no-parquet")
    try:
        month = month_named(text)
    except ValueError as wrong:
        raise StackError(str(wrong)) from wrong
    if clock.now() < month.settled:
        raise StackError(
            f"MONTH: {month} can be made from {month.settled:%Y-%m-%d} 00:00 UTC on: what was changed in a month's last"
            " minutes is on the log a day later at the latest"
        )
    return month


def _figures(made: Contents) -> dict[str, object]:
    total = sums(made.counts)
    return {
        "month": str(made.month),
        "reports": len(made.reports),
        "sent_and_shown": total.shown,
        "sent_and_not_shown_at_least": total.not_shown_at_least,
    }


def _print(told: dict[str, Any]) -> None:
    typer.echo(f"{told['reports']:,} reports were on the map when {told['month']} ended")
    shown, more = told["sent_and_shown"], told["sent_and_not_shown_at_least"]
    typer.echo(
        f"of those sent in {told['month']} it showed {shown:,}; that there were at least {more:,} more is told, too"
    )
    if unreadable := told["unreadable"]:
        typer.echo(f"{len(unreadable)} messages nobody can read were passed over: {', '.join(unreadable[:5])}")
    said = _SAID[told["outcome"]].format(folder=told["folder"], files=", ".join(told["differing"]))
    typer.echo(f"{said}. {in_short(told['seconds'])}")
