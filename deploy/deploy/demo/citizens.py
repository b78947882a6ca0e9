"""Citizens: send the planned reports through intake's public API, each from an address of its own."""

import ipaddress
import threading
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from time import monotonic

import httpx

from deploy.demo.plan import Planned

WORDS = "Powtarza się od kilku tygodni, najczęściej wieczorem. To zgłoszenie pochodzi z pokazu systemu."
# Addresses set aside for documentation and benchmarks, so that no address of a person is ever played.
ADDRESSES = ipaddress.ip_network("198.18.0.0/15")
TRIES = 5


@dataclass(frozen=True, slots=True)
class Accepted:
    """A report intake answered for: what was planned, and the receipt its sender holds."""

    planned: Planned
    report_id: uuid.UUID
    receipt: str
    answer_seconds: float


@dataclass
class Sending:
    """How the sending goes: what was accepted so far and what was refused, with the answer."""

    accepted: dict[uuid.UUID, Accepted] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    sent: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


def send_all(
    intake_url: str,
    planned: Sequence[Planned],
    per_second: float,
    on_accepted: Callable[[Accepted], None],
    stop: threading.Event,
) -> Sending:
    """Send the plan at a rate; `on_accepted` is called with each that was accepted. Ends when all are answered."""
    sending = Sending()
    began = monotonic()
    with httpx.Client(base_url=intake_url, timeout=15, trust_env=False) as client, ThreadPoolExecutor(8) as pool:
        for number, report in enumerate(planned):
            stop.wait(max(0.0, began + number / per_second - monotonic()))
            if stop.is_set():
                break
            pool.submit(_send, client, number, report, sending, on_accepted)
    return sending


def _send(
    client: httpx.Client, number: int, report: Planned, sending: Sending, on_accepted: Callable[[Accepted], None]
) -> None:
    body: dict[str, object] = {
        "category": report.category,
        "longitude": report.longitude,
        "latitude": report.latitude,
    }
    if report.with_words or report.category == "dangerous-venue":
        body["description"] = WORDS
    if report.with_contact:
        body["contact"] = {"email": f"reporter{number}@citizens.example"}
    headers = {"Idempotency-Key": str(uuid.uuid4()), "X-Forwarded-For": str(ADDRESSES[number + 1])}
    began = monotonic()
    answer = _post(client, body, headers)
    with sending.lock:
        sending.sent += 1
        if answer is None or answer.status_code != 201:
            said = "no answer" if answer is None else f"{answer.status_code} {answer.text[:200]}"
            sending.refused.append(f"{report.place}: {said}")
            return
        said_of = answer.json()
        accepted = Accepted(report, uuid.UUID(said_of["report_id"]), said_of["receipt"], monotonic() - began)
        sending.accepted[accepted.report_id] = accepted
    on_accepted(accepted)


def _post(client: httpx.Client, body: dict[str, object], headers: dict[str, str]) -> httpx.Response | None:
    """The answer, after repeating with the same key while it is unknown whether the report exists."""
    answer = None
    for attempt in range(TRIES):
        try:
            answer = client.post("/v1/reports", json=body, headers=headers)
        except httpx.TransportError:
            answer = None
        if answer is not None and answer.status_code != 503:
            return answer
        threading.Event().wait(0.5 * 2**attempt)
    return answer
