"""What journeys of a region beside the nation have in common: reports at a rate, what became of them, who was told."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from math import ceil
from pathlib import Path
from threading import Event as Stop
from time import monotonic
from typing import Any
from uuid import UUID

import httpx
import psycopg
from chassis.kafka.messages import original_headers
from contracts.envelope import decode
from contracts.events.cases import CaseOpened
from contracts.policy.regions import NATIONAL
from contracts.topics import CASE_CHANGED, CASEWORK, CLOCK, DEAD_LETTERS, NOTIFIER, SLA_MONITOR
from deploy.stack.infrastructure import Stack
from journeys.apart.once import without
from journeys.apart.own import own_journey
from journeys.journey import OPOLE, Journey, Receipt
from support.stack.regions import RegionalInstance
from support.wait import eventually

SECONDS = 40
KATOWICE = (19.0238, 50.2649)
# What is on no topic: who it was, and what they wrote.
ON_NO_TOPIC = {"officer", "note", "entry", "cause"}
Place = tuple[float, float]
PLAN = '[[change]]\ngarrison = "OPO"\ninstance = "opole"\nfrom = 2016-09-14T00:00:00+02:00\n'


@contextmanager
def divided_journey(stack: Stack, root: Path) -> Iterator[Journey]:
    """A system whose Opole answers for itself."""
    (plan := root / "regions.toml").write_text(PLAN, "utf-8")
    with own_journey(stack, root, KMZB_REGIONS_FILE=str(plan)) as journey:
        yield journey


@contextmanager
def opoles_own(journey: Journey) -> Iterator[RegionalInstance]:
    """Opole's own casework, monitor and notifier, running."""
    made = RegionalInstance(journey.system, "opole")
    try:
        made.start()
        yield made
    finally:
        made.stop()


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


def told_by_both(journey: Journey, opole: RegionalInstance) -> None:
    """Every case was opened once; each unit was told of each by its own instance alone; nothing was set aside."""
    journey.settle(CASE_CHANGED, CLOCK, *(DEAD_LETTERS[service] for service in (CASEWORK, SLA_MONITOR, NOTIFIER)))
    opened: defaultdict[str, Counter[UUID]] = defaultdict(Counter)
    for event in journey.events(CASE_CHANGED):
        if isinstance(event, CaseOpened):
            opened[event.owner.unit][event.report_id] += 1
    assert all(number == 1 for of_unit in opened.values() for number in of_unit.values())
    eventually(lambda: kinds_told(opole.addresses)["case-opened", "KMP-1661"] == len(opened["KMP-1661"]), 60)
    eventually(lambda: kinds_told(journey.addresses)["case-opened", "KMP-2469"] == len(opened["KMP-2469"]), 60)
    assert not [kind for kind, unit in kinds_told(journey.addresses) if unit == "KMP-1661"]
    assert not [kind for kind, recipient in kinds_told(opole.addresses) if recipient in ("KMP-2469", "citizen")]
    for service in (CASEWORK, SLA_MONITOR, NOTIFIER):
        assert not journey.messages(DEAD_LETTERS[service])


@contextmanager
def reports_of(journey: Journey, place: Place, a_second: float) -> Iterator[list[UUID]]:
    """Reports of a place keep coming while the block runs; those that were accepted by now."""
    end, sent = Stop(), list[UUID]()

    def keep_sending() -> None:
        while not end.wait(1 / a_second):
            sent.append(journey.send(*place).report_id)

    with ThreadPoolExecutor(1) as citizen:
        sending = citizen.submit(keep_sending)
        try:
            yield sent
        finally:
            end.set()
    sending.result()


def opened_of(journey: Journey, sent: Sequence[UUID]) -> list[CaseOpened]:
    """The one case of each report. Fails where a report has none, or two."""
    opened_after(journey, list(sent))
    events = [each.data for each in journey.envelopes(CASE_CHANGED) if isinstance(each.data, CaseOpened)]
    found = {event.case_number: event for event in events if event.report_id in sent}
    assert Counter(event.report_id for event in found.values()) == Counter(sent)
    return list(found.values())


def opened_in(event: CaseOpened) -> str:
    """Which instance opened a case: a region's numbers are longer."""
    return NATIONAL if len(event.case_number) == len("KAT-26-123456-X") else "opole"


def units_told(addresses: Mapping[str, str], wanted: Sequence[UUID]) -> Counter[UUID]:
    """Of which of these reports an instance's ledger has told a unit that there is a case, and how often."""
    query = "select report_id, count(*) from ledger where kind = 'case-opened' and recipient like 'KMP-%%'"
    with psycopg.connect(addresses["KMZB_NOTIFIER_POSTGRES_DSN"]) as connection:
        rows = connection.execute(f"{query} and report_id = any(%s) group by 1", (list(wanted),)).fetchall()
    return Counter(dict(rows))


class Desk:
    """An instance's desk, with an officer of its garrison: `place` is one it answers for, `unit` who has it."""

    def __init__(self, journey: Journey, addresses: Mapping[str, str], garrison: str) -> None:
        self.journey, self.addresses = journey, addresses
        self.place, self.unit = (OPOLE, "KMP-1661") if garrison == "OPO" else (KATOWICE, "KMP-2469")
        self.officer = journey.officer(self.unit, garrison)

    def change(self, sent: Receipt, what: str, **body: Any) -> None:
        answer = request(self.journey, self.addresses, self.officer, f"{sent.report_id}/{what}", json=body)
        assert answer.is_success, answer.text

    def give(self, sent: Receipt, other: "Desk") -> None:
        """To the other's unit, whose desk has it then."""
        self.change(sent, "transfer", to=other.unit, reason="to wasze")
        eventually(lambda: found(request(self.journey, other.addresses, other.officer, str(sent.report_id))), 60)

    def case(self, sent: Receipt) -> Any:
        answer = request(self.journey, self.addresses, self.officer, str(sent.report_id))
        assert answer.is_success, answer.text
        return without(answer.json(), ON_NO_TOPIC)
