"""`kmzb simulate`: a country in a box, as load, as a demonstration, and to learn what size a system needs."""

from datetime import UTC, datetime, timedelta
from itertools import takewhile
from pathlib import Path
from typing import Annotated

import typer
from chassis import clock
from chassis.health import healthy
from contracts.policy.terms import WARSAW, policy
from deploy.stack.process import StackError
from deploy.suggestions import no_such

from operations.simulate.model.arrivals import Year
from operations.simulate.model.places import Places
from operations.simulate.model.rates import Country, country
from operations.simulate.pace import compressed_terms
from operations.simulate.play import Outcome, Part, System, play
from operations.simulate.preview import preview
from operations.simulate.tally import TRUST
from operations.target import DEFAULT, Folder, find_system

HELP = """Play a plausible national year against a running system: load, demonstration, sizing.

Citizens send reports as they come to Poland in a year: how many, of what, where, at which hour of which season, \
with surges, jokers and people who report the same; every figure and its source stands in \
operations/simulate/model/figures.py. Officers of every unit work the cases, some of them slowly. All of it over HTTP.

Time is compressed by the rate: the country has 1,200 reports on an average day, so at --rate 10 a day takes two \
minutes, and at --rate 0.0139 it takes a day. A night is quieter and a summer evening busier than the rate says.

    kmzb simulate --dry-run                      what a day would be
    kmzb simulate --terms fast.toml --rate 10    terms as fast as that
    kmzb up --set KMZB_TERMS_FILE=$PWD/fast.toml \\
      --set KMZB_INTAKE_TRUSTED_PROXIES=127.0.0.1/32
    kmzb simulate --rate 10 --days 7             a week, 14 minutes
    kmzb simulate --garrison OPO --rate 2        Opole alone

Reports come from thousands of addresses, which intake believes only of a proxy it trusts: hence the second setting; \
without it nearly all are refused, as one sender's. They wait for no answer: when the system, or this machine, is too \
slow, that is said, and answers are timed from when the report was due. Ctrl-C ends it with the summary. \
Never play it against a real system.
"""
FIRST_DAY = datetime(2026, 6, 1, tzinfo=WARSAW)


def simulate(
    rate: Annotated[float, typer.Option(min=0.0001, help="Reports a second, on average over a year.")] = 10.0,
    days: Annotated[float, typer.Option(min=0.001, max=3660, help="Days of the year that are played.")] = 1.0,
    begin: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day.")] = FIRST_DAY,
    garrison: Annotated[str | None, typer.Option(help="Only this garrison, like OPO.")] = None,
    volume: Annotated[float, typer.Option(min=0.001, help="So many times today's reports a day.")] = 1.0,
    seed: Annotated[int, typer.Option(help="The same number gives the same year.")] = 1,
    at_once: Annotated[int, typer.Option(min=1, max=1000, help="Requests under way at once, of each side.")] = 64,
    officers: Annotated[bool, typer.Option(help="Officers work the cases, as the development issuer lets us.")] = True,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what the first day would be, send nothing.")
    ] = False,
    terms: Annotated[
        Path | None, typer.Option(help="Write terms as fast as the days to this file; send nothing.")
    ] = None,
    stack: Folder = DEFAULT,
) -> None:
    """Play a plausible national year against a running system."""
    places = Places()
    if garrison is not None and garrison not in places.people:
        raise StackError(no_such("garrison ", garrison, places.people))
    chosen = country(places.people, garrison, volume)
    year, start, compression = Year(chosen, places, seed), begin.replace(tzinfo=WARSAW), chosen.compression(rate)
    if terms is not None:
        _write_terms(terms, compression)
    elif dry_run:
        _print_day(chosen, year, start.astimezone(UTC), compression)
    else:
        part = Part(start.astimezone(UTC), start.astimezone(UTC) + timedelta(days=days), compression)
        _play(_system(stack, officers=officers), year, part, seed, at_once)


def _write_terms(file: Path, compression: float) -> None:
    file.write_text(compressed_terms(policy(), clock.now(), compression), encoding="utf-8")
    typer.echo(f"{file}: terms {compression:,.0f} times as fast; kmzb up --set KMZB_TERMS_FILE={file.absolute()}")


def _play(system: System, year: Year, part: Part, seed: int, at_once: int) -> None:
    """Play it and print the summary. Raises typer.Exit."""
    seconds = (part.end - part.start).total_seconds() / part.compression
    typer.echo(f"until {part.end.astimezone(WARSAW):%d %b %Y}, {part.compression:,.0f} x: {seconds:,.0f} s", err=True)
    outcome = play(system, year.arrivals(part.start, part.end), part, seed=seed, at_once=at_once, say=_progress)
    _conclude(outcome, at_once)


def _print_day(chosen: Country, year: Year, start: datetime, compression: float) -> None:
    end = start + timedelta(days=1)
    day = list(takewhile(lambda arrival: arrival.at < end, year.arrivals(start, end)))
    for line in preview(chosen, day, start, compression):
        typer.echo(line)


def _system(folder: Path, *, officers: bool) -> System:
    """Where it is played. Raises StackError for what does not answer, or can't be played."""
    addresses = find_system(folder).addresses
    intake, casework = addresses["KMZB_INTAKE_URL"], addresses["KMZB_CASEWORK_URL"]
    for name, url in (("intake", intake), *([("casework", casework)] if officers else [])):
        if not healthy(f"{url}/readyz"):
            raise StackError(f"{name} does not answer at {url}. Is it running? kmzb status --stack {folder}; kmzb up")
    if not addresses.get("KMZB_INTAKE_TRUSTED_PROXIES"):
        typer.echo(f"intake will take everybody for one sender and refuse most: kmzb up --set {TRUST}", err=True)
    return System(intake, casework, folder / "issuer" if officers else None)


def _progress(line: str) -> None:
    typer.echo(line, err=True)


def _conclude(outcome: Outcome, at_once: int) -> None:
    """Print the summary. Raises typer.Exit: 130 when interrupted, 1 when nothing was accepted or all fell silent."""
    for what, figure in outcome.tally.rows(at_once, outcome.undone):
        typer.echo(f"{what:<38}{figure}")
    if outcome.tally.limited > outcome.tally.accepted:
        typer.echo(f"kmzb: intake took most for one sender's: kmzb up --set {TRUST}", err=True)
    if outcome.given_up:
        typer.echo("kmzb: nothing was accepted any more, so it broke off. Is all running? kmzb status", err=True)
    if outcome.interrupted:
        raise typer.Exit(130)
    if outcome.given_up or (outcome.tally.sent and not outcome.tally.accepted):
        raise typer.Exit(1)


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command(help=HELP)(simulate)
