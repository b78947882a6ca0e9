"""Keeps what should run running: a program that ends is started again, at once the first time, then ever more slowly.

    python -m deploy.stack.supervisor ROOT

It finds its programs by their pid files, so it may itself be killed and started again without harm to them.
"""

import signal
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from deploy.stack.process import Process
from deploy.stack.system import System

LOOK_SECONDS = 0.2
LONGEST_PAUSE = 10.0
# Whoever has run for so long is well again: its next end is answered at once.
WELL_SECONDS = 30.0


@dataclass(slots=True)
class Watch:
    """One program and how often it had to be started."""

    process: Process
    attempts: int = 0
    started: float = field(default_factory=monotonic)
    next_start: float | None = None

    def look(self, now: float) -> None:
        """Start it when it should run and doesn't, after a pause that doubles."""
        if self.process.held.exists() or self.process.pid is not None:
            self.next_start = None
            return
        if self.next_start is None:
            if now - self.started > WELL_SECONDS:
                self.attempts = 0
            self.next_start = now + (min(LONGEST_PAUSE, 0.25 * 2**self.attempts) if self.attempts else 0)
        if now >= self.next_start:
            self.process.start()
            self.attempts += 1
            self.started, self.next_start = now, None
            print(f"{datetime.now(UTC):%F %T} started {self.process.part.name}", flush=True)


def supervise(processes: Sequence[Process], stop: threading.Event) -> None:
    """Look after them until told to stop; they then run on."""
    watches = [Watch(process) for process in processes]
    while not stop.is_set():
        for watch in watches:
            watch.look(monotonic())
        stop.wait(LOOK_SECONDS)


def main() -> None:
    """Look after the system under a folder until stopped."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    supervise(System.load(Path(sys.argv[1])).processes(), stop)


if __name__ == "__main__":
    main()
