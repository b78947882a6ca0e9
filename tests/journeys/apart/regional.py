"""What journeys of a region beside the nation have in common: reports at a rate, what became of them, who was told."""

from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from math import ceil
from threading import Event as Stop
from time import monotonic
from typing import Any
from uuid import UUID

import httpx
import psycopg
from chassis.kafka.messages import original_headers
from contracts.envelope import decode
from contracts.events.cases import CaseOpened
from contracts.topics import CASE_CHANGED
from journeys.journey import Journey
from support.wait import eventually

SECONDS = 40
Place = tuple[float, float]


def send_evenly(journey: Journey, place: Place, a_second: float) -> list[UUID]:
    """Reports at an even rate for a while, each from a sender of its own."""
    began = monotonic()
    with ThreadPoolExecutor(16) as people:
        sent = []
        for number in range(round(SECONDS * a_second)):
            Stop().wait(max(0.0, began + number / a_second - monotonic()))
            sent.append(people.submit(journey.send, *place))
    return [each.result().report_id for each in sent]


def opened_after(journey: Journey, wanted: list[UUID]) -> list[float]:
    """Seconds from sending to the opened case's message, of each of these reports, once all are there; sorted."""
    found: dict[UUID, float] = {}

    def all_opened() -> bool:
        journey.settle(CASE_CHANGED)
        for message in journey.messages(CASE_CHANGED):
            event = decode(original_headers(message), message.value() or b"").data
            if isinstance(event, CaseOpened):
                found.setdefault(event.report_id, message.timestamp()[1] / 1000 - event.submitted_at.timestamp())
        return found.keys() >= set(wanted)

    eventually(all_opened, 120)
    return sorted(found[report_id] for report_id in wanted)


def p99(times: list[float]) -> float:
    return times[ceil(0.99 * len(times)) - 1]


def request(
    journey: Journey, at: Mapping[str, str], officer: Mapping[str, str], path: str, **more: Any
) -> httpx.Response:
    """A case asked for at an instance's desk, or changed there from the version it has."""
    url = f"{at['KMZB_CASEWORK_URL']}/v1/cases/{path}"
    if "json" not in more:
        return journey.http.get(url, headers=dict(officer))
    seen = journey.http.get(url.rpartition("/")[0], headers=dict(officer))
    return journey.http.post(url, headers={**officer, "If-Match": seen.headers["ETag"]}, **more)


def kinds_told(addresses: Mapping[str, str]) -> Counter[tuple[str, str]]:
    """How many notices of each kind an instance's ledger has for each recipient."""
    with psycopg.connect(addresses["KMZB_NOTIFIER_POSTGRES_DSN"]) as connection:
        rows = connection.execute("select kind, coalesce(recipient, 'citizen'), count(*) from ledger group by 1, 2")
        return Counter({(kind, recipient): number for kind, recipient, number in rows.fetchall()})


def told_of(addresses: Mapping[str, str], report_id: UUID) -> list[tuple[str, str]]:
    """What an instance's ledger has of one report."""
    with psycopg.connect(addresses["KMZB_NOTIFIER_POSTGRES_DSN"]) as connection:
        return connection.execute("select kind, recipient from ledger where report_id = %s", (report_id,)).fetchall()


def found(answer: httpx.Response) -> httpx.Response | None:
    return answer if answer.is_success else None
