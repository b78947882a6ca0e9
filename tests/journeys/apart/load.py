"""Citizens and officers at a rate of their own: who comes next waits for nobody before, whatever is slow or away."""

from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread
from time import monotonic
from uuid import UUID, uuid4

import httpx
from journeys.journey import OPOLE, Journey
from support.wait import eventually

CROWD = 48
PATIENCE = 120.0
Url = Callable[[str], str]


class Load:
    """It runs while the block does. `accepted` are the reports answered 201, `seconds` how long each waited.

    `again` counts connections that broke and were tried again, by service; `unknown` the answers 503, by which a
    service says that it does not know and is to be asked again, as pages do; `refused` every other answer that was
    none. `url` says where a service answers at this moment.
    """

    def __init__(self, journey: Journey, url: Url, rate: float, officer: Mapping[str, str]) -> None:
        self._journey, self._url, self._rate, self._officer = journey, url, rate, dict(officer)
        self._end = Event()
        self._thread = Thread(target=self._run)
        self.accepted: list[UUID] = []
        self.seconds: list[float] = []
        self.again: Counter[str] = Counter()
        self.unknown: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()

    def __enter__(self) -> "Load":
        """They begin to come once one of them has gone all the way: what starts together is slow for a while."""
        self._story(monotonic())
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Nobody comes any more; everybody who came is waited for."""
        self._end.set()
        self._thread.join()

    def _run(self) -> None:
        began, number = monotonic(), 0
        with ThreadPoolExecutor(CROWD) as crowd:
            while not self._end.wait(max(0.0, began + number / self._rate - monotonic())):
                crowd.submit(self._story, monotonic())
                number += 1

    def _story(self, came: float) -> None:
        try:
            said = self._send(came)
            self._take_up(UUID(said["report_id"]))
            self._read(said["receipt"])
        except (AssertionError, LookupError, httpx.HTTPError) as wrong:
            self.refused[repr(wrong)] += 1

    def _send(self, came: float) -> dict[str, str]:
        body = {"category": "parking", "longitude": OPOLE[0], "latitude": OPOLE[1], "description": "W czasie zmiany."}
        headers = {"Idempotency-Key": str(uuid4()), **self._journey.new_sender()}
        answer = self._ask("intake", "POST", "/v1/reports", headers, body)
        self.seconds.append(monotonic() - came)
        assert answer.status_code == 201, "not accepted"
        said: dict[str, str] = answer.json()
        self.accepted.append(UUID(said["report_id"]))
        return said

    def _take_up(self, report_id: UUID) -> None:
        """As an officer does; whether a change whose connection broke took effect is seen at the case."""
        path = f"/v1/cases/{report_id}"
        seen = self._once_there("casework", path, self._officer)
        while seen.json()["status"] == "new":
            headers = {**self._officer, "If-Match": seen.headers["ETag"]}
            try:
                changed = self._journey.http.post(f"{self._url('casework')}{path}/take-up", json={}, headers=headers)
            except httpx.TransportError:
                self.again["casework"] += 1
            else:
                self.unknown["casework"] += changed.status_code == 503
                assert changed.is_success or changed.status_code == 503, changed.text
            seen = self._once_there("casework", path, self._officer)

    def _read(self, receipt: str) -> None:
        """As a citizen does, until their receipt says that somebody looks into it."""
        path = f"/v1/receipts/{receipt}"
        eventually(lambda: self._once_there("public-map", path, {}).json()["status"] == "verification", PATIENCE)

    def _once_there(self, service: str, path: str, headers: Mapping[str, str]) -> httpx.Response:
        """Not there yet is no fault of a report that was sent a moment ago."""

        def there() -> httpx.Response | None:
            answer = self._ask(service, "GET", path, headers)
            return answer if answer.is_success else None

        found = eventually(there, PATIENCE, what=f"{service} {path}")
        assert found is not None
        return found

    def _ask(
        self, service: str, method: str, path: str, headers: Mapping[str, str], body: object = None
    ) -> httpx.Response:
        """What a service answers; a connection that breaks is tried again, at the instance that is there then."""
        until, pause = monotonic() + PATIENCE, Event()
        while True:
            url = f"{self._url(service)}{path}"
            try:
                answer = self._journey.http.request(method, url, json=body, headers=dict(headers))
            except httpx.TransportError:
                self.again[service] += 1
                if monotonic() > until:
                    raise
            else:
                if answer.status_code != 503:
                    if not answer.is_success and answer.status_code != 404:
                        self.refused[f"{service} {method}: {answer.status_code} {answer.text}"] += 1
                    return answer
                self.unknown[service] += 1
            pause.wait(0.1)
