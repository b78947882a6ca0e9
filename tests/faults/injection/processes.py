"""Signals to everything a program consists of: PostgreSQL's backends are processes of their own."""

import os
import signal
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from deploy.stack.process import running


def family(pid: int) -> list[int]:
    """A process and its descendants, parents first."""
    children: dict[int, list[int]] = defaultdict(list)
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                # The name in brackets may hold spaces and brackets itself, so fields count from the last bracket.
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                children[int(fields[1])].append(int(entry.name))
    found = [pid]
    for member in found:
        found += children[member]
    return found


def send(pids: Iterable[int], number: signal.Signals) -> None:
    """Send a signal to those that are still there."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def end_all(root: Path) -> None:
    """Kill every program that ever left a pid file under this root and still runs, its keeper first."""
    files = sorted((root / "run").glob("*.pid"), key=lambda file: file.name != "supervisor.pid")
    for file in files:
        if (pid := running(file)) is not None:
            members = family(pid)
            send(members, signal.SIGKILL)
