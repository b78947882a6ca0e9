"""What a batch changes, without a database: decided in one go, from what was known to what is to be written."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType
from uuid import UUID

import pytest
from casework.consumer.arrivals import Arrival, KnownState
from casework.consumer.effects import Effects, effects
from casework.consumer.openings import numbers_needed
from casework.domain.case import Case
from casework.domain.reports import RecordedFollowUp, Report, recorded_follow_up
from contracts.base import ReportEvent
from contracts.envelope import Envelope, Unusable
from contracts.events import cases
from contracts.events.referrals import ReferralAcknowledged, ReferralAnswer, ReferralClosed
from contracts.events.reports import ErasureRequested, ReportContested
from contracts.policy.terms import policy
from contracts.statuses import Status
from contracts.topics import answer_topic
from support.casework.case_states import case_in
from support.casework.officers import KATOWICE
from support.casework.openings import routed, submitted, supported, unroutable
from support.events import SUBMITTED, received, report_id

AT = SUBMITTED + timedelta(hours=1)
TERMS = policy()
REFERRAL = UUID(int=7)


def arrival(event: ReportEvent, agency: str = "road-manager") -> Arrival:
    """An event as it is read; answers come on the topic of `agency`."""
    answers = isinstance(event, ReferralAnswer)
    envelope = received(event, topic=answer_topic(agency) if answers else None).envelope
    assert envelope is not None
    return Arrival(envelope, agency if answers else None)


def known(
    *events: ReportEvent, of: tuple[Case, ...] = (), said: tuple[RecordedFollowUp, ...] = (), **more: object
) -> KnownState:
    """What is known of the reports of a batch: these cases, these follow-ups, the referral to the road manager."""
    reports = {event.report_id: Report(report_id=event.report_id) for event in events}
    locked: Mapping[UUID, Case] = MappingProxyType({case.report_id: case for case in of})
    needed = numbers_needed(reports, locked, [arrival(event) for event in events])
    nothing = KnownState(
        reports=MappingProxyType(reports),
        cases=locked,
        follow_ups=MappingProxyType({follow_up.key: follow_up for follow_up in said}),
        referrals={(REFERRAL, report_id(1)): "road-manager"},
        recorded=frozenset(),
        numbers={series: [f"{series[0]}-{number}" for number in range(count)] for series, count in needed.items()},
    )
    return replace(nothing, **more)  # type: ignore[arg-type]  # tests name fields


def decided(*events: ReportEvent, of: tuple[Case, ...] = (), said: tuple[RecordedFollowUp, ...] = ()) -> Effects:
    return effects(known(*events, of=of, said=said), [arrival(event) for event in events], AT, TERMS)


def changes(found: Effects) -> list[tuple[str, int]]:
    return [(type(change.event).__name__, change.event.version) for change in found.transitions]


def test_one_batch_opens_a_case_and_takes_in_what_was_said_of_it_meanwhile() -> None:
    contest = ReportContested(report_id=report_id(1), said_at=SUBMITTED)
    found = decided(supported(1, "b", 6), contest, routed(), supported(1, "a"), submitted(), supported(1, "a"))
    assert [opening.after.number for opening in found.openings] == ["OPO-0"]
    assert changes(found) == [("CaseSupported", 2), ("CaseSupported", 3)]
    assert found.transitions[-1].after.supporters == 2
    assert [(remark.what, remark.detail) for remark in found.remarks] == [("ReportContested", {"counted": False})]
    assert found.marked == []
    assert all(follow_up.applied for follow_up in found.follow_ups)
    assert (len(found.follow_ups), found.repeats) == (3, 1)


def test_what_was_known_is_left_as_it_was() -> None:
    before = known(supported(1, "a"), of=(case_in(Status.NEW),))
    found = effects(before, [arrival(supported(1, "a"))], AT, TERMS)
    assert changes(found) == [("CaseSupported", 2)]
    assert before.cases == {report_id(1): case_in(Status.NEW)}
    assert effects(before, [arrival(supported(1, "a"))], AT, TERMS) == found


def test_a_report_waits_for_the_half_that_is_missing() -> None:
    found = decided(submitted(1), routed(2), supported(3, "a"))
    assert found.openings == []
    assert {report.report_id for report in found.reports} == {report_id(1), report_id(2)}
    (waiting,) = found.follow_ups
    assert not waiting.applied


def test_what_nobody_was_found_for_opens_with_headquarters() -> None:
    (opening,) = decided(submitted(), unroutable()).openings
    assert isinstance(opening.event, cases.CaseOpened)
    assert (opening.after.owner.unit, opening.event.routed) == ("KGP", False)


def test_repeats_change_nothing_and_are_counted() -> None:
    first = decided(submitted(), routed())
    (report,) = first.reports
    again = effects(
        known(submitted(), of=(first.openings[0].after,), reports={report_id(1): report}),
        [arrival(submitted()), arrival(routed())],
        AT,
        TERMS,
    )
    assert (again.reports, again.openings, again.transitions, again.repeats) == ([], [], [], 2)


def test_a_support_waiting_from_before_is_applied_once_the_case_opens() -> None:
    waiting = recorded_follow_up(supported(1, "a"), UUID(int=5))
    found = decided(submitted(), routed(), said=(waiting,))
    assert changes(found) == [("CaseSupported", 2)]
    assert found.follow_ups == [replace(waiting, applied=True)]
    applied = replace(waiting, applied=True)
    assert changes(decided(supported(1, "a"), of=(case_in(),), said=(applied,))) == []


@pytest.mark.parametrize(
    ("category", "status", "expected"),
    [
        ("parking", Status.NEW, True),
        ("parking", Status.REFERRED, True),
        ("parking", Status.ELIMINATED, False),
        ("dangerous-venue", Status.VERIFICATION, False),  # shown only once confirmed
        ("dangerous-venue", Status.CONFIRMED, True),
        ("drug-use", Status.CONFIRMED, False),  # never shown
    ],
)
def test_a_support_counts_where_somebody_can_have_seen_the_report(
    category: str, status: Status, expected: bool
) -> None:
    found = decided(supported(1, "a"), of=(case_in(status, category=category),))
    assert [change.after.supporters for change in found.transitions] == ([1] if expected else [])
    assert [remark.detail for remark in found.remarks] == ([] if expected else [{"counted": False}])


def test_an_erasure_is_asked_for_once_with_or_without_a_case() -> None:
    erasure = ErasureRequested(report_id=report_id(1), said_at=SUBMITTED)
    assert decided(erasure).erasures == [report_id(1)]
    assert decided(erasure, said=(recorded_follow_up(erasure, UUID(int=5)),)).erasures == []


def test_a_corrected_place_takes_the_case_along_only_while_its_answer_is_awaited() -> None:
    answer = routed(1, KATOWICE, place_version=4)
    moved = decided(answer, of=(case_in(place_pending=4, version=4),))
    assert changes(moved) == [("CaseTransferred", 5)]
    assert moved.transitions[0].after.owner == KATOWICE
    for case in (
        case_in(place_pending=3),  # another correction's
        case_in(place_pending=None),  # somebody has transferred it since
        case_in(Status.REJECTED, place_pending=4),
        case_in(place_pending=4, merged_into=report_id(2)),
        case_in(place_pending=4, owner=KATOWICE),
    ):
        assert changes(decided(answer, of=(case,))) == []


def test_answers_of_one_batch_follow_each_other() -> None:
    acknowledged = ReferralAcknowledged(report_id=report_id(1), referral_id=REFERRAL, answered_at=SUBMITTED)
    closed = ReferralClosed(report_id=report_id(1), referral_id=REFERRAL, answered_at=SUBMITTED)
    found = decided(acknowledged, closed, acknowledged, of=(case_in(Status.REFERRED),))
    assert changes(found) == [("CaseAcknowledged", 2), ("CaseEliminated", 3)]
    assert found.remarks == []  # the same answer a second time is no other
    late = decided(closed, acknowledged, of=(case_in(Status.REFERRED),))
    assert changes(late) == [("CaseEliminated", 2)]
    assert [remark.what for remark in late.remarks] == ["ReferralAcknowledged"]


def test_an_answer_that_stands_in_the_history_is_not_taken_in_again() -> None:
    closed = arrival(ReferralClosed(report_id=report_id(1), referral_id=REFERRAL, answered_at=SUBMITTED))
    before = known(closed.event, of=(case_in(Status.REFERRED),), recorded={closed.envelope.id})
    found = effects(before, [closed], AT, TERMS)
    assert (found.transitions, found.remarks) == ([], [])


def test_an_answer_from_who_was_not_asked_stops_the_batch() -> None:
    closed = ReferralClosed(report_id=report_id(1), referral_id=REFERRAL, answered_at=SUBMITTED)
    stranger = arrival(closed, agency="railways")
    with pytest.raises(Unusable):
        effects(known(closed, of=(case_in(Status.REFERRED),)), [arrival(submitted()), stranger], AT, TERMS)


def test_transitions_name_what_they_followed_from() -> None:
    support = arrival(supported(1, "a"))
    (change,) = effects(known(support.event, of=(case_in(),)), [support], AT, TERMS).transitions
    assert isinstance(change.cause, Envelope)
    assert change.cause.id == support.envelope.id
