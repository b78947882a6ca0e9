"""Citizens: each report is sent through intake's public API when its time has come, whatever became of those before."""

import random
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from uuid import UUID

from chassis.clock import now
from deploy.http_client import Answer, Client

from operations.simulate.model.arrivals import Arrival
from operations.simulate.model.forms import body, headers
from operations.simulate.pace import Pace
from operations.simulate.tally import Tally

TIMEOUT_SECONDS = 15.0
"""Longer than intake takes to say that it doesn't know."""
TRIES = 5
UNKNOWN = (0, 502, 503, 504)
"""Answers that leave it open whether the report exists: it is sent again, under the same key."""
Tick = Callable[[float], None]
"""Called about once a second with how many seconds behind the plan the sending is."""


class Citizens:
    """An open loop: reports have their times and wait for no answer, but only so many are under way at once.

    While that many are, the next one waits and is late; its answer is timed from when it should have been sent.
    """

    def __init__(self, intake_url: str, *, at_once: int, seed: int, tally: Tally, stop: threading.Event) -> None:
        self._url, self._seed, self._tally, self._stop = intake_url, seed, tally, stop
        self._run = random.SystemRandom().getrandbits(32)
        self._client = Client(TIMEOUT_SECONDS)
        self._free = threading.Semaphore(at_once)
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix="citizen")

    def send_all(
        self, arrivals: Iterable[Arrival], pace: Pace, accepted: Callable[[Arrival, UUID], None], tick: Tick
    ) -> None:
        """Send each at its time, until none is left or it is stopped. `accepted` is called in the sender's thread."""
        for arrival in arrivals:
            planned = pace.moment(arrival.at)
            if not self.wait_until(planned, tick) or not self._take_slot(planned, tick):
                return
            self._tally.begin(arrival, monotonic() - planned)
            self._pool.submit(self._send, arrival, planned, accepted).add_done_callback(self._tally.fail)

    def wait_until(self, moment: float, tick: Tick) -> bool:
        """Whether a moment of the monotonic clock has come before all was stopped."""
        while (left := moment - monotonic()) > 0 and not self._stop.is_set():
            tick(0.0)
            self._stop.wait(min(left, 1.0))
        return not self._stop.is_set()

    def close(self) -> None:
        """Wait for the answers to what is under way; also a second time."""
        self._pool.shutdown()
        self._client.close()

    def _take_slot(self, planned: float, tick: Tick) -> bool:
        while not self._free.acquire(timeout=1.0):
            tick(monotonic() - planned)
            if self._stop.is_set():
                return False
        tick(monotonic() - planned)
        return True

    def _send(self, arrival: Arrival, planned: float, accepted: Callable[[Arrival, UUID], None]) -> None:
        try:
            answer = self._until_known(arrival)
            self._tally.end(answer, monotonic() - planned)
            if answer.is_success:
                accepted(arrival, UUID(answer.told["report_id"]))
        finally:
            self._free.release()

    def _until_known(self, arrival: Arrival) -> Answer:
        """The answer, once it says whether the report exists; the last one when the citizen gives up."""
        filled, told = body(arrival, self._seed, now()), headers(arrival, self._run)
        answer = self._client.post(self._url, "/v1/reports", filled, told)
        for attempt in range(TRIES - 1):
            if answer.status not in UNKNOWN or self._stop.wait(0.5 * 2**attempt):
                break
            self._tally.repeat()
            answer = self._client.post(self._url, "/v1/reports", filled, told)
        return answer
