"""A divided system: one instance loses its databases and gets them back, while the other goes on; then the other way.

On a system of its own. It prints its figures.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from os import getloadavg
from pathlib import Path
from time import monotonic
from typing import Any

import psycopg
import pytest
from contracts.events.duty.surges import SurgeEvent
from contracts.topics import (
    CASE_CHANGED,
    CASEWORK,
    CLOCK,
    CONTENT,
    HAND_OVER,
    NOTICE,
    NOTIFIER,
    PUBLIC_MAP,
    PUBLIC_REPORT,
    SLA_MONITOR,
    SURGE,
    TO_REPORTER,
    referral_topic,
)
from deploy.stack.infrastructure import Stack
from deploy.stack.process import Process
from journeys.apart.once import ledger, lose_databases, mails, rests, said
from journeys.apart.regional import (
    Desk,
    divided_journey,
    opened_after,
    opened_of,
    opoles_own,
    p99,
    reports_of,
    told_by_both,
)
from journeys.journey import Journey, Receipt
from psycopg import sql
from support.operations.command import Kmzb
from support.stack.regions import RegionalInstance
from support.wait import eventually

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
AGENCY = "city-guard"
SAID = (CASE_CHANGED, CLOCK, CONTENT, HAND_OVER, NOTICE, PUBLIC_REPORT, SURGE, TO_REPORTER, referral_topic(AGENCY))
STORES = (CASEWORK, SLA_MONITOR, NOTIFIER, PUBLIC_MAP)


@pytest.fixture(scope="module")
def journey(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    """A system of this file alone, whose Opole answers for itself."""
    with divided_journey(stack, tmp_path_factory.mktemp("one_of_two")) as journey:
        yield journey


@pytest.fixture(scope="module")
def opole(journey: Journey) -> Iterator[RegionalInstance]:
    """Opole's own casework, monitor and notifier, running."""
    with opoles_own(journey) as made:
        yield made


class Lives:
    """Reports of one instance, some that come to it and some that leave it, before the backup and after."""

    def __init__(self, journey: Journey, own: Desk, other: Desk) -> None:
        self.journey, self.own, self.other = journey, own, other
        self.sent: dict[str, Receipt] = {}
        self.at: dict[str, Desk] = {}

    def send(self, name: str, desk: Desk, **more: Any) -> Receipt:
        receipt = self.sent[name] = self.journey.send(*desk.place, **more)
        self.at[name] = desk
        return receipt

    def before(self) -> None:
        """Until the backup."""
        for name in ("worked", "leaves", "returns", "quiet", "ending"):
            self.send(name, self.own, description=f"Słowa: {name}.")
        self.send("comes", self.other, description="Słowa przychodzące.")
        self.send("theirs", self.other)
        opened_after(self.journey, [receipt.report_id for receipt in self.sent.values()])
        self.own.change(self.sent["worked"], "take-up", note="Jedzie patrol.")

    def after(self) -> None:
        """Between the backup and the loss: nothing of this is in the backup."""
        own, other, sent = self.own, self.other, self.sent
        check = {"finding": "found", "checked_at": self.journey.now().isoformat(), "note": "Stoją."}
        own.change(sent["worked"], "checks", **check)
        own.change(sent["worked"], "confirm")
        own.change(sent["worked"], "refer", agency=AGENCY)
        own.give(sent["leaves"], other)
        other.change(sent["leaves"], "take-up")
        self.at["leaves"] = other
        own.give(sent["returns"], other)
        other.give(sent["returns"], own)
        own.change(sent["returns"], "take-up")
        other.give(sent["comes"], own)
        own.change(sent["comes"], "take-up")
        self.at["comes"] = own
        other.change(sent["theirs"], "take-up")
        new = self.send("new", own, description="Nowe.", contact={"email": "new@citizens.example"})
        late = self.send("late", own, category="drinking")
        opened_after(self.journey, [new.report_id, late.report_id])
        own.change(new, "reject")
        own.change(sent["ending"], "merge", into=str(sent["quiet"].report_id), reason="to samo")
        self.journey.receipt_when(late, lambda said: any(each["overdue"] for each in said["deadlines"]), 60)

    def go_on(self) -> None:
        """The next change is the next version, which everybody takes."""
        worked = self.sent["worked"]
        version = self.own.case(worked)["version"]
        self.own.change(worked, "eliminate")
        self.journey.receipt_when(worked, lambda said: said["status"] == "eliminated", 30)
        assert self.own.case(worked)["version"] == version + 1

    def everything(self) -> dict[str, Any]:
        """What officers and citizens see, what was said and sent, and what both ledgers know of that."""
        return {
            **{f"case {name}": self.at[name].case(receipt) for name, receipt in self.sent.items()},
            **{f"receipt {name}": self.journey.receipt(receipt) for name, receipt in self.sent.items()},
            "topics": said(self.journey, SAID),
            "mails": mails(self.journey),
            "own ledger": ledger(self.own.addresses),
            "other ledger": ledger(self.other.addresses),
        }


def without_reports(known: dict[str, Counter[str]], reports: set[str]) -> dict[str, Counter[str]]:
    """Of what was said what is not of these reports and notices."""
    return {topic: Counter({e: n for e, n in ids.items() if e[:36] not in reports}) for topic, ids in known.items()}


