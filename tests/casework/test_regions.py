"""Two instances of casework: each opens what is its own, and a case that goes from one to the other goes whole."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from itertools import permutations
from typing import Any
from uuid import uuid5

import pytest
from casework.store.regions.receiving import delete_elsewhere
from contracts.events.cases import CaseChange, CaseSupported, CaseTransferred
from contracts.events.referrals import ReferralClosed
from contracts.events.regions.handovers import CaseHandedOver
from contracts.events.reports import ErasureRequested, FollowUpWords, QuestionAnswered, ReportContent, ReportWithdrawn
from contracts.policy.regions import Change, Plan, Region
from contracts.topics import answer_topic
from objects.storage import Objects
from support.casework.instances import Instance, each_hears
from support.casework.officers import KATOWICE, Issuer
from support.casework.openings import routed, submitted, supported, unroutable
from support.events import OPOLE, SUBMITTED, received, report_id
from support.stack.databases import Clone

SINCE = SUBMITTED + timedelta(seconds=1)  # report 1 is the first that is the region's
PLAN = Plan(change=(Change(garrison="KAT", instance="katowice", since=SINCE),))
ONE = report_id(1)


@pytest.fixture
def nation(database: Callable[[str], Clone], issuer: Issuer, photos: Objects) -> Iterator[Instance]:
    made = Instance(database("casework"), issuer, photos, Region(PLAN))
    yield made
    made.close()


@pytest.fixture
def region(database: Callable[[str], Clone], issuer: Issuer, photos: Objects) -> Iterator[Instance]:
    made = Instance(database("casework"), issuer, photos, Region(PLAN, "katowice"))
    yield made
    made.close()


def changes(said: list[Any]) -> list[tuple[str, int]]:
    return [(type(m.event).__name__, m.event.version) for m in said if isinstance(m.event, CaseChange)]


def sent_lately(region: Region, garrison: str, _: datetime) -> bool:
    """Whose it is, whenever the test says it was sent."""
    return region.answers_for(garrison, SINCE)


def reports(said: list[Any]) -> list[Any]:
    return sorted(m.event.report_id for m in said if isinstance(m.event, CaseChange))


def count(instance: Instance, table: str) -> int:
    with instance.database.transaction() as connection:
        row = connection.execute(f"select count(*) as n from {table}").fetchone()  # noqa: S608 - a table of ours
    assert row
    return int(row["n"])


def test_each_opens_what_is_its_own_and_nobody_what_is_anothers(nation: Instance, region: Instance) -> None:
    routes = (routed(1, KATOWICE), routed(2), unroutable(3), routed(0, KATOWICE))  # report 0 was sent before
    each_hears((nation, region), *(submitted(number) for number in range(4)), *routes)
    assert reports(region.says()) == [report_id(1)]
    assert reports(nation.says()) == sorted(map(report_id, (0, 2, 3)))
    each_hears((nation, region), *routes, *(submitted(number) for number in range(4)))  # once more
    assert not region.says()
    assert not nation.says()


def test_numbers_of_one_garrison_by_two_instances_have_not_the_same_length(nation: Instance, region: Instance) -> None:
    each_hears((nation, region), submitted(0), submitted(1), routed(0, KATOWICE), routed(1, KATOWICE))
    [here], [there] = nation.says(), region.says()
    assert len(here.event.case_number) == len("KAT-26-123456-X")  # type: ignore[union-attr]
    assert len(there.event.case_number) == len("KAT-26-12345678-X")  # type: ignore[union-attr]


def worked_in_opole(nation: Instance, region: Instance) -> Any:
    """Report 1, with all that a case can have that may go: words, checks, a question, an ended referral, supports."""
    each_hears(
        (nation, region),
        ReportContent(report_id=ONE, description="Auta na trawniku."),
        submitted(weekdays=(1, 5), emergency_like=True),
        routed(),
        supported(1, "a"),
    )
    coordinator = nation.officer("coordinator", OPOLE.unit, "OPO")
    coordinator.change("take-up")
    found = {"finding": "found", "checked_at": (SUBMITTED + timedelta(hours=1)).isoformat(), "note": "Stoją."}
    assert coordinator.post("checks", found).is_success
    coordinator.change("ask", "confirm", "refer", "return")
    words = FollowUpWords(report_id=ONE, follow_up=uuid5(ONE, "words"), text="Po lewej.")
    answer = QuestionAnswered(report_id=ONE, said_at=SUBMITTED + timedelta(hours=2), question=1)
    each_hears((nation, region), words, received(answer))
    return coordinator


def transfer(coordinator: Any, to: str = "KMP-2469") -> Any:
    return coordinator.post("transfer", {"to": to, "reason": "to jednak Katowice"})


def test_a_case_goes_whole_and_goes_on_with_the_next_version(nation: Instance, region: Instance) -> None:
    coordinator = worked_in_opole(nation, region)
    before = coordinator.detail()
    answer = transfer(coordinator)
    assert answer.is_success, answer.text
    assert answer.json()["owner"]["unit"] == KATOWICE.unit
    said = nation.says()
    assert changes(said)[-1] == ("CaseTransferred", before["version"] + 1)

    region.hear(*said)
    officer = region.officer("coordinator", KATOWICE.unit, "KAT")
    after = officer.detail()
    its_place = {"owner", "district_name", "allowed", "version", "changed_at", "history", "checks"}
    same = set(before) - its_place - {"clocks", "due_at", "overdue"}  # which its own monitor says
    assert {name: after[name] for name in same} == {name: before[name] for name in same}
    assert after["version"] == before["version"] + 1
    assert [entry["what"] for entry in after["history"]] == ["CaseTransferred"]
    assert after["history"][0]["detail"]["previous"]["unit"] == OPOLE.unit
    officer.change("eliminate")
    assert changes(region.says()) == [("CaseEliminated", before["version"] + 2)]


def test_it_is_not_where_it_came_from_any_more(nation: Instance, region: Instance) -> None:
    coordinator = worked_in_opole(nation, region)
    assert transfer(coordinator).is_success
    nation.hear(*nation.says())
    for officer in (coordinator, nation.officer("headquarters")):
        assert officer.detail()["status"] == 404
        assert officer.post("task", {"due_at": "2099-01-01T00:00:00Z"}, version=9).status_code == 404
    nation.hear(submitted(), routed(), supported(1, "b"))
    assert not changes(nation.says())


def test_what_a_citizen_says_meanwhile_counts_once_whoever_heard_it_when(nation: Instance, region: Instance) -> None:
    """The sender has heard a, the receiver a and b before the case comes, and both hear everything again after it."""
    each_hears((nation, region), submitted(), routed(), supported(1, "a"))
    region.hear(supported(1, "b", 6))
    assert transfer(nation.officer("coordinator", OPOLE.unit, "OPO")).is_success
    region.hear(*nation.says())
    each_hears((nation, region), supported(1, "a"), supported(1, "b", 6), supported(1, "c", 7))
    assert not changes(nation.says())
    counted = [m.event.supporters for m in region.says() if isinstance(m.event, CaseSupported)]
    assert counted == [2, 3]


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_in_whichever_order_the_receiver_reads_the_topics(
    nation: Instance, region: Instance, order: tuple[int, ...]
) -> None:
    nation.hear(ReportContent(report_id=ONE, description="Auta."), submitted(), routed())
    assert transfer(nation.officer("coordinator", OPOLE.unit, "OPO")).is_success
    said = nation.says()
    batches = [said, [received(submitted()), received(routed())], [received(supported(1, "a"))]]
    for number in order:
        region.hear(*batches[number])
    region.hear(*said)  # and once more
    detail = region.officer("coordinator", KATOWICE.unit, "KAT").detail()
    assert (detail["version"], detail["supporters"], detail["words"]["description"]) == (3, 1, "Auta.")
    assert changes(region.says()) == [("CaseSupported", 3)]


def test_there_and_back_it_is_one_case(nation: Instance, region: Instance) -> None:
    each_hears((nation, region), submitted(), routed(), supported(1, "a"))
    assert transfer(nation.officer("coordinator", OPOLE.unit, "OPO")).is_success
    region.hear(*nation.says())
    officer = region.officer("coordinator", KATOWICE.unit, "KAT")
    officer.change("take-up")
    assert transfer(officer, OPOLE.unit).is_success
    nation.hear(*region.says())
    detail = nation.officer("coordinator", OPOLE.unit, "OPO").detail()
    assert (detail["version"], detail["status"], detail["supporters"]) == (5, "verification", 1)
    whats = [entry["what"] for entry in detail["history"]]
    assert whats == ["CaseOpened", "CaseSupported", "CaseTransferred", "CaseTransferred"]
    assert region.officer("headquarters").detail()["status"] == 404


def test_a_corrected_place_leads_it_away_after_everything_else_of_the_batch(nation: Instance, region: Instance) -> None:
    each_hears((nation, region), submitted(), routed())
    coordinator = nation.officer("coordinator", OPOLE.unit, "OPO")
    assert coordinator.post("correct", {"longitude": 19.02, "latitude": 50.26}).is_success
    nation.says()
    each_hears((nation, region), routed(1, KATOWICE, place_version=2), supported(1, "a"))
    said = nation.says()
    assert changes(said) == [("CaseSupported", 3), ("CaseTransferred", 4)]
    region.hear(*said)
    detail = region.officer("coordinator", KATOWICE.unit, "KAT").detail()
    assert (detail["version"], detail["supporters"]) == (4, 1)
    assert not region.says()


def test_it_stays_while_an_agency_has_it_and_where_other_cases_ended_in_it(nation: Instance, region: Instance) -> None:
    each_hears((nation, region), *map(submitted, (1, 2)), *map(routed, (1, 2)))
    coordinator = nation.officer("coordinator", OPOLE.unit, "OPO")
    coordinator.change("take-up", "confirm", "refer")
    answer = transfer(coordinator)
    assert answer.status_code == 422
    assert "an agency has the case: take it back first" in answer.text
    coordinator.change("return")
    into = {"into": str(ONE), "reason": "to samo"}
    assert coordinator.post("merge", into, number=2).is_success
    answer = transfer(coordinator)
    assert answer.status_code == 422
    assert "other cases ended in this one" in answer.text
    assert not [m for m in nation.says() if isinstance(m.event, CaseTransferred | CaseHandedOver)]


def test_an_agencys_answer_is_for_the_one_that_has_the_case_alone(nation: Instance, region: Instance) -> None:
    each_hears((nation, region), submitted(), routed(1, KATOWICE))
    region.officer("coordinator", KATOWICE.unit, "KAT").change("take-up", "confirm", "refer")
    made = next(m.event for m in region.says() if type(m.event).__name__ == "CaseReferred")
    closed = ReferralClosed(report_id=ONE, referral_id=made.referral_id, answered_at=SUBMITTED)  # type: ignore[union-attr]
    each_hears((nation, region), received(closed, topic=answer_topic("road-manager")))
    assert not nation.says()
    assert changes(region.says())[-1][0] == "CaseEliminated"


def test_what_is_read_of_others_reports_is_forgotten_after_a_week(nation: Instance, region: Instance) -> None:
    of_others = (ReportContent(report_id=ONE, description="Auta."), submitted(), routed(), supported(1, "a"))
    own = (ReportContent(report_id=report_id(2), description="Psy."), submitted(2), routed(2, KATOWICE))
    each_hears((nation, region), *of_others, *own)
    for instance in (nation, region):
        with instance.database.transaction() as connection:
            connection.execute("update words set since = since - interval '8 days'")
            connection.execute("update report set submitted_at = now() - interval '8 days'")
            delete_elsewhere(connection, partial(sent_lately, instance.region))
    assert (count(nation, "report"), count(nation, "words"), count(nation, "cases")) == (1, 1, 1)
    assert (count(region, "report"), count(region, "words"), count(region, "follow_up")) == (1, 1, 0)


def test_words_that_were_erased_do_not_come_back_by_a_hand_over(nation: Instance, region: Instance) -> None:
    each_hears((nation, region), ReportContent(report_id=ONE, description="Auta."), submitted(), routed())
    withdrawn = ReportWithdrawn(report_id=ONE, said_at=SUBMITTED + timedelta(hours=1))
    each_hears((nation, region), withdrawn)
    each_hears((nation, region), ErasureRequested(report_id=ONE, said_at=SUBMITTED + timedelta(hours=1)))
    nation.says()
    assert transfer(nation.officer("coordinator", OPOLE.unit, "OPO")).is_success
    said = nation.says()
    assert not [m for m in said if isinstance(m.event, ReportContent)]
    region.hear(*said)
    detail = region.officer("coordinator", KATOWICE.unit, "KAT").detail()
    assert (detail["words"] or {}).get("description") is None
    assert detail["withdrawn"]
