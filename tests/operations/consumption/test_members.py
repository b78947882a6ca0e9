"""Which consumer groups operators' commands look at where regions have instances of their own, and for which report."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from chassis.settings import Settings
from contracts.topics import CASE_CHANGED, CASEWORK, PUBLIC_MAP, ROUTING
from deploy.stack.process import StackError
from operations.consumption.groups import MEMBERED, Position, service_of
from operations.consumption.members import answering, chosen_members, concerned, elsewhere, members, own_member
from operations.reconciling.stages import Seen, Stage, missing
from operations.tracing.hops import Hop
from operations.tracing.standing import unread_by

DECEMBER = datetime(2026, 12, 1, tzinfo=UTC)
PLAN = '[[change]]\ngarrison = "WRO"\ninstance = "wroclaw"\nfrom = 2026-12-01T00:00:00Z\n'
OWN = ("casework.wroclaw", "sla-monitor.wroclaw", "notifier.wroclaw")
EVERYWHERE = tuple(service for service in MEMBERED if service != CASEWORK)


@pytest.fixture
def told(tmp_path: Path) -> dict[str, str]:
    """What an operator's environment has of it."""
    (plan := tmp_path / "regions.toml").write_text(PLAN, "utf-8")
    return {"KMZB_KAFKA_BOOTSTRAP": "127.0.0.1:1", "KMZB_REGIONS_FILE": str(plan)}


def test_every_command_looks_at_the_instances_of_the_file_too(told: Mapping[str, str]) -> None:
    settings = Settings.from_variables(told)
    assert members(settings) == (*MEMBERED, *OWN)
    assert chosen_members(settings, "casework.wroclaw") == ("casework.wroclaw",)
    assert [service_of(member) for member in OWN] == ["casework", "sla-monitor", "notifier"]
    with pytest.raises(StackError, match="'casework.wrocalw'.*did you mean casework.wroclaw"):
        chosen_members(settings, "casework.wrocalw")


def test_without_a_file_there_are_the_nations_alone() -> None:
    settings = Settings.from_variables({"KMZB_KAFKA_BOOTSTRAP": "127.0.0.1:1"})
    assert members(settings) == MEMBERED
    assert elsewhere(settings) == ()


@pytest.mark.parametrize(
    ("known", "theirs"),
    [
        ({("KAT", DECEMBER)}, (*EVERYWHERE, CASEWORK)),
        ({("WRO", DECEMBER - timedelta(seconds=1))}, (*EVERYWHERE, CASEWORK)),  # sent before the instant
        ({("WRO", DECEMBER)}, (*EVERYWHERE, *OWN)),
        ({("WRO", DECEMBER), ("KAT", DECEMBER)}, (*MEMBERED, *OWN)),  # it went over
        (set(), (*EVERYWHERE, CASEWORK)),  # nobody has routed it yet
    ],
)
def test_a_report_waits_for_no_instance_whose_it_is_not(
    told: Mapping[str, str], known: set[tuple[str, datetime]], theirs: tuple[str, ...]
) -> None:
    assert set(concerned(Settings.from_variables(told), known)) == set(theirs)


def test_whose_databases_are_asked_is_said_by_the_environment(told: Mapping[str, str]) -> None:
    national, own = Settings.from_variables(told), Settings.from_variables({**told, "KMZB_INSTANCE": "wroclaw"})
    assert elsewhere(national) == OWN
    assert set(elsewhere(own)) == {service_of(member) for member in OWN}
    assert (own_member(own, CASEWORK), own_member(own, PUBLIC_MAP)) == ("casework.wroclaw", PUBLIC_MAP)
    assert (answering(national, CASEWORK, "wroclaw"), answering(national, ROUTING, "wroclaw")) == (OWN[0], ROUTING)


def test_a_message_is_unread_by_each_member_that_stands_before_it() -> None:
    hop = Hop(CASE_CHANGED, 3, 17, DECEMBER, "CaseOpened")
    stand = {
        (member, CASE_CHANGED.name, partition): Position(member, CASE_CHANGED, partition, 0, committed, 20)
        for member, partition, committed in (("notifier", 3, 18), ("notifier.wroclaw", 3, 17), ("public-map", 4, 0))
    }
    assert unread_by(hop, stand) == ["notifier.wroclaw"]


def test_nobody_is_missed_whose_notices_another_instance_knows() -> None:
    here, there = UUID(int=1), UUID(int=2)
    seen = Seen(accepted={here: DECEMBER, there: DECEMBER}, instances={there: "wroclaw"}, unasked={there})
    seen.reached = {Stage.CASE: {here, there}, Stage.NOTICE: set()}
    assert missing(seen) == {Stage.NOTICE: [here]}
    assert (seen.instance(here), seen.instance(there)) == ("national", "wroclaw")
