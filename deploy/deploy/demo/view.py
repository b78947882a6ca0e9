"""What one sees of the demonstration: a live picture on a terminal, lines elsewhere, and at the end the table."""

import statistics
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from time import monotonic

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from deploy.demo.observer import Tally


@dataclass(frozen=True, slots=True)
class Moment:
    """How far things are: `planned` reports, of which so many are `accepted`; what is awaited next."""

    planned: int
    accepted: int
    worked: int
    awaited: str


class View:
    """Shows moments. On a terminal the picture moves; elsewhere a line appears when something changed."""

    def __init__(self, seconds_between_lines: float = 3.0) -> None:
        self._console = Console(stderr=False, highlight=False, markup=False)
        self._live = Live(console=self._console, refresh_per_second=4) if sys.stdout.isatty() else None
        self._between, self._last, self._line = seconds_between_lines, 0.0, ""

    def __enter__(self) -> "View":
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()

    def say(self, line: str) -> None:
        """One line of progress."""
        self._console.print(line)

    def show(self, moment: Moment, tally: Tally) -> None:
        """How far things are now."""
        if self._live:
            self._live.update(_picture(moment, tally))
            return
        line = _line(moment, tally)
        if line != self._line and monotonic() - self._last >= self._between:
            self._console.print(line, soft_wrap=True)
            self._line, self._last = line, monotonic()

    def table(self, title: str, rows: Iterable[tuple[str, str]]) -> None:
        """Figures at the end, each with what it is."""
        table = Table(title=title, title_justify="left", show_header=False, min_width=70)
        for what, figure in rows:
            table.add_row(what, figure)
        self._console.print(table)


def _stages(moment: Moment, tally: Tally) -> list[tuple[str, str, int]]:
    return [
        ("intake", "accepted", moment.accepted),
        ("routing", "routed", len(tally.routed) + len(tally.unroutable)),
        ("casework", "opened", len(tally.opened)),
        ("sla-monitor", "clocks started", len({report for report, clock, _ in tally.started if clock == "take-up"})),
        ("public-map", "on the public map at some time", len(tally.public)),
    ]


def _picture(moment: Moment, tally: Tally) -> Group:
    flow = Table.grid(padding=(0, 2))
    for service, what, number in _stages(moment, tally):
        flow.add_row(service, ProgressBar(moment.planned, number, width=40), f"{number:>5} {what}")
    flow.add_row("officers", ProgressBar(moment.planned, moment.worked, width=40), f"{moment.worked:>5} worked on")
    return Group(flow, Text(), Text(_clocks(tally)), Text(_notices(tally)), Text(f"awaiting: {moment.awaited}"))


def _line(moment: Moment, tally: Tally) -> str:
    flow = " > ".join(f"{number} {what}" for _, what, number in _stages(moment, tally)[:4])
    return f"{flow} | {_clocks(tally)} | {_notices(tally)}"


def _clocks(tally: Tally) -> str:
    return (
        f"clocks: {len(tally.met)} met, {len(tally.warned)} warned, {len(tally.missed)} missed, "
        f"{len(tally.escalated['garrison'])} to garrisons, {len(tally.escalated['headquarters'])} to headquarters"
    )


def _notices(tally: Tally) -> str:
    sent = sum(number for (_, _, outcome), number in tally.notices.items() if outcome == "sent")
    return f"notices: {sent} delivered, {sum(tally.notices.values()) - sent} not"


def times(values: list[float]) -> str:
    """Median, 99th percentile and longest, in milliseconds."""
    if not values:
        return "none"
    ordered = sorted(values)
    late = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    figures = (statistics.median(ordered), late, ordered[-1])
    return " / ".join(f"{value * 1000:.0f}" for value in figures) + " ms (median / p99 / longest)"
