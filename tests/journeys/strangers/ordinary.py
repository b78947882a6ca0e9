"""Ordinary reports, sent without a pause while something else goes on, and what is asked of the system meanwhile."""

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from contextlib import contextmanager
from functools import partial
from itertools import cycle
from threading import Event as Stop
from threading import Thread
from uuid import UUID, uuid4

import httpx
from chassis.kafka.messages import original_headers
from confluent_kafka import Message
from contracts.base import Event
from contracts.events.cases import CaseOpened
from contracts.events.clocks import ClockStarted
from contracts.events.notices import NoticeSent
from contracts.events.reports import ReportSubmitted
from contracts.topics import CASE_CHANGED, CLOCK, NOTICE, REPORT_SUBMITTED, SERVICES, Topic
from journeys.journey import Journey, Receipt
from support.wait import eventually

# Places whose unit is beyond doubt, and whose mailbox is in order.
PLACES = {
    "KMP-1661": (17.9213, 50.6683),
    "KMP-0264": (17.0326, 51.1098),
    "KMP-1261": (19.9449, 50.0617),
    "KMP-3064": (16.9335, 52.4069),
    "KMP-0663": (22.5684, 51.2465),
}
STEPS: Sequence[tuple[Topic, type[Event]]] = (
    (CASE_CHANGED, CaseOpened),
    (CLOCK, ClockStarted),
    (NOTICE, NoticeSent),
)
"""What follows a report: its case, its first clock, its reporter's mail."""


class Neighbours:
    """People who report what they always did. `receipts` are theirs; `unhealthy` what /livez said in between."""

    def __init__(self, journey: Journey, pause: float = 0.7) -> None:
        self._journey, self._pause, self._stop = journey, pause, Stop()
        self.receipts: list[Receipt] = []
        self.unhealthy: list[str] = []
        self._failed: list[BaseException] = []

    @contextmanager
    def reporting(self) -> Iterator[None]:
        """They report, and health is asked for, while the block runs. Raises what their threads met."""
        threads = [Thread(target=self._guarded, args=(work,)) for work in (self._report, self._ask)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()
        if self._failed:
            raise self._failed[0]

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - raised again by whoever started it
            self._failed.append(error)

    def _report(self) -> None:
        for place in cycle(PLACES.values()):
            contact = {"email": f"{uuid4().hex}@citizens.example"}
            self.receipts.append(self._journey.send(*place, contact=contact))
            if self._stop.wait(self._pause):
                return

    def _ask(self) -> None:
        with httpx.Client(timeout=5, trust_env=False) as client:
            while not self._stop.wait(self._pause):
                for service in SERVICES:
                    answer = client.get(self._journey.url(service.replace("-", "_"), "/livez"))
                    if answer.status_code != 200:
                        self.unhealthy.append(f"{service}: {answer.text}")


def seconds_to(journey: Journey, reports: Iterable[UUID]) -> dict[str, float]:
    """How long the slowest report took to each step, by the brokers' time. Fails where one never takes it."""
    wanted = {str(report_id).encode() for report_id in reports}
    sent = eventually(partial(_first_of_all, journey, REPORT_SUBMITTED, ReportSubmitted, wanted), 30)
    slowest = {}
    for topic, event in STEPS:
        first = eventually(partial(_first_of_all, journey, topic, event, wanted), 30)
        slowest[event.__name__] = max(first[key] - sent[key] for key in wanted)
    return slowest


def _first_of_all(journey: Journey, topic: Topic, event: type[Event], wanted: Set[bytes]) -> dict[bytes, float]:
    """When the first event of a class was written under each key; nothing while one of those wanted has none."""
    first: dict[bytes, float] = {}
    name = f".{event.__name__}.v1".encode()
    for message in journey.messages(topic):
        if dict(original_headers(message)).get("ce_type", b"").endswith(name):
            key = message.key() or b""
            first[key] = min(first.get(key, _written(message)), _written(message))
    return first if wanted <= first.keys() else {}


def _written(message: Message) -> float:
    return message.timestamp()[1] / 1000
