"""A region beside the nation: a flood of one does not slow the other, a case goes over, who was cut off catches up.

On a system of its own. It prints its figures.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from os import getloadavg
from time import monotonic
from uuid import UUID

import pytest
from contracts.events.cases import CaseChange
from contracts.policy.regions import NATIONAL
from contracts.topics import (
    CASE_CHANGED,
    REPORT_ROUTED,
    REPORT_SUBMITTED,
)
from deploy.access.rules import IN_REGIONS
from deploy.stack.infrastructure import Stack
from deploy.stack.process import Process
from journeys.apart.regional import (
    divided_journey,
    found,
    opened_after,
    opened_in,
    opened_of,
    opoles_own,
    p99,
    reports_of,
    request,
    send_evenly,
    told_by_both,
    told_of,
    units_told,
)
from journeys.journey import OPOLE, Journey
from operations.diagnosis.brokers import regions
from operations.diagnosis.findings import State
from operations.target import settings_of
from support.operations.command import Kmzb
from support.stack.regions import RegionalInstance
from support.wait import eventually

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
KATOWICE = (19.0238, 50.2649)
A_SECOND, FLOOD = 1.0, 10
NOTICE, AFTER = timedelta(seconds=90), timedelta(seconds=8)
CUT_OFF = 30


@pytest.fixture(scope="module")
def journey(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    """A system of this file alone, whose Opole answers for itself."""
    with divided_journey(stack, tmp_path_factory.mktemp("regions")) as journey:
        yield journey


@pytest.fixture(scope="module")
def opole(journey: Journey) -> Iterator[RegionalInstance]:
    """Opole's own casework, monitor and notifier, running."""
    with opoles_own(journey) as made:
        yield made


def test_a_flood_of_one_leaves_the_others_p99_within_twice(
    journey: Journey, opole: RegionalInstance, capsys: pytest.CaptureFixture[str]
) -> None:
    for place in (OPOLE, KATOWICE):  # what is slow the first time is so for both
        opened_after(journey, [journey.send(*place).report_id])
    figures = {}
    for name, rate in (("calm", A_SECOND), ("flood", FLOOD * A_SECOND)):
        with ThreadPoolExecutor(2) as regions:
            there = regions.submit(send_evenly, journey, OPOLE, rate)
            here = send_evenly(journey, KATOWICE, A_SECOND)
        figures[name] = opened_after(journey, here), opened_after(journey, there.result())
    with capsys.disabled():
        for name, (katowice, opoles) in figures.items():
            print(
                f"\n{name}: {len(opoles)} reports of Opole, p50 {opoles[len(opoles) // 2]:.3f} s,"
                f" p99 {p99(opoles):.3f} s; {len(katowice)} of Katowice, p50 {katowice[len(katowice) // 2]:.3f} s,"
                f" p99 {p99(katowice):.3f} s;"
                f" load {getloadavg()[0]:.0f}",
                end="",
            )
    assert p99(figures["flood"][0]) <= 2 * p99(figures["calm"][0])


