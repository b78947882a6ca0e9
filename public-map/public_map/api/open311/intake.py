"""Intake as public-map calls it: what comes by Open311 goes in by the same door as everything else.

Nothing is kept here. A key of intake's makes a second attempt harmless, and intake counts the real sender, whose
address it takes from us alone (`KMZB_INTAKE_TRUSTED_PROXIES` there has to name us).
"""

from collections.abc import Mapping
from threading import BoundedSemaphore
from typing import Any

import httpx
import msgspec
from prometheus_client import Counter
from web.problems import Problem

from public_map.domain.open311 import OUR_NAMES

SENT = Counter("kmzb_public_map_sent_requests_total", "Requests sent to intake for others, by outcome", ["outcome"])
_OUTCOMES = {status: SENT.labels(name) for status, name in ((201, "accepted"), (429, "limited"), (503, "unavailable"))}
_REFUSED = SENT.labels("refused")
# Intake writes within 20 s; two attempts fit into the time our own answers have.
_TIMEOUT = httpx.Timeout(25.0, connect=2.0)
_ATTEMPTS = 2
_RETRY_SECONDS = "5"
# Threads that wait for intake serve nobody else meanwhile.
_AT_ONCE = 8


class Taken(msgspec.Struct, frozen=True):
    """What intake said of a report it took."""

    report_id: str
    receipt: str
    note: str
    links: dict[str, str]


class Intake:
    """`url` is where its API is reached from here."""

    def __init__(self, url: str) -> None:
        self._url = f"{url.rstrip('/')}/v1/reports"
        self._trust = httpx.create_ssl_context(trust_env=False)
        self._places = BoundedSemaphore(_AT_ONCE)

    def send(self, report: Mapping[str, Any], headers: Mapping[str, str]) -> Taken:
        """Send a report with an Idempotency-Key and the sender's address in `headers`.

        Raises Problem: intake's own, with fields as Open311 calls them; 503 where it can't be known what became of it.
        """
        if not self._places.acquire(blocking=False):
            raise _unavailable(headers["Idempotency-Key"])
        try:
            answer = self._post(msgspec.json.encode(report), {**headers, "Content-Type": "application/json"})
        finally:
            self._places.release()
        status = answer.status_code if answer is not None else 503
        _OUTCOMES.get(status, _REFUSED).inc()
        if answer is None or status >= 500:
            raise _unavailable(headers["Idempotency-Key"])
        if status != 201:
            raise _refused(answer)
        return msgspec.json.decode(answer.content, type=Taken)

    def _post(self, body: bytes, headers: Mapping[str, str]) -> httpx.Response | None:
        """Intake's answer, the last where it was a 503, None where there was none. One key, so no second report."""
        answer = None
        with httpx.Client(verify=self._trust, timeout=_TIMEOUT, trust_env=False) as client:
            for _ in range(_ATTEMPTS):
                try:
                    answer = client.post(self._url, content=body, headers=headers)
                except httpx.TransportError:
                    continue
                if answer.status_code < 500:
                    break
        return answer


def _refused(answer: httpx.Response) -> Problem:
    """Intake's problem in Open311's names. Of its words only those are passed on that it says of fields or limits."""
    said = answer.json()
    errors = [{**error, "field": OUR_NAMES.get(error["field"], error["field"])} for error in said.get("errors", ())]
    headers = {"Retry-After": answer.headers["Retry-After"]} if "Retry-After" in answer.headers else {}
    return Problem(answer.status_code, said["title"], said["detail"], headers, errors=errors)


def _unavailable(key: str) -> Problem:
    detail = (
        "It is not known whether it was taken. Repeat it unchanged, with the header that stands in this answer"
        f" (Idempotency-Key: {key}): it will not count twice. In an emergency call 112."
    )
    return Problem(503, "Not acknowledged", detail, {"Retry-After": _RETRY_SECONDS, "Idempotency-Key": key})
