"""`kmzb reconcile` on the running system: what a service lost is named, said again, and takes effect once."""

from datetime import datetime
from typing import Any

import pytest
from contracts.envelope import tombstone
from contracts.topics import CASE_CHANGED, CASEWORK, NOTIFIER, PUBLIC_MAP, PUBLIC_REPORT, ROUTING, SLA_MONITOR
from journeys.journey import OPOLE, Journey, Receipt
from support.operations.command import Kmzb
from support.wait import eventually

pytestmark = [pytest.mark.long, pytest.mark.timeout(180)]
STAGES = {ROUTING: "routed", CASEWORK: "case", SLA_MONITOR: "clock", NOTIFIER: "notice"}


def compared(kmzb: Kmzb, since: datetime, *words: str) -> Any:
    return kmzb.json("reconcile", "--since", since.isoformat(), "--settled", "0", *words, ends=3)


def lacks(answer: Any, sent: Receipt) -> dict[str, str]:
    """What the answer says that the report lacks, and why."""
    return {each["stage"]: each["why"] for each in answer["missing"] if each["report_id"] == str(sent.report_id)}


@pytest.mark.parametrize("service", STAGES)
def test_what_a_service_lost_is_named_and_said_again_and_takes_effect_once(
    journey: Journey, kmzb: Kmzb, service: str
) -> None:
    since = journey.now()
    journey.hold(service)
    sent = journey.send(*OPOLE)
    before = STAGES[service]
    waiting = eventually(lambda: found_waiting(compared(kmzb, since), sent, before), 30)
    assert waiting == "waits"
    others = [each for each in STAGES if each != service]
    for other in others:
        eventually(lambda other=other: kmzb.code("lag", "--service", other, "--over", "0") == 0, 30)  # type: ignore[misc]
    forward = ("offsets", "reset", service, "--to", "end", "--skip", "--yes")
    eventually(lambda: kmzb.code(*forward) == 0, 30)
    journey.release(service)
    answer = compared(kmzb, since)
    assert lacks(answer, sent)[before] == "lost"
    assert answer["said_again"] == 0
    [hour] = [each for each in answer["hours"] if each["accepted"]][-1:]
    assert hour[before] < hour["accepted"]
    assert compared(kmzb, since, "--yes")["said_again"] > 0
    eventually(lambda: kmzb.code("reconcile", "--since", since.isoformat(), "--settled", "0") == 0, 40)
    eventually(lambda: kmzb.code("trace", str(sent.report_id)) == 0, 30)
    journey.settle(CASE_CHANGED)
    opened = [event for event in journey.events(CASE_CHANGED) if getattr(event, "report_id", None) == sent.report_id]
    assert [type(event).__name__ for event in opened] == ["CaseOpened"]


def found_waiting(answer: Any, sent: Receipt, stage: str) -> str | None:
    return lacks(answer, sent).get(stage)


def test_what_the_public_topic_lacks_is_said_again_by_its_writer(journey: Journey, kmzb: Kmzb) -> None:
    sent = journey.send(*OPOLE)
    eventually(lambda: kmzb.code("trace", str(sent.report_id)) == 0, 30)
    since = journey.now()
    journey.hold(PUBLIC_MAP)
    journey.publish(tombstone(PUBLIC_REPORT, str(sent.report_id)))
    assert compared(kmzb, since)["public"]["missing"] == [str(sent.report_id)]
    assert compared(kmzb, since, "--yes")["said_again"] == 1
    journey.release(PUBLIC_MAP)
    eventually(lambda: kmzb.code("reconcile", "--since", since.isoformat(), "--settled", "0") == 0, 30)
    journey.settle(PUBLIC_REPORT)
    last = [each for each in journey.messages(PUBLIC_REPORT) if each.key() == str(sent.report_id).encode()][-1]
    assert last.value() is not None


def test_people_read_it_hour_by_hour(journey: Journey, kmzb: Kmzb) -> None:
    since = journey.now()
    sent = journey.send(*OPOLE)
    eventually(lambda: kmzb.code("reconcile", "--since", since.isoformat(), "--settled", "0") == 0, 40)
    printed = kmzb("reconcile", "--since", since.isoformat(), "--settled", "0")
    assert [line.split()[2:] for line in printed.splitlines() if line.startswith(f"{since:%Y-%m-%d}")] == [["1"] * 5]
    assert "lacks 0 reports of the map, has 0 too many" in printed
    assert str(sent.report_id) not in printed
