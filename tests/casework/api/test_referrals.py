"""A referral that the unit ends: what is published names the agency to be told; an answer after it changes nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from chassis.clock import now
from contracts.events.cases import CaseAcknowledged, CaseChange, CaseEliminated, CaseReferred, CaseReturned, Role
from contracts.events.referrals import ReferralAcknowledged, ReferralClosed, ReferralDeclined
from contracts.statuses import Status
from contracts.topics import answer_topic
from support.casework.officers import Officer
from support.events import received, report_id

Published = Callable[[], list[CaseChange]]


@pytest.mark.parametrize(("ending", "event"), [("return", CaseReturned), ("eliminate", CaseEliminated)])
def test_an_answer_after_the_unit_ended_the_referral_is_a_remark(
    coordinator: Officer,
    open_cases: Callable[..., None],
    consume: Callable[..., None],
    published: Published,
    ending: str,
    event: type[CaseChange],
) -> None:
    open_cases(1)
    coordinator.change("take-up", "confirm", "refer", ending)
    referred, ended = published()[-2:]
    assert isinstance(referred, CaseReferred)
    assert isinstance(ended, event)
    assert isinstance(ended, CaseReturned | CaseEliminated)
    assert (ended.agency, ended.referral_id) == (referred.agency, referred.referral_id)
    before = coordinator.detail()
    about: dict[str, Any] = {"report_id": report_id(1), "referral_id": referred.referral_id, "answered_at": now()}
    for answer in (
        ReferralAcknowledged(**about),
        ReferralDeclined(**about, responsible_agency="Zarząd Dróg"),
        ReferralClosed(**about),
    ):
        consume(received(answer, topic=answer_topic(referred.agency)))
    after = coordinator.detail()
    assert published()[-1] == ended
    assert (after["status"], after["version"]) == (before["status"], before["version"])
    added = [entry["what"] for entry in after["history"][len(before["history"]) :]]
    assert added == ["ReferralAcknowledged", "ReferralDeclined", "ReferralClosed"]


def test_what_the_agency_said_by_telephone_is_written_down_once(
    coordinator: Officer, open_cases: Callable[..., None], consume: Callable[..., None], published: Published
) -> None:
    open_cases(1)
    coordinator.change("take-up", "confirm", "refer")
    assert "acknowledge" in coordinator.detail()["allowed"]
    coordinator.change("acknowledge")
    taken = published()[-1]
    assert isinstance(taken, CaseAcknowledged)
    assert (taken.actor, taken.status) == (Role.COORDINATOR, Status.REFERRED)
    after = coordinator.detail()
    assert after["referrals"][0]["acknowledged_at"]
    assert after["referrals"][0]["channel"] == "topic"
    assert "acknowledge" not in after["allowed"]
    assert coordinator.post("acknowledge").status_code == 409
    said: dict[str, Any] = {"report_id": report_id(1), "referral_id": taken.referral_id, "answered_at": now()}
    consume(received(ReferralAcknowledged(**said), topic=answer_topic(taken.agency)))
    assert published()[-1] == taken


def test_what_was_taken_back_before_names_no_agency_when_the_case_ends(
    coordinator: Officer, open_cases: Callable[..., None], published: Published
) -> None:
    open_cases(1)
    coordinator.change("take-up", "confirm", "refer", "return", "eliminate")
    ended = published()[-1]
    assert isinstance(ended, CaseEliminated)
    assert (ended.referral, ended.agency, ended.referral_id) == (None, None, None)
