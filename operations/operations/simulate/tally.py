"""What came of it so far: counted by many threads, shown as one line while it runs and as a summary at the end."""

import re
from array import array
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future
from datetime import datetime
from threading import Lock

from contracts.policy.terms import WARSAW
from deploy.http_client import Answer

from operations.simulate.model.arrivals import Arrival

LATE_SECONDS = 1.0
LIMITED = 429
TRUST = "KMZB_INTAKE_TRUSTED_PROXIES=127.0.0.1/32"
_TITLE = re.compile(r'"title":\s*"([^"]*)"')


class Tally:
    """Counts reports and officers' changes. Every method may be called from any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.kinds: Counter[str] = Counter()
        self.sent = self.accepted = self.answered = self.repeated = self.late = 0
        self.latest = self.latest_turn = 0.0
        self.faults: list[BaseException] = []
        self.refused: Counter[str] = Counter()
        self.changes: Counter[str] = Counter()
        self.refused_changes: Counter[str] = Counter()
        self._answer_seconds = array("d")

    def begin(self, arrival: Arrival, late_seconds: float) -> None:
        """A report is sent, so many seconds after its time."""
        with self._lock:
            self.sent += 1
            self.kinds[arrival.kind] += 1
            self.late += late_seconds > LATE_SECONDS
            self.latest = max(self.latest, late_seconds)

    def repeat(self) -> None:
        """A report is sent once more, since nobody knows whether it was taken."""
        with self._lock:
            self.repeated += 1

    def end(self, answer: Answer, seconds: float) -> None:
        """A report was answered for good, so many seconds after its time; or given up."""
        with self._lock:
            self.answered += 1
            self.accepted += answer.is_success
            if answer.is_success:
                self._answer_seconds.append(seconds)
            else:
                self.refused[reason(answer)] += 1

    def change(self, change: str, answer: Answer) -> None:
        """An officer asked for a change."""
        with self._lock:
            if answer.is_success:
                self.changes[change] += 1
            else:
                self.refused_changes[f"{change}: {reason(answer)}"] += 1

    def turn(self, late_seconds: float) -> None:
        """An officer turns to a case, so many seconds after the time for it."""
        with self._lock:
            self.latest_turn = max(self.latest_turn, late_seconds)

    def fail(self, future: Future[None]) -> None:
        """Keep what went wrong with this program itself: a thread's errors are seen by nobody else."""
        if not future.cancelled() and (fault := future.exception()):
            with self._lock:
                self.faults.append(fault)

    @property
    def limited(self) -> int:
        """Reports that were one too many from their address."""
        with self._lock:
            return sum(number for why, number in self.refused.items() if why.startswith(str(LIMITED)))

    def seconds(self, share: float) -> float:
        """The answer's time within which such a share of the accepted reports was answered."""
        with self._lock:
            ordered = sorted(self._answer_seconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0

    def line(self, at: datetime, days: float, behind: float) -> str:
        """How far it is: the day of the year's part that is played, the hour in Warsaw, and the counts."""
        lag = f" | {behind:.1f} s BEHIND THE PLAN" if behind > LATE_SECONDS else ""
        return (
            f"day {days:.1f} {at.astimezone(WARSAW):%a %d %b %H:%M} | {self.sent} sent, {self.accepted} accepted, "
            f"{self.answered - self.accepted} refused, {self.sent - self.answered} under way | "
            f"{self.changes.total()} changes by officers{lag}"
        )

    def rows(self, at_once: int, undone: int) -> Iterator[tuple[str, str]]:
        """The summary, what and how many."""
        yield "sent", f"{self.sent} ({listed(self.kinds)})"
        yield "accepted", str(self.accepted)
        yield "refused, by reason", listed(self.refused) or "none"
        yield "sent again, no answer the first time", str(self.repeated)
        if unanswered := self.sent - self.answered:
            yield "left without an answer", str(unanswered)
        p50, p99, longest = (self.seconds(share) * 1000 for share in (0.5, 0.99, 1.0))
        yield "answer, from the planned moment", f"{p50:.0f} / {p99:.0f} / {longest:.0f} ms (p50 / p99 / longest)"
        yield "officers' changes", f"{self.changes.total()} ({listed(self.changes)})" if self.changes else "none"
        if self.refused_changes:
            yield "changes refused, by reason", listed(self.refused_changes)
        yield "changes whose time had not come", str(undone)
        if self.latest_turn > LATE_SECONDS:
            yield "OFFICERS BEHIND THE PLAN", f"by {self.latest_turn:.1f} s at most: {at_once} at once were not enough"
        if self.late:
            behind = f"{self.late} reports over {LATE_SECONDS:g} s late, the latest {self.latest:.1f} s"
            yield "BEHIND THE PLAN", f"{behind}: {at_once} at once were not enough, or this machine is too slow"


def reason(answer: Answer) -> str:
    """Why something was not done: the status and the title of the answer, or that there was none."""
    if answer.status == 0:
        return f"no answer ({answer.detail or 'unknown'})"
    title = _TITLE.search(answer.detail)
    return f"{answer.status} {title[1]}" if title else str(answer.status)


def listed(counts: Counter[str]) -> str:
    """The most frequent first."""
    return ", ".join(f"{number} {what}" for what, number in counts.most_common(8))
