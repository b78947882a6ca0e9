"""What breaks off an attempt is that delivery's result and no other's; and who goes before whom."""

from contextlib import closing
from datetime import timedelta

import pytest
from chassis.clock import now
from contracts.events.cases import CaseOpened
from contracts.events.clocks import DeadlineEscalated, DeadlineMissed
from contracts.events.notices import Channel
from notifier.delivery.attempts import Attempts, HandOver
from notifier.delivery.dispatcher import group_due
from notifier.delivery.sender import BATCH
from notifier.domain.deliveries import AttemptResult, Delivery, Outcome
from notifier.store.deliveries import claim_deliveries
from support.agencies import AGENCIES
from support.events import received
from support.histories import Life
from support.notifier.mail import ScriptedMailServer
from support.notifier.notifying import Service, clock, contact


@pytest.fixture
def life(service: Service) -> Life:
    """A report that headquarters is notified of at once."""
    made = Life(1).then(CaseOpened, 1, routed=False)
    service.handle(*made.events)
    return made


def test_a_lease_that_ended_stops_the_mail_before_it_leaves(service: Service, smtp: ScriptedMailServer) -> None:
    service.handle(*Life(1).then(CaseOpened, 1, routed=False).events)
    group_due(service.database)
    short = Service(service.settings.model_copy(update={"lease": timedelta(0)}), service.database)
    assert short.send_one()
    assert not smtp.mails


class Odd(Exception):
    """An exception nobody has thought of."""


@pytest.mark.parametrize(
    "error", [Odd, ValueError, KeyError, RecursionError, MemoryError, UnicodeError, AssertionError]
)
def test_whatever_is_raised_while_a_mail_is_made_is_that_deliverys_result(
    service: Service, smtp: ScriptedMailServer, error: type[Exception]
) -> None:
    def read() -> Delivery:
        raise error("kowalska@obywatel.example")

    with closing(Attempts(service.settings, AGENCIES)) as attempts:
        result = attempts.make(read, HandOver(lambda target: None))
    assert result == AttemptResult(Outcome.DEFERRED, error.__name__)


@pytest.mark.parametrize(
    "damage",
    [
        "update notice set details = '{}x'",
        "update notice set details = '{\"clock\": 5}'",
        "update notice set kind = 'of-tomorrow'",
        'update notice set details = \'{"case_number": "OPO\\r\\nBcc: x@y.example"}\'',
    ],
)
def test_one_delivery_that_breaks_off_ends_no_sender_and_the_others_go_out(
    service: Service, smtp: ScriptedMailServer, life: Life, damage: str
) -> None:
    service.execute(damage)
    service.handle(*Life(2).then(CaseOpened, 1, routed=False).events)
    later = Service(service.settings.model_copy(update={"retry_first": timedelta(minutes=1)}), service.database)
    assert later.send_due() == 2
    assert len(smtp.mails) == 1
    states = {row["report_id"]: row["state"] for row in service.query("select report_id, state from ledger")}
    assert states == {life.id: "pending", Life(2).id: "sent"}
    assert service.announced() == [("NoticeSent", 1)]


def test_what_was_missed_leaves_before_what_can_wait(service: Service, smtp: ScriptedMailServer) -> None:
    many = [Life(number) for number in range(1, BATCH + 6)]  # more than are claimed at once
    for made in many:
        service.handle(received(contact(made, f"jan.{made.id.hex}@obywatel.example"), at=now()), made.submitted)
    missed = Life(99).then(CaseOpened, 1)
    service.handle(*missed.events)
    group_due(service.database)
    service.handle(DeadlineMissed(**clock(missed)), DeadlineEscalated(**clock(missed), to="garrison"))
    service.send_due()
    first = [subject for _, subject in smtp.summaries[:2]]
    assert sorted(subject[:20] for subject in first) == ["[KMZB] ESKALACJA: te", "[KMZB] TERMIN PRZEKR"]


def test_a_sender_for_what_cannot_wait_leaves_the_rest_to_others(service: Service) -> None:
    made = Life(1)
    service.handle(received(contact(made), at=now()), made.submitted)
    group_due(service.database)
    assert not service.send_one(urgent_only=True)


def test_a_slow_webhook_has_one_sender_and_no_more(service: Service, life: Life) -> None:
    service.handle(*Life(2).then(CaseOpened, 1, routed=False).events)
    service.execute("update notice set channel = 'webhook'")
    service.handle(*Life(3).then(CaseOpened, 1).events)
    service.execute("update notice set channel = 'webhook'")
    group_due(service.database)
    claimed = []
    for _ in range(3):
        with service.database.transaction() as connection:
            claimed.append(claim_deliveries(connection, Channel.WEBHOOK, service.settings.lease, 5))
    assert [[item.delivery.recipient for item in batch] for batch in claimed] == [["KGP"], ["KMP-1661"], []]


@pytest.mark.parametrize(("answer", "attempts"), [("550 5.1.1", 1), ("552 5.2.2", 7)])
def test_a_miss_that_reaches_nobody_goes_up_the_chain(
    service: Service, smtp: ScriptedMailServer, answer: str, attempts: int
) -> None:
    made = Life(1)
    service.handle(*made.events, DeadlineMissed(**clock(made)))
    group_due(service.database)
    smtp.rcpt_answer = answer
    for told in (["KMP-1661"], ["KMP-1661", "OPO"], ["KGP", "KMP-1661", "OPO"]):
        assert sorted(recipient for _, recipient, _ in service.ledger()) == told
        for _ in range(attempts):
            assert service.send_one()
        service.execute("update delivery set due_at = now() + interval '1 day' where state = 'pending'")
        group_due(service.database)
    assert sorted(recipient for _, recipient, _ in service.ledger()) == told
    assert {kind for kind, _, _ in service.ledger()} == {"deadline-missed/email", "miss-undelivered/email"}
