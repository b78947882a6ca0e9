"""How long reports wait for their cases: looked for in casework's database, as the bench and not as the service."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from queue import Empty, Queue
from statistics import quantiles
from time import monotonic, time

import psycopg

from bench.core.cpu import MeasurementError
from bench.stand.posting import Answer

_LOOK_SECONDS = 0.005


@dataclass(frozen=True, slots=True)
class Waits:
    """Milliseconds: the median, and what all but one in a hundred keep."""

    p50: float
    p99: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> "Waits":
        """Of at least two. Of fewer than a hundred the p99 is close to the greatest."""
        cuts = quantiles(seconds, n=100, method="inclusive")
        return cls(cuts[49] * 1e3, cuts[98] * 1e3)


class Looking:
    """A thread that looks for cases: `waits` has seconds by report, from when it was due to be posted."""

    def __init__(self, dsn: str, *, every: int = 1, patience: float = 300.0) -> None:
        self.waits: dict[str, float] = {}
        self._asked: Queue[tuple[str, float]] = Queue()
        self._dsn, self._every, self._patience = dsn, every, patience
        self._answered = 0
        self._all_asked = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._missing = 0

    def __enter__(self) -> "Looking":
        self._thread.start()
        return self

    def __exit__(self, failed: type[BaseException] | None, *_: object) -> None:
        """Waits until every one is seen. Raises MeasurementError when that takes too long."""
        self._patience = 0.0 if failed else self._patience
        self._all_asked.set()
        self._thread.join()
        if self._missing and not failed:
            raise MeasurementError(f"{self._missing} reports have no case {self._patience:g} s after the last POST")

    def told(self, answer: Answer) -> None:
        """Look for the report of an answer, or of one in so many."""
        self._answered += 1
        if self._answered % self._every == 0 and answer.status == 201:
            self._asked.put((answer.report_id, answer.planned))

    def _look(self) -> None:
        waiting: dict[str, float] = {}
        until, nothing = float("inf"), threading.Event()
        with psycopg.connect(self._dsn, autocommit=True) as connection:
            while monotonic() < until:
                if self._all_asked.is_set():
                    until = min(until, monotonic() + self._patience)
                while new := self._next():
                    waiting[new[0]] = new[1]
                seen = "select report_id::text from cases where report_id = any(%s::uuid[])"
                for (report_id,) in connection.execute(seen, ([*waiting],), prepare=True).fetchall():
                    self.waits[report_id] = time() - waiting.pop(report_id)
                if until < float("inf") and not waiting:
                    return
                nothing.wait(_LOOK_SECONDS)
        self._missing = len(waiting)

    def _next(self) -> tuple[str, float] | None:
        try:
            return self._asked.get_nowait()
        except Empty:
            return None
