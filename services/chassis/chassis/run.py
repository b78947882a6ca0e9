"""How a service lives: its workers side by side, the HTTP servers among them, ended together, by a signal or a failure.

A worker that fails ends the process: what it had not committed is done again after the restart. Where a server it
needs is away, the worker alone begins again, so that the others, and who is asking them, notice nothing. A worker that
is stuck ends the process, too: not everyone who starts processes asks `/livez`.
"""

import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from time import monotonic

import structlog

from chassis.health import Health
from chassis.outages import server_is_away
from chassis.telemetry import WORKER_RESTARTS

log = structlog.get_logger()
Worker = Callable[[threading.Event], None]
_SHUTDOWN_SECONDS = 10.0
# A worker that waits for longer would count as stuck meanwhile.
_BEAT_SECONDS = 1.0
_REST_FOR_WORK = 99
_AGAIN_SECONDS = 0.5


def every(seconds: float, name: str, health: Health, work: Callable[[], object]) -> Worker:
    """A worker that does something again and again, `seconds` after it last ended; it moves while it waits, too."""

    def run(stop: threading.Event) -> None:
        due = monotonic()
        while not stop.is_set():
            if monotonic() >= due:
                work()
                due = monotonic() + seconds
            health.beat(name)
            stop.wait(min(_BEAT_SECONDS, due - monotonic()))

    return run


def sparingly(seconds: float, work: Callable[[], object]) -> Worker:
    """A worker that does something again and again, `seconds` after it last ended, or later: 1 % of the time at most.

    For work that grows with the tables, such as counting their rows. `/livez` does not wait for it.
    """

    def run(stop: threading.Event) -> None:
        while not stop.is_set():
            began = monotonic()
            work()
            stop.wait(max(seconds, _REST_FOR_WORK * (monotonic() - began)))

    return run


def run(workers: Mapping[str, Worker], health: Health, *, end_stuck_after: float = 60.0) -> None:
    """Work until SIGTERM or SIGINT (exit code 0), or until a worker fails or is stuck for a minute (exit code 1)."""
    threads = _WorkerThreads(workers, health)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threads.stop.set())
    threads.start()
    stuck_before: list[str] = []
    while not threads.stop.wait(end_stuck_after / 12):
        stuck = health.stuck(end_stuck_after)
        if stuck and stuck_before:  # once is not enough: the whole process may have been stopped for a while
            stacks = ["".join(traceback.format_stack(frame)) for frame in sys._current_frames().values()]
            log.error("stuck", workers=stuck, stacks=stacks)
            os._exit(1)  # what is stuck would not stop
        stuck_before = stuck
    slow = threads.join(_SHUTDOWN_SECONDS)
    log.info("stopped", failed=threads.failed, still_running=slow)
    sys.exit(1 if threads.failed or slow else 0)


class _WorkerThreads:
    """Workers in threads of their own; when one ends, for whatever reason, all are to stop."""

    def __init__(self, workers: Mapping[str, Worker], health: Health) -> None:
        self.stop, self._health = threading.Event(), health
        self.failed: list[str] = []
        self._threads = [
            threading.Thread(target=self._guard, args=pair, name=pair[0], daemon=True) for pair in workers.items()
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def join(self, seconds: float) -> list[str]:
        """Wait for all of them together; gives the names of those that are still running then."""
        deadline = monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, deadline - monotonic()))
        return [thread.name for thread in self._threads if thread.is_alive()]

    def _guard(self, name: str, worker: Worker) -> None:
        try:
            while not self.stop.is_set():
                try:
                    worker(self.stop)
                    return
                except Exception as error:
                    if not server_is_away(error):
                        raise
                    log.warning("worker begins again", worker=name, error=f"{type(error).__name__}: {error}".strip())
                    WORKER_RESTARTS.labels(name).inc()
                    self._health.begin_again(name)
                self.stop.wait(_AGAIN_SECONDS)
        except BaseException as error:  # the thread's end: it is logged, and the process exits with 1
            log.error("worker failed", worker=name, exc_info=error)
            self.failed.append(name)
        finally:
            self.stop.set()
