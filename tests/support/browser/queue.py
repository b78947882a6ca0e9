"""A coordinator's queue as a morning finds it: cases of each kind, and what hands do to clear one."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import cycle
from uuid import UUID

from journeys.journey import Journey, Receipt
from support.wait import eventually

EMERGENCY = "Na chodniku leży człowiek i nie oddycha"
JOKE = "Ufo nad rynkiem"
CATEGORIES = ("parking", "drinking", "speeding", "stray-dogs", "vandalism", "illegal-dump", "greenery")


@dataclass(frozen=True, slots=True)
class Typed:
    """Words an officer writes; they are no keystrokes of the desk."""

    words: str


Stroke = str | Typed
Change = tuple[str, dict[str, str]]
"""What is changed, as the API spells it, and what is said with it."""


@dataclass(frozen=True, slots=True)
class Task:
    """A case of the queue: what is known of it beside the desk, here as the keys that clear it, and what it becomes."""

    kind: str
    keys: tuple[Stroke, ...]
    status: str


class Queue:
    """Makes the cases of one unit, each at a place of its own."""

    def __init__(self, system: Journey, unit: str, garrison: str, corner: tuple[float, float]) -> None:
        self._system, self._officer = system, system.officer(unit, garrison)
        self._places = ((corner[0] + step % 8 * 0.008, corner[1] + step // 8 * 0.008) for step in range(80))
        self._categories = cycle(CATEGORIES)

    def make(self, kinds: dict[str, int]) -> dict[UUID, Task]:
        """So many cases of each kind, oldest first; a duplicate stands beside a new one, which is a case more."""
        made: dict[UUID, Task] = {}
        for kind, count in kinds.items():
            for _ in range(count):
                made |= {receipt.report_id: task for receipt, task in KINDS[kind](self)}
        return made

    def status(self, report_id: UUID) -> str:
        """What a case has come to."""
        found = self._system.case(report_id, self._officer).json()
        return "merged" if found["merged_into"] else str(found["status"])

    def new(self, description: str = "Od kilku dni.", category: str = "") -> Receipt:
        """A case nobody has looked at."""
        return self._opened(next(self._places), category or next(self._categories), description)

    def twins(self) -> tuple[Receipt, Receipt]:
        """Two reports of the same."""
        (longitude, latitude), category = next(self._places), next(self._categories)
        first = self._opened((longitude, latitude), category, "Od kilku dni.")
        return first, self._opened((longitude, latitude + 2e-4), category, "Znowu to samo.")

    def changed(self, *changes: Change, category: str = "") -> Receipt:
        """A case after some changes."""
        receipt = self.new(category=category)
        for change, body in changes:
            self.change(receipt, change, **body)
        return receipt

    def change(self, receipt: Receipt, change: str, **body: str) -> None:
        answer = self._system.change(receipt.report_id, change, self._officer, **body)
        assert answer.is_success, answer.text

    def checked(self, finding: str) -> Receipt:
        """Taken up, and somebody was there once."""
        receipt = self.changed(("take-up", {}))
        at = self._system.now() - timedelta(seconds=1)
        self.change(receipt, "checks", checked_at=at.isoformat(), finding=finding)
        return receipt

    def contested(self) -> Receipt:
        """Decided, and its sender says that it is still there."""
        receipt = self.changed(("reject", {}))
        body = {"report_id": str(receipt.report_id), "reason": "Nadal to samo."}
        url = self._system.url("intake", f"/v1/receipts/{receipt.receipt}/contest")
        assert self._system.http.post(url, json=body).status_code == 202
        contested = partial(self._system.case, receipt.report_id, self._officer)
        eventually(lambda: contested().json()["contested"], 30, what="a contest")
        return receipt

    def _opened(self, place: tuple[float, float], category: str, description: str) -> Receipt:
        receipt = self._system.send(*place, category=category, description=description)
        eventually(lambda: self._system.case(receipt.report_id, self._officer).is_success, 30)
        return receipt


Made = Iterator[tuple[Receipt, Task]]


def _one(
    kind: str, make: Callable[[Queue], Receipt], status: str, *keys: Stroke
) -> tuple[str, Callable[[Queue], Made]]:
    def made(queue: Queue) -> Made:
        yield make(queue), Task(kind, keys, status)

    return kind, made


def _duplicate(queue: Queue) -> Made:
    first, second = queue.twins()
    yield first, Task("new", ("Enter", "Enter"), "verification")
    yield second, Task("duplicate", ("m", "1", "Enter"), "merged")


UP: Change = ("take-up", {})
CONFIRMED: tuple[Change, ...] = (UP, ("confirm", {}))
REFERRED = (*CONFIRMED, ("refer", {"agency": "city-guard"}))
KINDS: dict[str, Callable[[Queue], Made]] = dict(
    [
        _one("contested", Queue.contested, "verification", "Enter", "Enter"),
        _one("upheld", Queue.contested, "rejected", "y", Typed("Byliśmy tam jeszcze dwa razy."), "Enter"),
        _one("emergency", lambda queue: queue.new(EMERGENCY), "verification", "Enter", "Enter"),
        _one("new", Queue.new, "verification", "p", "Enter"),
        _one("joke", lambda queue: queue.new(JOKE), "rejected", "o", "Enter"),
        ("duplicate", _duplicate),
        _one("to look at", lambda queue: queue.changed(UP), "verification", "z", "Enter", "j"),
        _one("found", lambda queue: queue.checked("found"), "confirmed", "Enter", "Enter"),
        _one("found just now", lambda queue: queue.changed(UP), "confirmed", "s", "z", "t"),
        _one("not found twice", lambda queue: queue.checked("not_found"), "unconfirmed", "s", "n", "x"),
        _one(
            "not found",
            lambda queue: queue.checked("not_found"),
            "unconfirmed",
            "n",
            Typed("Sprzątnięte przed naszym przyjazdem."),
            "Enter",
        ),
        _one("to refer", lambda queue: queue.changed(*CONFIRMED, category="parking"), "referred", "r", "Enter"),
        _one("seen to", lambda queue: queue.changed(*CONFIRMED), "eliminated", "Enter", "Enter"),
        _one("seen to by others", lambda queue: queue.changed(*REFERRED), "eliminated", "Enter", "Enter"),
        _one("back from others", lambda queue: queue.changed(*REFERRED), "confirmed", "b", "Enter"),
    ]
)