def test_a_case_goes_over_and_back_and_is_one_case(journey: Journey, opole: RegionalInstance) -> None:
    receipt = journey.send(*KATOWICE, description="Auta na trawniku.", contact={"email": "over@citizens.example"})
    journey.receipt_when(receipt, lambda said: said["case_number"] is not None, 60)
    nation, path = journey.addresses, str(receipt.report_id)
    katowice, officer = journey.officer("KMP-2469", "KAT"), journey.officer("KMP-1661", "OPO")
    change = {"to": "KMP-1661", "reason": "to Opole"}
    assert request(journey, nation, katowice, f"{path}/transfer", json=change).is_success
    seen = eventually(lambda: found(request(journey, opole.addresses, officer, path)), 60)
    assert seen is not None
    assert seen.json()["words"]["description"] == "Auta na trawniku."
    assert request(journey, nation, journey.officer("KGP", "KGP", "headquarters"), path).status_code == 404
    assert request(journey, opole.addresses, officer, f"{path}/take-up", json={}).is_success
    change = {"to": "KMP-2469", "reason": "jednak nie"}
    assert request(journey, opole.addresses, officer, f"{path}/transfer", json=change).is_success
    eventually(lambda: found(request(journey, nation, katowice, path)), 60)
    assert request(journey, nation, katowice, f"{path}/reject", json={}).is_success
    journey.receipt_when(receipt, lambda said: said["status"] == "rejected", 60)
    journey.settle(CASE_CHANGED)
    changes = [
        e for e in journey.events(CASE_CHANGED) if isinstance(e, CaseChange) and e.report_id == receipt.report_id
    ]
    assert [(type(e).__name__, e.version) for e in sorted(changes, key=lambda e: e.version)] == [
        ("CaseOpened", 1), ("CaseTransferred", 2), ("CaseTakenUp", 3), ("CaseTransferred", 4), ("CaseRejected", 5),
    ]  # fmt: skip


def test_who_was_cut_off_catches_up_with_nothing_lost(
    journey: Journey, opole: RegionalInstance, capsys: pytest.CaptureFixture[str]
) -> None:
    katowice, officer = journey.officer("KMP-2469", "KAT"), journey.officer("KMP-1661", "OPO")
    given = journey.send(*KATOWICE).report_id
    opened_after(journey, [given])
    assert not missed_by_the_doctor(journey)
    opole.stop()
    assert len(missed_by_the_doctor(journey)) == 3  # casework, sla-monitor and notifier
    sent = [journey.send(*OPOLE).report_id for _ in range(CUT_OFF)]
    change = {"to": "KMP-1661", "reason": "to Opole"}
    assert request(journey, journey.addresses, katowice, f"{given}/transfer", json=change).is_success
    support = journey.url("intake", f"/v1/reports/{given}/support")
    assert journey.http.post(support, json={}, headers=journey.new_sender()).is_success
    meanwhile = opened_after(journey, [journey.send(*KATOWICE).report_id])

    began = monotonic()
    opole.start()
    opened_after(journey, sent)
    seconds = monotonic() - began
    eventually(partial(counts_one, journey, opole, officer, given), 60)
    eventually(lambda: told_of(opole.addresses, given) == [("case-transferred", "KMP-1661")], 60)
    told_by_both(journey, opole)
    with capsys.disabled():
        print(
            f"\ncut off: {CUT_OFF} reports waited; the other region opened one in {meanwhile[0]:.2f} s meanwhile;"
            f" all were opened {seconds:.1f} s after the start, their start included; load {getloadavg()[0]:.0f}"
        )


def test_operators_see_what_waits_at_a_regions_instance(journey: Journey, opole: RegionalInstance) -> None:
    kmzb, since = Kmzb(journey.addresses), journey.now()
    own = {"casework.opole", "sla-monitor.opole", "notifier.opole"}
    compared = ("reconcile", "--since", since.isoformat(), "--settled", "0")
    opole.stop()
    there, here = journey.send(*OPOLE).report_id, journey.send(*KATOWICE).report_id
    opened_after(journey, [here])
    eventually(lambda: kmzb.code("trace", str(here)) == 0, 60)  # though nobody of Opole's has read it
    assert {each["service"] for each in kmzb.json("trace", str(there), ends=3)["stands"]} == own
    assert set(kmzb.json("trace", str(there), ends=3)["not_asked"]) == own
    waiting = [each for each in kmzb.json("lag", "--service", "casework.opole") if each["waiting"]]
    assert {each["topic"] for each in waiting} >= {REPORT_SUBMITTED.name, REPORT_ROUTED.name}
    assert kmzb.json("offsets", "show", "casework.opole") != []
    seen = eventually(lambda: compared_with(kmzb, compared, there), 60)
    assert seen == {"case": "waits", "clock": "waits"}
    opole.start()
    opened_after(journey, [there])
    eventually(lambda: kmzb.code("trace", str(there)) == 0, 60)
    eventually(lambda: kmzb.code(*compared) == 0, 60)
    assert kmzb.json(*compared)["notices_not_asked"] == 1
    theirs = Kmzb(opole.addresses)
    eventually(lambda: theirs.json(*compared)["hours"][0]["notice"] == 1, 60)
    assert theirs.json(*compared)["public"] is None
    assert theirs.json("trace", str(there))["notices"] != []


