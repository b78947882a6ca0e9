"""Officers: every case is worked by a coordinator of the unit that answers for it, through casework's API."""

import heapq
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any
from uuid import UUID

from contracts.base import HEADQUARTERS
from deploy.demo.officers import next_change
from deploy.demo.plan import Story
from deploy.http_client import Client

from deploy import issuer
from operations.simulate.model import stories
from operations.simulate.model.arrivals import Arrival
from operations.simulate.pace import Pace
from operations.simulate.tally import Tally

TIMEOUT_SECONDS = 15.0
LOOKS_AGAIN_SECONDS = 1.0
LOOKS = 120
"""How often a case that is not there yet is looked for, and how often in all."""
TOKEN_HOURS = 24.0 * 400
UNDECIDED = (0, 412, 502, 503, 504)
"""Somebody was quicker, or nobody knows whether it was done: the case is looked at again."""
REASON = "Na miejscu nic takiego nie stwierdzono (symulacja)."


@dataclass(slots=True)
class _Case:
    """A case as its officer knows it; `change` is what was decided on and waits for its time."""

    arrival: Arrival
    report_id: UUID
    story: Story
    chance: random.Random
    merges: bool
    change: str = ""
    unit: str = ""
    garrison: str = ""
    looks: int = 0


@dataclass(order=True, slots=True)
class _Appointment:
    """The moment of the monotonic clock in which somebody turns to a case."""

    moment: float
    number: int
    case: _Case = field(compare=False)


class Officers:
    """Everybody who works cases. Each step is looked up first, decided from the case as it stands, then made."""

    def __init__(
        self,
        casework_url: str,
        issuer_folder: Path,
        *,
        pace: Pace,
        at_once: int,
        seed: int,
        tally: Tally,
        stop: threading.Event,
    ) -> None:
        self._url, self._folder, self._pace, self._seed = casework_url, issuer_folder, pace, seed
        self._tally, self._stop = tally, stop
        self._client = Client(TIMEOUT_SECONDS)
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix="officer")
        self._appointments: list[_Appointment] = []
        self._changed = threading.Condition()
        self._report_ids: dict[int, UUID] = {}
        self._tokens: dict[str, dict[str, str]] = {}
        self._working = threading.Thread(target=self._work, name="officers")

    def start(self) -> None:
        """Begin to work what is opened."""
        self._working.start()

    def open(self, arrival: Arrival, report_id: UUID) -> None:
        """A report was accepted: its case is there, or will be in a moment. May be called from any thread."""
        if arrival.repeats is None:
            self._report_ids[arrival.number] = report_id
        story, merges = stories.story_of(arrival, self._seed), stories.is_merged(arrival, self._seed)
        case = _Case(arrival, report_id, story, random.Random(f"officer/{self._seed}/{arrival.number}"), merges)
        self._appoint(case, monotonic() + LOOKS_AGAIN_SECONDS)

    def close(self) -> int:
        """Begin nothing more, wait for what is under way; gives how many changes' time had not come."""
        with self._changed:
            self._changed.notify_all()
        if self._working.is_alive():
            self._working.join()
        self._pool.shutdown(cancel_futures=True)
        self._client.close()
        return len(self._appointments)

    def _appoint(self, case: _Case, moment: float) -> None:
        with self._changed:
            heapq.heappush(self._appointments, _Appointment(moment, case.arrival.number, case))
            self._changed.notify()

    def _work(self) -> None:
        while not self._stop.is_set():
            with self._changed:
                left = self._appointments[0].moment - monotonic() if self._appointments else 1.0
                if left > 0:
                    self._changed.wait(min(left, 1.0))
                    continue
                appointment = heapq.heappop(self._appointments)
            self._pool.submit(self._turn_to, appointment).add_done_callback(self._tally.fail)

    def _turn_to(self, appointment: _Appointment) -> None:
        """Look at a case; make the change whose time has come, or decide on one and when it is made."""
        case = appointment.case
        if self._stop.is_set():
            return
        self._tally.turn(monotonic() - appointment.moment)
        answer = self._client.get(self._url, f"/v1/cases/{case.report_id}", self._headers(case))
        if not answer.is_success:
            case.looks += 1
            if case.looks < LOOKS:
                self._appoint(case, monotonic() + LOOKS_AGAIN_SECONDS)
            else:
                self._tally.change("look", answer)
            return
        seen, case.looks = answer.told, 0
        if case.change:
            self._make(case, seen)
        else:
            self._decide(case, seen)

    def _decide(self, case: _Case, seen: Any) -> None:
        owner = seen["owner"]
        case.unit, case.garrison = owner["unit"], owner["garrison"]
        planned = self._next(case, seen)
        if case.unit == HEADQUARTERS.unit or planned is None:
            return
        case.change = planned[0]
        since = case.arrival.at if seen["status"] == "new" else self._pace.instant(monotonic())
        slow = stories.is_slow(case.unit, self._seed)
        self._appoint(case, self._pace.moment(stories.due(case.change, since, case.chance, slow=slow)))

    def _make(self, case: _Case, seen: Any) -> None:
        planned, case.change = self._next(case, seen), ""
        if planned is None:
            return
        change, body = planned
        matching = {**self._headers(case), "If-Match": f'"{seen["version"]}"'}
        answer = self._client.post(self._url, f"/v1/cases/{case.report_id}/{change}", body, matching)
        if answer.status in UNDECIDED:
            self._appoint(case, monotonic() + LOOKS_AGAIN_SECONDS)
            return
        self._tally.change(change, answer)
        if answer.is_success or change == "merge":  # the other case may be closed by now: this one goes its own way
            case.merges = False
            self._appoint(case, monotonic())

    def _next(self, case: _Case, seen: Any) -> tuple[str, dict[str, Any]] | None:
        """The change that follows from the case as it stands, and its body."""
        if seen["merged_into"] is not None:
            return None
        original = self._report_ids.get(case.arrival.repeats or 0)
        if case.merges and original and seen["status"] == "new":
            return "merge", {"into": str(original), "reason": "To samo zgłoszenie (symulacja)."}
        planned = next_change(case.story, seen)
        if planned and planned[0] == "unconfirm":  # the checks need not have fallen into the hours that were named
            return "unconfirm", {"reason": REASON}
        return planned

    def _headers(self, case: _Case) -> dict[str, str]:
        """The coordinator's of the case's unit; headquarters' while nobody knows whose it is."""
        if case.unit not in self._tokens:
            role = "coordinator" if case.unit else "headquarters"
            token = issuer.token(
                self._folder,
                role=role,
                unit=case.unit or None,
                garrison=case.garrison or None,
                subject=f"{role}-{case.unit or 'KGP'}",
                hours=TOKEN_HOURS,
            )
            self._tokens[case.unit] = {"Authorization": f"Bearer {token}"}
        return self._tokens[case.unit]
