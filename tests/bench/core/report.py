"""The table: in the terminal, and as the page docs/benchmarks.md."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.core.results import Measured
from bench.core.rounds import Row, Spread

COLUMNS = ("#", "what", "against", "ours", "peer", "ours / peer: median (min-max)", "goal", "")
_IN_SHORT = ("#", "what", "goals met", "furthest from its goal", "measured", "load", "took")
# What people wrote below this line stays when the page is written anew.
BY_HAND = "## Where the time goes"
_HEAD = """# Benchmarks

Written by `make bench`, which explains itself: `make bench BENCH=--help`. Each row is our service and what it is
compared with, in turns in one run; the ratio of each round counts, here its median with least and greatest. CPU is
user + system of whole process trees and of the PostgreSQL backends that serve them, never wall time. **Absolute
figures are of one machine in one hour; only the ratios carry over.** What each peer leaves out is said with its line.
Kafka speaks without TLS and asks nobody who he is, for ours and for the peers.
"""


def cells(row: Row) -> tuple[str, ...]:
    """One row of the table, as text."""
    peer = figure(Spread.of(row.peer).median) if row.peer else "-"
    unit = f"{figure(Spread.of(row.ours).median)} {row.unit}"
    return str(row.line), row.what, row.against, unit, peer, spread(row), row.goal.text, _verdict(row)


def _verdict(row: Row) -> str:
    return "" if not row.goal.limit else "met" if row.met else "missed"


def spread(row: Row) -> str:
    """What the goal is about, with its least and greatest, where there was more than one round."""
    judged, times = row.judged, "x" if row.peer else ""
    between = f" ({figure(judged.least)}-{figure(judged.greatest)})" if len(row.ours) > 1 else ""
    return f"{figure(judged.median)}{times}{between}"


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
    titles = {number: text.partition("\n") for number, text in explained.items()}
    short = [_in_short(line, titles[line.line][0] if line.line in titles else "") for line in lines]
    machines = "".join(sorted({f"- {line.machine}; {line.versions}\n" for line in lines}))
    parts = [
        _HEAD,
        _table([_IN_SHORT, *short]),
        "Machine and versions:\n\n" + machines,
        *(_section(line, titles[line.line]) for line in lines if line.line in titles),
    ]
    page.write_text("\n".join(parts) + (f"\n{found}{by_hand}" if found else ""), encoding="utf-8")


def _in_short(line: Measured, title: str) -> tuple[str, ...]:
    """A line in one row: how many of its goals are met, and the row that is furthest from its own."""
    judged = [row for row in line.rows if row.goal.limit]
    worst = max(judged, key=lambda row: row.missed_by, default=None)
    furthest = f"{worst.what}: {spread(worst)}, goal {worst.goal.text}" if worst and not worst.met else "-"
    met = f"{sum(row.met for row in judged)} of {len(judged)}"
    about = title.partition(": ")[2].rstrip(".")
    return (
        str(line.line), about, "not measured" if line.failed else met, furthest,
        f"{line.at:%Y-%m-%d %H:%M}", line.load, f"{line.seconds:.0f} s",
    )  # fmt: skip


def _section(line: Measured, explained: tuple[str, str, str]) -> str:
    """What a line compares, its rows, and how it was measured."""
    title, _, rest = explained
    rows = _table([COLUMNS[1:], *(cells(row)[1:] for row in line.rows)]) if line.rows else ""
    failed = f"\nNot measured: {line.failed}\n" if line.failed else ""
    noted = [f"- {row.what}: {row.note}\n" for row in line.rows if row.note]
    if len(noted) > 1 and len({row.note for row in line.rows}) == 1:
        noted = [f"- all: {line.rows[0].note}\n"]
    if len(line.rows) == 1 and noted:
        noted = [f"- {line.rows[0].note}\n"]
    notes = "\n" + "".join(noted) if noted else ""
    return f"## {title.rstrip('.')}\n{rest.rstrip()}\n\n{rows}{failed}{notes}\nBy `{line.command}`.\n"


def _table(rows: Iterable[tuple[str, ...]]) -> str:
    head, *below = rows
    return "".join(f"| {' | '.join(row)} |\n" for row in (head, ("---",) * len(head), *below))
