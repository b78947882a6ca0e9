"""`make bench`: measure what the services cost, each beside what it is compared with; one table, one page."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from chassis.telemetry import configure_logs
from deploy.interrupts import interrupt_once
from deploy.stack.process import StackError
from rich.console import Console

from bench.core.report import show, write_page
from bench.core.results import Measured, read_results, write_results
from bench.lines import LINES, chosen
from bench.run import measure

FULL, SHORT = 1.0, 0.1
EXPLAINED = """Measure what the services cost in CPU, time and memory, each beside a peer that does the same or a part.

Private servers are brought up under ROOT and ended at the end. Ours and the peer take turns in one run: ours, peer,
ours, peer …; what counts is the ratio of each round. CPU is user + system of whole process trees and of those
PostgreSQL backends that serve them, read from /proc, so a busy machine makes a run slower but hardly less true.

The table is printed, and PAGE is written after each line: what it said of that line is replaced, the others stay.
What a line compares, and what its peer leaves out, stands on the page and in the docstring of the line's module.
Exit code 0 when every line was measured, whether or not it met its goal; 1 when one could not be; 2 when the
servers did not come up.
"""
THE_LINES = "\n\n".join(f"{number}: {entry.about}" for number, entry in LINES.items())
app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


def _chosen(words: str) -> list[int]:
    try:
        return chosen(words)
    except ValueError as wrong:
        raise typer.BadParameter(str(wrong)) from wrong


@app.command(help=EXPLAINED, epilog=f"The lines, as the issue numbers them:\n\n{THE_LINES}")
def bench(
    line: Annotated[str, typer.Option(help="Which lines, by commas; all if not given.")] = "",
    full: Annotated[bool, typer.Option("--full", help="The full sizes; that takes hours. Else a tenth.")] = False,
    scale: Annotated[
        float | None, typer.Option(min=0.001, max=1, help="Or this part of the full sizes, to try a line out.")
    ] = None,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds that count; one more of each warms up.")] = 5,
    root: Annotated[Path, typer.Option(help="Where its servers and logs are; made anew.")] = Path(".stack/bench"),
    page: Annotated[Path, typer.Option(help="The page to write; the figures are kept beside it, as .json.")] = Path(
        "docs/benchmarks.md"
    ),
) -> None:
    configure_logs("bench", "ERROR")
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = 160
    numbers, size = _chosen(line), scale or (FULL if full else SHORT)
    interrupt_once("Interrupted: ending its servers, some seconds …")

    def say(text: str) -> None:
        console.print(f"{datetime.now(UTC):%H:%M:%S} {text}", soft_wrap=True, markup=False)
        console.file.flush()  # a log is read while it is written

    try:
        command = _command(line, full, scale, rounds)
        measured = measure(numbers, root, size, rounds, command, say, lambda found: _keep(found, page))
    except StackError as failed:
        console.print(f"The servers did not come up: {failed}", markup=False)
        raise typer.Exit(2) from failed
    show(measured, console)
    raise typer.Exit(1 if any(found.failed for found in measured) else 0)


def _command(line: str, full: bool, scale: float | None, rounds: int) -> str:
    """The command that does the same again."""
    told = ["make bench", f"LINE={line}" if line else "", "FULL=1" if full else ""]
    more = [f"--scale {scale}" if scale else "", f"--rounds {rounds}" if rounds != 5 else ""]
    given = " ".join(filter(None, more))
    return " ".join(filter(None, [*told, f'BENCH="{given}"' if given else ""]))


def _keep(measured: Measured, page: Path) -> None:
    results = page.with_suffix(".json")
    known = {**read_results(results), measured.line: measured}
    write_results(results, known)
    write_page(page, known, {number: LINES[number].explained for number in known if number in LINES})


if __name__ == "__main__":
    app(prog_name="make bench")
