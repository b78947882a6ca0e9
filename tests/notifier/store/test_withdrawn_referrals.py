"""An agency that has nothing left to do is told so, on its topic and by mail, once; one that ended it itself is not."""

from random import Random

import pytest
from contracts.events.cases import (
    CaseChange,
    CaseConfirmed,
    CaseEliminated,
    CaseOpened,
    CaseReferred,
    CaseReturned,
    CaseTakenUp,
    Role,
)
from contracts.events.referrals import Referral, ReferralMade, ReferralWithdrawn
from support.histories import Life
from support.notifier.mail import ScriptedMailServer
from support.notifier.notifying import Service

AGENCY = "road-manager@agencja.example"


def referred() -> Life:
    return Life(1).then(CaseOpened, 1).then(CaseTakenUp, 2).then(CaseConfirmed, 3).then(CaseReferred, 4)


def said(service: Service) -> list[Referral]:
    """What stands on the agency's topic, in order; each message says it under an id of its own."""
    envelopes = [envelope for envelope in service.published() if isinstance(envelope.data, Referral)]
    assert len({envelope.id for envelope in envelopes}) == len(envelopes)
    return [envelope.data for envelope in envelopes if isinstance(envelope.data, Referral)]


@pytest.mark.parametrize(("ending", "reason"), [(CaseReturned, "taken_back"), (CaseEliminated, "eliminated")])
@pytest.mark.parametrize("seed", range(4))
def test_an_agency_is_told_once_that_nothing_is_left_to_do(
    service: Service, smtp: ScriptedMailServer, ending: type[CaseChange], reason: str, seed: int
) -> None:
    life = referred().then(ending, 5, actor=Role.COORDINATOR)
    chance, events = Random(seed), [*life.events, *life.changes]
    chance.shuffle(events)
    for event in events:
        service.handle(event)
    service.send_due()
    made, withdrawn = sorted(said(service), key=lambda event: isinstance(event, ReferralWithdrawn))
    assert isinstance(made, ReferralMade)
    assert isinstance(withdrawn, ReferralWithdrawn)
    assert (withdrawn.reason, withdrawn.agency, withdrawn.case_number) == (reason, "road-manager", made.case_number)
    assert withdrawn.referral_id == made.referral_id
    assert withdrawn.withdrawn_at == life.changes[-1].changed_at
    topics = service.query("select distinct topic, key from outbox where topic like '%%partner%%'")
    assert topics == [{"topic": "kmzb.partner.road-manager.referral.v1", "key": str(life.id).encode()}]
    mails = [mail for mail in smtp.mails if mail["To"] == AGENCY]
    assert sorted("wycofane" in mail["Subject"] for mail in mails) == [False, True]
    (last,) = [mail.get_content() for mail in mails if "wycofane" in mail["Subject"]]
    assert "Nie trzeba już nic robić." in last


def test_what_is_read_in_order_is_said_in_order(service: Service) -> None:
    life = referred().then(CaseReturned, 5).then(CaseReferred, 6).then(CaseEliminated, 7, actor=Role.COORDINATOR)
    service.handle(*life.events)
    order = [(type(event), event.referral_id) for event in said(service)]
    first, second = (change.referral_id for change in life.changes if isinstance(change, CaseReferred))
    assert first != second
    assert order == [
        (ReferralMade, first),
        (ReferralWithdrawn, first),
        (ReferralMade, second),
        (ReferralWithdrawn, second),
    ]


@pytest.mark.parametrize(
    ("ending", "more"), [(CaseReturned, {"declined": True}), (CaseEliminated, {"actor": Role.AGENCY})]
)
def test_what_the_agency_ended_itself_is_not_withdrawn(
    service: Service, ending: type[CaseChange], more: dict[str, object]
) -> None:
    service.handle(*referred().then(ending, 5, **more).events)
    assert [type(event) for event in said(service)] == [ReferralMade]


def test_a_case_without_a_referral_withdraws_none(service: Service) -> None:
    life = referred().then(CaseReturned, 5).then(CaseEliminated, 6, actor=Role.COORDINATOR)
    service.handle(*life.events)
    assert [type(event) for event in said(service)] == [ReferralMade, ReferralWithdrawn]
