"""The verdict on a ledger: everything that must hold, the explanations, and the figures, as tables."""

from dataclasses import dataclass
from pathlib import Path

from contracts.policy.terms import Policy
from rich.console import Console
from rich.table import Table

from faults.judging import clocks, explaining, notices, recoveries, reports, submissions
from faults.judging.facts import Check, Facts
from faults.ledger import read


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found in a ledger."""

    facts: Facts
    checks: tuple[Check, ...]
    explanations: tuple[explaining.Explanation, ...]

    @property
    def holds(self) -> bool:
        return all(check.holds for check in self.checks)


def judge(facts: Facts, policy: Policy) -> Verdict:
    """All checks of a ledger. Raises ValueError for one without a single message."""
    reckoned = clocks.reckon(facts, policy)
    return Verdict(
        facts=facts,
        checks=(
            *reports.checks(facts),
            *submissions.checks(facts),
            *clocks.checks(facts, reckoned, policy),
            *notices.checks(facts, reckoned),
        ),
        explanations=tuple(explaining.explanations(facts, reckoned)),
    )


def judge_file(path: Path, policy: Policy) -> Verdict:
    """The same of a file. Raises OSError, msgspec.MsgspecError."""
    return judge(Facts.of(read(path)), policy)


def show(verdict: Verdict, console: Console) -> None:
    """Print it, for people."""
    _table(console, "What happened", _figures(verdict.facts))
    _table(console, "Faults, and how long until all was well", recoveries.rows(verdict.facts))
    _table(console, "Workers that ended with an error", recoveries.unasked(verdict.facts))
    _table(console, "False misses, by what was behind them", explaining.figures(list(verdict.explanations)))
    for explanation in verdict.explanations[:20]:
        console.print(explanation.line(), soft_wrap=True, highlight=False, markup=False)
    marks = [(f"{'yes' if check.holds else 'NO '}  {check.what}", check.figures) for check in verdict.checks]
    _table(console, "What must hold", marks)
    for check in verdict.checks:
        for example in () if check.holds else check.examples:
            console.print(f"{check.what}: {example}", soft_wrap=True, highlight=False, markup=False)


def _figures(facts: Facts) -> list[tuple[str, str]]:
    began, ended = facts.began, facts.ended
    events = len(facts.messages)
    return [
        ("told", f"{began.rate:g} reports/s for {began.seconds:g} s, seed {began.seed}" if began else "?"),
        ("reports accepted", f"{len(facts.accepted)}, in {len(facts.answers)} attempts"),
        ("officers' changes", f"{sum(change.status == 200 for change in facts.changes)} of {len(facts.changes)} asked"),
        *recoveries.delays(facts),
        ("messages on the topics", f"{events}"),
        ("mails", f"{len(facts.mails)}"),
        ("faults", f"{len(facts.faults)} of {len({(f.kind, f.target) for f in facts.faults})} kinds"),
        ("at the end", "all was still" if ended and ended.settled else "things still moved"),
    ]


def _table(console: Console, title: str, rows: list[tuple[str, str]]) -> None:
    if rows:
        table = Table(title=title, title_justify="left", show_header=False, min_width=70)
        for what, figure in rows:
            table.add_row(what, figure)
        console.print(table)
