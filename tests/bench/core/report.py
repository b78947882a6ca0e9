"""The table: in the terminal, and as the page docs/benchmarks.md."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.core.results import Measured
from bench.core.rounds import Row, Spread

COLUMNS = ("#", "what", "against", "ours", "peer", "ours / peer: median (min-max)", "goal", "")
# What people wrote below this line stays when the page is written anew.
BY_HAND = "## Where the time goes"
_HEAD = """# Benchmarks

Written by `make bench`, which explains itself: `make bench BENCH=--help`. Each row is our service and what it is
compared with, in turns in one run; the ratio of each round counts, here its median with least and greatest. CPU is
user + system of whole process trees and of the PostgreSQL backends that serve them, never wall time. **Absolute
figures are of one machine in one hour; only the ratios carry over.** What each peer leaves out is said below the table.
"""


def cells(row: Row) -> tuple[str, ...]:
    """One row of the table, as text."""
    peer = figure(Spread.of(row.peer).median) if row.peer else "-"
    unit = f"{figure(Spread.of(row.ours).median)} {row.unit}"
    return (
        str(row.line), row.what, row.against, unit, peer, spread(row), row.goal.text, "met" if row.met else "missed",
    )  # fmt: skip


def spread(row: Row) -> str:
    """What the goal is about, with its least and greatest."""
    judged, times = row.judged, "x" if row.peer else ""
    return f"{figure(judged.median)}{times} ({figure(judged.least)}-{figure(judged.greatest)})"


def figure(value: float) -> str:
    """Three digits that count, with thousands apart."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def show(measured: Iterable[Measured], console: Console) -> None:
    """Print the table."""
    table = Table(*COLUMNS)
    for line in measured:
        for row in line.rows:
            table.add_row(*cells(row), style=None if row.met else "yellow")
        if line.failed:
            table.add_row(str(line.line), f"not measured: {line.failed}", style="red")
    console.print(table)


def write_page(page: Path, measured: Mapping[int, Measured], explained: Mapping[int, str]) -> None:
    """Write the page anew; what was written by hand stays."""
    before = page.read_text(encoding="utf-8") if page.exists() else ""
    _, found, by_hand = before.partition(BY_HAND)
    lines = [measured[number] for number in sorted(measured)]
    parts = [_HEAD, _table(lines), _circumstances(lines), *(_explained(line, explained) for line in lines)]
    page.write_text("\n".join(parts) + (f"\n{found}{by_hand}" if found else ""), encoding="utf-8")


def _table(lines: Iterable[Measured]) -> str:
    rows = [cells(row) for line in lines for row in line.rows]
    rows += [(str(line.line), f"not measured: {line.failed}", *[""] * 6) for line in lines if line.failed]
    written = [COLUMNS, ("---",) * len(COLUMNS), *rows]
    return "".join(f"| {' | '.join(row)} |\n" for row in written)


def _circumstances(lines: Iterable[Measured]) -> str:
    head = "\n| # | measured | command | load before | took |\n|---|---|---|---|---|\n"
    rows = [
        f"| {line.line} | {line.at:%Y-%m-%d %H:%M} UTC | `{line.command}` | {line.load} | {line.seconds:.0f} s |\n"
        for line in lines
    ]
    machines = sorted({f"- {line.machine}; {line.versions}\n" for line in lines})
    return head + "".join(rows) + "\nMachine and versions:\n\n" + "".join(machines)


def _explained(line: Measured, explained: Mapping[int, str]) -> str:
    title, _, rest = explained.get(line.line, "").partition("\n")
    notes = "".join(f"- {row.what}: {row.note}\n" for row in line.rows if row.note)
    return f"## {title.rstrip('.')}\n{rest.rstrip()}\n\n{notes}" if title else ""