def monitored(addresses: Mapping[str, str]) -> dict[str, list[str]]:
    """Every row of an instance's clocks, by table; without what is about reading."""
    with psycopg.connect(addresses["KMZB_SLA_MONITOR_POSTGRES_DSN"]) as connection:
        queries = {
            name: sql.SQL("select each::text from {} as each order by 1").format(sql.Identifier(name))
            for name in ("report", "clock", "parked", "outbox", "set_aside", "blocked")
        }
        return {name: [row[0] for row in connection.execute(query)] for name, query in queries.items()}


@pytest.mark.parametrize("whose", ["opole", "national"])
def test_one_comes_back_with_what_was_said_since_while_the_other_goes_on(
    journey: Journey, opole: RegionalInstance, tmp_path: Path, capsys: pytest.CaptureFixture[str], whose: str
) -> None:
    nation, region = Desk(journey, journey.addresses, "KAT"), Desk(journey, opole.addresses, "OPO")
    own, other = (region, nation) if whose == "opole" else (nation, region)
    kmzb, lives, folder = Kmzb(own.addresses), Lives(journey, own, other), str(tmp_path / "backup")
    lives.before()
    taken = kmzb.json("backup", folder)
    assert taken["instance"] == whose
    lives.after()
    eventually(lambda: rests(kmzb, own.addresses, other.addresses), 90)
    before = lives.everything()
    assert "runs: 1 in its group" in kmzb.refusal("restore", folder, "--yes")
    assert f"and KMZB_INSTANCE says {other.addresses.get('KMZB_INSTANCE', 'national')}" in Kmzb(
        other.addresses
    ).refusal("restore", folder, "--yes")
    stop(journey, opole, whose)
    lose_databases(own.addresses)
    with reports_of(journey, other.place, 2.0) as there, reports_of(journey, own.place, 2.0) as waiting:
        began = monotonic()
        done = kmzb("restore", folder, "--yes")
        seconds = monotonic() - began
    went_on = opened_after(journey, there)
    began = monotonic()
    start(journey, opole, whose)
    opened_of(journey, [*waiting, *there])
    caught_up = monotonic() - began
    eventually(lambda: rests(kmzb, own.addresses, other.addresses), 90)
    compare(lives, before, with_alarms(journey, {str(each) for each in (*waiting, *there)}))
    told_by_both(journey, opole)
    lives.go_on()
    assert kmzb.code("reconcile", "--since", "1h", "--settled", "0") == 0
    with capsys.disabled():
        print(
            f"\n{whose}: restored in {seconds:.1f} s; the other opened {len(there)} reports meanwhile, p50"
            f" {went_on[len(went_on) // 2]:.2f} s, p99 {p99(went_on):.2f} s; {len(waiting)} waited and were opened"
            f" {caught_up:.1f} s after the start, its processes' start included; load {getloadavg()[0]:.0f}\n{done}"
        )


def with_alarms(journey: Journey, new: set[str]) -> set[str]:
    """So many reports of one place are an alarm, of which people are told under its own id."""
    raised = [each for each in journey.envelopes(SURGE) if each.subject in new]
    return new | {str(each.data.surge_id) for each in raised if isinstance(each.data, SurgeEvent)}


def compare(lives: Lives, before: dict[str, Any], new: set[str]) -> None:
    """Everything is as it was, but for what is of new reports; nobody was told anything twice."""
    after, ledgers = lives.everything(), ("own ledger", "other ledger")
    for name in ledgers:
        assert before[name] <= after[name], name
        assert {row[0] for row in after[name] - before[name] if not row[2].startswith("surge")} <= new, name
    told = {row[1] for name in ledgers for row in after[name] - before[name]}  # a digest has the id of its first
    assert {mail: n for mail, n in after["mails"].items() if mail[:36] not in told} == before["mails"]
    assert without_reports(after["topics"], new | told) == without_reports(before["topics"], new | told)
    for name in before.keys() - {*ledgers, "mails", "topics"}:
        assert after[name] == before[name], name


def test_a_regions_clocks_are_built_anew_from_topics_as_they_were(journey: Journey, opole: RegionalInstance) -> None:
    kmzb, other = Kmzb(opole.addresses), Kmzb(journey.addresses)
    eventually(lambda: rests(kmzb, opole.addresses, journey.addresses), 60)
    assert "sla-monitor.opole runs: 1 in its group" in kmzb.refusal("rebuild", "sla-monitor", "--yes")
    assert "another instance's: say this with KMZB_INSTANCE=opole" in other.refusal("rebuild", "sla-monitor.opole")
    assert "public-map is the nation's" in kmzb.refusal("rebuild", "public-map", "--yes")
    before, known = monitored(opole.addresses), said(journey, [CLOCK])
    opole.stop()
    with psycopg.connect(opole.addresses["KMZB_SLA_MONITOR_POSTGRES_DSN"]) as connection:
        connection.execute("delete from parked; delete from clock; update report set version = 0, owner = null")
    assert "Nothing was done" in kmzb("rebuild", "sla-monitor.opole")
    done = kmzb("rebuild", "sla-monitor.opole", "--yes")
    after = monitored(opole.addresses)
    opole.start()
    assert "none is published anew" in done, done
    for table in before:
        assert after[table] == before[table], table
    eventually(lambda: rests(kmzb, opole.addresses, journey.addresses), 60)
    assert said(journey, [CLOCK]) == known


def stop(journey: Journey, opole: RegionalInstance, whose: str) -> None:
    """Every process of an instance."""
    if whose == "opole":
        opole.stop()
    else:
        journey.hold(*STORES, by=Process.stop)


def start(journey: Journey, opole: RegionalInstance, whose: str) -> None:
    if whose == "opole":
        opole.start()
    else:
        journey.release(*STORES)