def compared_with(kmzb: Kmzb, words: tuple[str, ...], report_id: UUID) -> dict[str, str]:
    """What reconcile says one report lacks, and why, once no other lacks anything."""
    missing = kmzb.json(*words, ends=3)["missing"]
    assert {each["report_id"] for each in missing} == {str(report_id)}
    return {each["stage"]: each["why"] for each in missing}


def counts_one(journey: Journey, opole: RegionalInstance, officer: Mapping[str, str], given: UUID) -> bool:
    answer = request(journey, opole.addresses, officer, str(given))
    return answer.is_success and answer.json()["supporters"] == 1


def missed_by_the_doctor(journey: Journey) -> list[str]:
    """What `kmzb doctor` finds wrong about instances."""
    return [found.says for found in regions(settings_of(journey.addresses)) if found.state is State.WRONG]


def test_a_garrison_moves_to_a_regions_instance_and_back_while_reports_come(
    journey: Journey, opole: RegionalInstance, capsys: pytest.CaptureFixture[str]
) -> None:
    """The last of this file: from then on Opole's ledger knows units of Katowice's, too."""
    kmzb, moves = Kmzb(journey.addresses), list[datetime]()
    with reports_of(journey, KATOWICE, A_SECOND) as sent, capsys.disabled():
        for instance in ("opole", NATIONAL):
            moves.append(journey.now() + NOTICE)
            kmzb("garrison", "move", "KAT", instance, "--from", moves[-1].isoformat(), "--ahead", "30")
            assert len(missed_by_the_doctor(journey)) == 6  # all go by the file as it was
            began = monotonic()
            restart_all(journey, opole)
            eventually(lambda: kmzb.code("garrison", "show") == 0, 60)
            left = (moves[-1] - journey.now()).total_seconds()
            assert left > 0, "too slow for so short a notice"
            print(f"\nKAT to {instance}: all had it after {monotonic() - began:.0f} s, {left:.0f} s before", end="")
            eventually(lambda: journey.now() > moves[-1] + AFTER, NOTICE.total_seconds() + 60)
    phases = Counter[str]()
    whose = {NATIONAL: list[UUID](), "opole": list[UUID]()}
    eventually(lambda: kmzb.code("lag", "--over", "1") == 0, 60)  # nobody has anything left to open
    for event in opened_of(journey, sent):
        phase = sum(since <= event.submitted_at for since in moves)
        instance = "opole" if phase == 1 else NATIONAL
        assert opened_in(event) == instance, event.submitted_at
        whose[instance].append(event.report_id)
        phases[("before", "between", "after")[phase]] += 1
    assert len(phases) == 3
    eventually(lambda: units_told(journey.addresses, sent) == Counter(whose[NATIONAL]), 60)
    eventually(lambda: units_told(opole.addresses, sent) == Counter(whose["opole"]), 60)
    eventually(lambda: kmzb.code("reconcile", "--since", "15m", "--settled", "0") == 0, 60)
    with capsys.disabled():
        print(f"\n{len(sent)} reports, each one case and one notice: {dict(phases)}; load {getloadavg()[0]:.0f}")


def restart_all(journey: Journey, opole: RegionalInstance) -> None:
    """Every process that answers for garrisons starts anew, one after the other, as an operator has them do it."""
    for service in IN_REGIONS:
        journey.hold(service, by=Process.stop)
        journey.release(service)
    opole.stop()
    opole.start()
