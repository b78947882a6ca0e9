"""What a batch changes, without a database: repeats, withdrawals, erasures, events that cannot be timed."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from contracts.base import Event
from contracts.envelope import Envelope, Unusable
from contracts.events.cases import CaseOpened, CaseReferred
from contracts.events.clocks import Clock, ClockStopped, Escalation, Step, step_id
from contracts.events.notices import Audience, Channel
from contracts.events.reports import ErasureRequested
from notifier.directory import parse_directory
from notifier.domain.effects import Arrival, Configuration, Effects, effects
from notifier.domain.reports import Contact, Report
from notifier.domain.withdrawals import Informed, corrections
from support.agencies import AGENCIES
from support.events import OPOLE, SUBMITTED, outgoing, received, report_id
from support.histories import Life, terms_in_seconds
from support.next_release import from_next_release, received_by_base
from support.notifier.notifying import DIRECTORY

CONFIGURATION = Configuration(terms_in_seconds(), parse_directory(DIRECTORY), AGENCIES, timedelta(days=7))
LATER = SUBMITTED + timedelta(minutes=1)


def envelope_of(event: Event) -> Envelope:
    """The event as it is read."""
    envelope = received(event).envelope
    assert envelope is not None
    return envelope


def decided(*events: Any, reports: Sequence[Report] = ()) -> Effects:
    """What the events change; None among them is a tombstone of report 1's contact."""
    arrivals = [
        Arrival(report_id(1), None) if event is None else Arrival(event.report_id, envelope_of(event))
        for event in events
    ]
    known: dict[UUID, Report] = {arrival.report_id: Report(arrival.report_id) for arrival in arrivals}
    return effects(CONFIGURATION, known | {report.report_id: report for report in reports}, arrivals, LATER)


def stopped(*, withdraws_miss: bool, withdraws_escalations: tuple[Escalation, ...] = ()) -> ClockStopped:
    return ClockStopped(
        report_id=report_id(1),
        clock=Clock.TAKE_UP,
        cycle=1,
        owner=OPOLE,
        started_at=SUBMITTED,
        due_at=SUBMITTED,
        terms="seconds",
        stopped_at=SUBMITTED,
        outcome="met" if withdraws_miss else "missed",
        withdraws_miss=withdraws_miss,
        withdraws_escalations=withdraws_escalations,
    )


def step(step: Step) -> UUID:
    return step_id(report_id(1), Clock.TAKE_UP, 1, step)


def test_a_referral_that_comes_twice_in_a_batch_is_made_once() -> None:
    referred = Life(1).then(CaseOpened, 1).then(CaseReferred, 2).changes[-1]
    effects_of_both = decided(referred, referred)
    (referral,) = effects_of_both.referrals
    assert referral.notice.channel is Channel.TOPIC
    assert referral.message.topic == "kmzb.partner.road-manager.referral.v1"
    assert len({scheduled.id for scheduled in effects_of_both.notices}) == len(effects_of_both.notices) / 2


def test_nothing_new_about_a_report_is_nothing_to_write() -> None:
    life = Life(1).then(CaseOpened, 1)
    (after,) = decided(*life.events).reports
    assert decided(*life.events, reports=[after]).reports == []


def test_of_newer_writers_the_base_says_who_answers_and_for_what() -> None:
    life = Life(1)
    newer = [
        received_by_base(from_next_release(outgoing(life.submitted), event="ReportTelephoned")),
        received_by_base(from_next_release(outgoing(life.routed), event="ReportRoutedByHand")),
    ]
    arrivals = [Arrival(life.id, message.envelope) for message in newer]
    [report] = effects(CONFIGURATION, {life.id: Report(life.id)}, arrivals, LATER).reports
    assert (report.submitted, report.category, report.unit) == (True, "parking", OPOLE.unit)


def test_a_stop_withdraws_the_warning_and_only_a_wrong_one_the_miss() -> None:
    wrong = decided(stopped(withdraws_miss=True))
    misses = {step(Step.MISSED), step(Step.GARRISON), step(Step.HEADQUARTERS)}
    assert wrong.withdrawn_misses == misses
    assert wrong.withdrawn_steps == misses | {step(Step.APPROACHING)}
    right = decided(stopped(withdraws_miss=False))
    assert right.withdrawn_misses == set()
    assert right.withdrawn_steps == {step(Step.APPROACHING)}


def test_a_late_stop_withdraws_the_escalations_that_were_not_due_by_then_and_not_the_miss() -> None:
    found = decided(stopped(withdraws_miss=False, withdraws_escalations=("headquarters",)))
    assert found.withdrawn_misses == {step(Step.HEADQUARTERS)}
    assert found.withdrawn_steps == {step(Step.HEADQUARTERS), step(Step.APPROACHING)}
    informed = [Informed(step(Step.HEADQUARTERS), Audience.HEADQUARTERS, "KGP", Channel.EMAIL)]
    [correction] = corrections(found.withdrawals, informed, LATER)
    assert correction.notice.kind == "escalation-withdrawn"
    assert (correction.notice.recipient, correction.channel) == ("KGP", Channel.EMAIL)


def test_whoever_was_informed_of_a_wrong_miss_is_owed_a_correction_by_the_same_channel() -> None:
    withdrawals = decided(stopped(withdraws_miss=True)).withdrawals
    informed = [
        Informed(step(Step.MISSED), Audience.UNIT, "KMP-1661", Channel.EMAIL),
        Informed(step(Step.GARRISON), Audience.GARRISON, "OPO", Channel.LOG),
    ]
    found = [
        (scheduled.notice.audience, scheduled.notice.recipient, scheduled.channel, scheduled.due_at)
        for scheduled in corrections(withdrawals, informed, LATER)
    ]
    assert found == [
        (Audience.UNIT, "KMP-1661", Channel.EMAIL, LATER),
        (Audience.GARRISON, "OPO", Channel.LOG, LATER),
    ]


def test_an_erasure_is_asked_for_by_the_citizen_or_done_by_a_tombstone() -> None:
    known = Report(report_id(1), submitted=True, contact=Contact("sealed", "pl", report_id(2), SUBMITTED))
    asked = decided(ErasureRequested(report_id=report_id(1), said_at=SUBMITTED), reports=[known])
    assert (asked.erasures_requested, asked.contacts_removed) == ([report_id(1)], [])
    done = decided(None, reports=[known])
    assert (done.erasures_requested, done.contacts_removed) == ([], [report_id(1)])
    assert [report.contact for report in done.reports] == [Contact(None, "pl", report_id(2), SUBMITTED)]


@pytest.mark.parametrize("year", [2000, 2016])
def test_a_change_from_before_the_first_terms_is_unusable(year: int) -> None:
    life = Life(1, start=datetime(year, 1, 1, tzinfo=SUBMITTED.tzinfo)).then(CaseOpened, 1)
    with pytest.raises(Unusable, match="terms"):
        decided(*life.events)
