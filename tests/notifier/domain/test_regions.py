"""Two notifiers: officers and agencies hear of each thing from one, and citizens from the nation's alone."""

from datetime import timedelta

import pytest
from contracts.base import HEADQUARTERS, Event, Owner
from contracts.envelope import Envelope
from contracts.events.cases import CaseConfirmed, CaseOpened, CaseReferred, CaseTakenUp, CaseTransferred
from contracts.events.clocks import DeadlineMissed
from contracts.events.notices import Audience
from contracts.events.reports import ErasureRequested
from contracts.policy.regions import Change, Plan, Region
from notifier.directory import parse_directory
from notifier.domain.effects import Arrival, Configuration, effects
from notifier.domain.notices import ScheduledNotice
from notifier.domain.regions.told import concerns, is_told_here
from notifier.domain.reports import Report
from support.agencies import AGENCIES
from support.events import OPOLE, SUBMITTED, received
from support.histories import Life, terms_in_seconds
from support.notifier.notifying import DIRECTORY, clock, contact

KATOWICE = Owner(garrison="KAT", unit="KMP-2469", unit_name="Komenda Miejska Policji w Katowicach")
PLAN = Plan(change=(Change(garrison="KAT", instance="katowice", since=SUBMITTED),))
NATION, REGION = Region(PLAN), Region(PLAN, "katowice")


def envelope(event: Event, source: str = "test") -> Envelope:
    read = received(event).envelope
    assert read is not None
    return Envelope(
        **{name: getattr(read, name) for name in Envelope.__dataclass_fields__} | {"source": f"/kmzb/{source}"}
    )


def scheduled(region: Region, *envelopes: Envelope) -> list[ScheduledNotice]:
    """What an instance notes for somebody, of what it reads of that."""
    configuration = Configuration(
        terms_in_seconds(), parse_directory(DIRECTORY), AGENCIES, timedelta(days=7), region=region
    )
    read = [each for each in envelopes if concerns(region, each)]
    arrivals = [Arrival(each.data.report_id, each) for each in read]  # type: ignore[attr-defined]  # all are reports'
    known = {arrival.report_id: Report(arrival.report_id) for arrival in arrivals}
    return effects(configuration, known, arrivals, SUBMITTED).notices


def told(region: Region, *envelopes: Envelope) -> set[tuple[Audience, str | None]]:
    return {(each.notice.audience, each.notice.recipient) for each in scheduled(region, *envelopes)}


@pytest.mark.parametrize("owner", [OPOLE, KATOWICE, HEADQUARTERS], ids=lambda owner: owner.garrison)
def test_of_each_event_officers_and_agencies_hear_from_one_instance(owner: Owner) -> None:
    life = Life(1, owner=owner).then(CaseOpened, 1).then(CaseTakenUp, 2).then(CaseConfirmed, 3).then(CaseReferred, 4)
    nation, region = told(NATION, *map(envelope, life.events)), told(REGION, *map(envelope, life.events))
    assert not nation & region
    mine, other = (region, nation) if owner is KATOWICE else (nation, region)
    assert (Audience.AGENCY, "road-manager") in mine
    assert not other


def test_who_gets_a_case_is_told_by_who_answers_for_them() -> None:
    away = envelope(Life(1, owner=KATOWICE).then(CaseOpened, 1).then(CaseTransferred, 2, previous=OPOLE).changes[-1])
    assert not told(NATION, away)
    assert told(REGION, away) == {(Audience.UNIT, KATOWICE.unit)}


def test_of_a_clock_they_hear_from_the_monitor_that_keeps_it() -> None:
    missed = DeadlineMissed(**clock(Life(1, owner=KATOWICE), KATOWICE))
    own, nations = envelope(missed, "sla-monitor.katowice"), envelope(missed, "sla-monitor")
    assert told(REGION, own) == told(NATION, nations) == {(Audience.UNIT, KATOWICE.unit)}
    assert not told(NATION, own)
    assert not told(REGION, nations)


def test_a_region_reads_nothing_of_citizens() -> None:
    life = Life(1, owner=KATOWICE)
    asked = ErasureRequested(report_id=life.id, said_at=SUBMITTED)
    assert not any(concerns(REGION, envelope(event)) for event in (contact(life), life.submitted, asked))
    assert not concerns(REGION, None)  # the tombstone of a contact
    assert concerns(NATION, None)


def test_citizens_of_a_region_are_asked_by_the_nations() -> None:
    life = Life(1, owner=KATOWICE).then(CaseOpened, 1)
    everything = [envelope(event) for event in (contact(life), *life.events)]
    assert (Audience.CITIZEN, None) in told(NATION, *everything)
    assert (Audience.CITIZEN, None) not in told(REGION, *everything)
    assert not is_told_here(NATION, everything[-1])
