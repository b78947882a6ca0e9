"""What agencies answer: it changes the case once, from the agency that was asked, while the referral is open."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from chassis.kafka.messages import Received
from chassis.postgres import Database
from contracts.envelope import Unusable
from contracts.events import cases
from contracts.events.referrals import ReferralAcknowledged, ReferralClosed, ReferralDeclined, ReferralProgressed
from contracts.statuses import Status
from contracts.topics import AGENCY_ANSWER, answer_topic
from support.casework.openings import routed, submitted
from support.events import SUBMITTED, received, report_id

Consume = Callable[..., None]
Outbox = Callable[[], list[Any]]


@pytest.fixture
def referred(consume: Consume, service: Database) -> UUID:
    """Report 1, referred to the road manager."""
    consume(received(submitted()), received(routed()))
    with service.transaction() as connection:
        connection.execute(
            "update cases set status = 'referred', version = 4, referrals = 1, referral_id = %s,"
            " agency = 'road-manager'",
            (UUID(int=7),),
        )
        connection.execute(
            "insert into referral (referral_id, report_id, number, agency, made_at) values (%s, %s, 1, %s, now())",
            (UUID(int=7), report_id(1), "road-manager"),
        )
    return UUID(int=7)


def answer(kind: Any, referral: UUID, agency: str = "road-manager", minutes: int = 0, **more: Any) -> Received:
    said_at = SUBMITTED + timedelta(minutes=minutes)
    event = kind(report_id=report_id(1), referral_id=referral, answered_at=said_at, **more)
    return received(event, topic=answer_topic(agency))


def test_an_agency_acknowledges_works_and_closes(
    consume: Consume, outbox: Outbox, service: Database, referred: UUID
) -> None:
    batch = [
        answer(ReferralAcknowledged, referred),
        answer(ReferralProgressed, referred, minutes=1),
        answer(ReferralClosed, referred, minutes=2),
        answer(ReferralAcknowledged, referred, minutes=3),  # late: only noted
    ]
    for _ in range(2):
        consume(*batch)
    acknowledged, eliminated = [message.data for message in outbox()[1:]]
    assert isinstance(acknowledged, cases.CaseAcknowledged)
    assert isinstance(eliminated, cases.CaseEliminated)
    assert (acknowledged.version, acknowledged.status, acknowledged.actor) == (5, Status.REFERRED, "agency")
    assert (eliminated.version, eliminated.status, eliminated.referral) == (6, Status.ELIMINATED, 1)
    with service.transaction() as connection:
        noted = connection.execute("select what from history where version is null order by entry").fetchall()
        ended = connection.execute("select outcome, ended_at is not null as ended from referral").fetchone()
    assert [row["what"] for row in noted] == ["ReferralProgressed", "ReferralAcknowledged"]
    assert ended == {"outcome": "CaseEliminated", "ended": True}


def test_an_agency_that_declines_names_who_answers(
    consume: Consume, outbox: Outbox, service: Database, referred: UUID
) -> None:
    declined = answer(ReferralDeclined, referred, responsible_agency="Zarząd Dróg Powiatowych w Opolu")
    consume(declined)
    consume(declined)
    (returned,) = [message.data for message in outbox()[1:]]
    assert isinstance(returned, cases.CaseReturned)
    assert (returned.declined, returned.status, returned.agency) == (True, Status.CONFIRMED, "road-manager")
    with service.transaction() as connection:
        kept = connection.execute("select outcome, responsible_agency from referral").fetchone()
    assert kept == {"outcome": "declined", "responsible_agency": "Zarząd Dróg Powiatowych w Opolu"}


def test_an_answer_counts_only_from_the_agency_that_was_asked(consume: Consume, outbox: Outbox, referred: UUID) -> None:
    for wrong in (
        answer(ReferralClosed, referred, agency="railways"),
        answer(ReferralClosed, UUID(int=8)),
        received(
            ReferralClosed(report_id=report_id(2), referral_id=referred, answered_at=SUBMITTED),
            topic=answer_topic("road-manager"),
        ),
    ):
        with pytest.raises(Unusable):
            consume(wrong)
    assert len(outbox()) == 1


def test_an_answer_passed_on_by_the_notifier_counts_for_the_agency_it_names(
    consume: Consume, outbox: Outbox, referred: UUID
) -> None:
    said: dict[str, Any] = {"report_id": report_id(1), "referral_id": referred, "answered_at": SUBMITTED}
    for named in ("railways", None):
        with pytest.raises(Unusable, match="was made to this agency"):
            consume(received(ReferralClosed(**said, agency=named), topic=AGENCY_ANSWER))
    consume(received(ReferralAcknowledged(**said, agency="road-manager"), topic=AGENCY_ANSWER))
    (acknowledged,) = [message.data for message in outbox()[1:]]
    assert isinstance(acknowledged, cases.CaseAcknowledged)
    assert acknowledged.agency == "road-manager"


def test_on_a_topic_of_its_own_an_agency_is_who_its_topic_says(consume: Consume, referred: UUID) -> None:
    with pytest.raises(Unusable, match="was made to this agency"):
        consume(
            received(
                ReferralClosed(
                    report_id=report_id(1), referral_id=referred, answered_at=SUBMITTED, agency="road-manager"
                ),
                topic=answer_topic("railways"),
            )
        )


def test_who_works_on_it_has_it(consume: Consume, outbox: Outbox, referred: UUID) -> None:
    consume(answer(ReferralProgressed, referred))
    (acknowledged,) = [message.data for message in outbox()[1:]]
    assert isinstance(acknowledged, cases.CaseAcknowledged)
