"""`make faults`: hurt a running system of its own in every way there is, and judge from outside what came of it."""

from pathlib import Path
from typing import Annotated

import typer
from chassis.telemetry import configure_logs
from contracts.policy.terms import policy
from deploy.interrupts import interrupt_once
from deploy.stack.process import StackError
from rich.console import Console

from faults.injection.schedule import EXPLAINED, KINDS, chosen
from faults.judging.verdict import judge_file, show
from faults.private import TERMS
from faults.run import Plan, run

KINDS_HELP = "\n\n".join(f"{kind}: {EXPLAINED[kind]}. Of {', '.join(targets)}." for kind, targets in KINDS.items())
app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


def _chosen(words: str) -> list[str]:
    try:
        return chosen(words)
    except ValueError as wrong:
        raise typer.BadParameter(str(wrong)) from wrong


@app.command(epilog=KINDS_HELP)
def faults(
    seconds: Annotated[float, typer.Option(min=20, help="How long reports are sent and faults injected.")] = 120,
    rate: Annotated[float, typer.Option(min=0.1, help="Reports a second.")] = 20,
    seed: Annotated[int, typer.Option(help="The same number gives the same reports, stories and faults.")] = 1,
    kinds: Annotated[
        str, typer.Option("--faults", help="By commas: all, none, a kind, a target, or kind:target.")
    ] = "all",
    every: Annotated[float, typer.Option(min=0.5, help="Seconds between faults, on average.")] = 4,
    settle: Annotated[float, typer.Option(help="Seconds the rest, above all mail, may take afterwards.")] = 240,
    root: Annotated[Path, typer.Option(help="Where its servers, logs and ledger are; made anew.")] = Path(
        ".stack/faults"
    ),
    judge: Annotated[Path | None, typer.Option(help="Judge this ledger once more instead of a run.")] = None,
) -> None:
    """Send reports to a whole system of its own, let officers work them close to their deadlines, and meanwhile kill,
    freeze and restart its services and servers at random.

    Everything is watched from outside and written into ROOT/ledger.jsonl, a JSON line each: what citizens and officers
    were answered, every message of every topic, every mail. At the end all is stopped, and the ledger is judged:
    nothing lost, nothing twice, no gap, no false miss, one submitted_at everywhere. Exit code 0 only if all of it
    holds, 1 if not, 2 if the system did not come up. A run takes its seconds, some minutes to begin and to end, and
    --settle at most.
    """
    configure_logs("faults", "ERROR")  # that a server is away is what the run is about
    console = Console(highlight=False)
    plan = Plan(seconds, rate, seed, _chosen(kinds), every, settle)
    interrupt_once("Interrupted: ending its servers, some seconds …")
    try:
        ledger = judge or run(plan, root, lambda line: console.print(line, soft_wrap=True, markup=False))
    except StackError as failed:
        console.print(f"The system did not come up: {failed}", markup=False)
        raise typer.Exit(2) from failed
    verdict = judge_file(ledger, policy(TERMS))
    show(verdict, console)
    console.print(f"ledger: {ledger}")
    raise typer.Exit(0 if verdict.holds else 1)


if __name__ == "__main__":
    app(prog_name="make faults")
