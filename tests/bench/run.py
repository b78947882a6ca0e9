"""One run: private servers, the lines one after another, everything ended at the end."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from traceback import format_exc

from deploy.stack.infrastructure import Stack
from faults.injection.processes import end_all

from bench.core.cpu import MeasurementError
from bench.core.machine import load, machine, versions
from bench.core.results import Measured
from bench.core.rounds import Row, Say
from bench.lines import LINES
from bench.stand.running import Bench


def measure(
    lines: Sequence[int],
    root: Path,
    scale: float,
    rounds: int,
    command: str,
    say: Say,
    keep: Callable[[Measured], None],
) -> list[Measured]:
    """Measure lines on servers of their own below `root`, and have each kept at once: who is interrupted loses one.

    Raises StackError when the servers do not come up.
    """
    began, found = monotonic(), list[Measured]()
    with servers(root, say) as stack:
        bench = Bench(stack, root, say, rounds, scale)
        for line in lines:
            found.append(_measured(line, bench, command))
            keep(found[-1])
    say(f"all of it took {(monotonic() - began) / 60:.1f} minutes")
    return found


@contextmanager
def servers(root: Path, say: Say) -> Iterator[Stack]:
    """Kafka, PostgreSQL and Redis as they are run for good: nothing is left out that makes writing durable.

    What an interrupted run left under the folder is ended first, and its data removed; logs and data of this one stay
    for whoever looks.
    """
    root = root.absolute()
    _end(root)
    for folder in root.glob("*/"):
        shutil.rmtree(folder)
    stack = Stack(root / "servers", environ={})
    try:
        stack.start(say)
        yield stack
    finally:
        stack.stop()
        _end(root)


def _end(root: Path) -> None:
    for folder in root.glob("*/"):
        end_all(folder)


def _measured(line: int, bench: Bench, command: str) -> Measured:
    """A line's rows; one that can't be measured is said, and does not end the run."""
    began, at, busy = monotonic(), datetime.now(UTC).replace(microsecond=0), load()
    bench.say(f"line {line}: {LINES[line].about}")
    failed, rows = "", list[Row]()
    try:
        for row in LINES[line].measure(bench):
            assert row.judged  # said here, where it fails this line alone, when too little was done to compare
            rows.append(row)
    except MeasurementError as wrong:
        failed = str(wrong)
        bench.say(f"line {line} could not be measured: {failed}")
    except Exception as wrong:  # noqa: BLE001 - a fault of this line's own script costs this line, not hours of others
        failed = f"{type(wrong).__name__}: {wrong}".strip()
        bench.say(f"line {line} could not be measured:\n{format_exc()}")
    seconds = monotonic() - began
    bench.say(f"line {line} took {seconds:.0f} s")
    return Measured(
        line=line, rows=tuple(rows), at=at, command=command, machine=machine(),
        versions=versions(bench.stack.addresses),
        load=busy, seconds=seconds, failed=failed,
    )  # fmt: skip
