"""Two instances of every service at once, the normal case: under load nothing is lost, doubled or told twice.

On a system of its own, so that all that stands on its topics is this file's.
"""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import cycle
from pathlib import Path
from time import monotonic
from uuid import UUID, uuid4

import httpx
import pytest
from contracts.topics import SERVICES
from deploy.stack.infrastructure import Stack
from journeys.apart.once import everything_once
from journeys.apart.own import own_journey
from journeys.journey import OPOLE, Journey
from operations.consumption.groups import MEMBERED, running_members
from support.operations.command import Kmzb
from support.stack.twins import second_instances
from support.wait import eventually

pytestmark = [pytest.mark.long, pytest.mark.timeout(400)]
REPORTS, AT_ONCE = 300, 16
Fronts = Mapping[str, list[str]]


@pytest.fixture(scope="module")
def journey(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    """A system of this file alone."""
    with own_journey(stack, tmp_path_factory.mktemp("twins")) as journey:
        yield journey


def send(journey: Journey, url: str) -> UUID:
    """A report, by one of the two doors."""
    headers = {"Idempotency-Key": str(uuid4()), **journey.new_sender()}
    body = {"category": "parking", "longitude": OPOLE[0], "latitude": OPOLE[1], "description": "Dwa razy dwa."}
    answer = journey.http.post(f"{url}/v1/reports", json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    return UUID(answer.json()["report_id"])


def take_up(journey: Journey, urls: list[str], officer: Mapping[str, str], report_id: UUID) -> None:
    """Seen at one instance, changed at the other; the same said again at the first is refused."""
    here, there = (f"{url}/v1/cases/{report_id}" for url in urls)
    seen = eventually(lambda: found(journey.http.get(here, headers=dict(officer))), 60)
    assert seen is not None
    headers = {**officer, "If-Match": seen.headers["ETag"]}
    changed = journey.http.post(f"{there}/take-up", json={}, headers=headers)
    assert changed.is_success, changed.text
    again = journey.http.post(f"{here}/take-up", json={}, headers=headers)
    assert again.status_code == 412, again.text


def found(answer: httpx.Response) -> httpx.Response | None:
    return answer if answer.is_success else None


def test_two_of_each_lose_and_double_nothing_under_load(
    journey: Journey, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    kmzb, officer = Kmzb(journey.addresses), journey.officer("KMP-1661", "OPO")
    with second_instances(journey.system, SERVICES) as twins:
        fronts = {name: [journey.addresses[f"KMZB_{name.upper()}_URL"], twins[name]] for name in ("intake", "casework")}
        eventually(lambda: all(running_members(journey.settings, name) == 2 for name in MEMBERED), 60)
        began = monotonic()
        with ThreadPoolExecutor(AT_ONCE) as people:
            sent = list(
                people.map(partial(send, journey), [url for url, _ in zip(cycle(fronts["intake"]), range(REPORTS))])
            )
            seconds = monotonic() - began
            list(people.map(partial(take_up, journey, fronts["casework"], officer), sent))
        mails = everything_once(journey, kmzb, sent)
    with capsys.disabled():
        print(f"\n{REPORTS} reports by two doors in {seconds:.1f} s, taken up crosswise; {mails} mails")
