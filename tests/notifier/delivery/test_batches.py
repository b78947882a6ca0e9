"""Deliveries are claimed some at a time: what is tried, in which order, and what becomes of those that are not."""

from collections.abc import Callable
from datetime import timedelta
from threading import Event, Thread

import pytest
from chassis.clock import now
from chassis.health import Health
from contracts.events.cases import CaseOpened, CaseTakenUp, CaseUnconfirmed
from contracts.events.clocks import DeadlineMissed
from contracts.events.notices import Channel
from contracts.events.reports import ErasureRequested
from notifier.app import keep_house
from notifier.delivery.dispatcher import Dispatcher, group_due
from notifier.delivery.sender import BATCH, Sender
from notifier.settings import Settings
from notifier.store.deliveries import claim_deliveries, update_delivery_handed_over
from support.agencies import AGENCIES
from support.effects import running
from support.events import SUBMITTED, received
from support.histories import Life
from support.notifier.mail import ScriptedMailServer
from support.notifier.notifying import Service, clock, contact
from support.wait import eventually


def unrouted(service: Service, count: int, first: int = 1) -> list[Life]:
    """Reports that headquarters is notified of at once, each in a mail of its own."""
    lives = [Life(number).then(CaseOpened, 1, routed=False) for number in range(first, first + count)]
    service.handle(*[event for life in lives for event in life.events])
    group_due(service.database)
    return lives


def questions(service: Service, count: int, first: int = 1) -> list[Life]:
    """Reports whose citizens, all different, are asked whether we may write."""
    lives = [Life(number) for number in range(first, first + count)]
    for life in lives:
        service.handle(received(contact(life, f"u{life.id.hex}@obywatel.example"), at=now()), life.submitted)
    group_due(service.database)
    return lives


def states(service: Service) -> list[tuple[str, int]]:
    """State and attempts of each delivery, in the order they are due."""
    rows = service.query("select state, attempt from delivery order by due_at, delivery_id")
    return [(row["state"], row["attempt"]) for row in rows]


def test_a_batch_goes_on_one_connection_and_is_announced_in_order(service: Service, smtp: ScriptedMailServer) -> None:
    unrouted(service, 30)
    with service.sender() as sender:
        assert [sender.send(BATCH) for _ in range(3)] == [BATCH, 30 - BATCH, 0]
    assert len(smtp.clients) == 1
    assert service.announced() == [("NoticeSent", 1)] * 30
    assert len(service.published()) == len({envelope.id for envelope in service.published()})


def test_a_batch_ends_with_its_time_and_gives_back_what_it_did_not_get_to(
    service: Service, smtp: ScriptedMailServer
) -> None:
    unrouted(service, 5)
    brief = Service(service.settings.model_copy(update={"lease": service.settings.send_timeout}), service.database)
    with brief.sender() as sender:
        assert sender.send(BATCH) == 1
    assert sorted(states(service)) == [("pending", 0)] * 4 + [("sent", 1)]
    assert service.send_due() == 4


def test_a_sender_that_is_stopped_ends_its_batch(service: Service, smtp: ScriptedMailServer) -> None:
    unrouted(service, 5)
    with service.sender() as sender:
        assert sender.send(BATCH, stopping=lambda: len(smtp.mails) == 2) == 2
    assert sorted(states(service)) == [("pending", 0)] * 3 + [("sent", 1)] * 2


@pytest.mark.parametrize("trouble", ["hangs up", "451 4.3.0", "554 5.6.0"])
def test_what_was_handed_over_and_not_taken_is_recorded_at_once(
    service: Service, smtp: ScriptedMailServer, trouble: str
) -> None:
    unrouted(service, 5)
    smtp.disconnects, smtp.data_answer = trouble == "hangs up", None if trouble == "hangs up" else trouble
    later = Service(service.settings.model_copy(update={"retry_first": timedelta(hours=1)}), service.database)
    with later.sender() as sender:
        assert sender.send(BATCH) == 1
    assert sorted(attempt for _, attempt in states(service)) == [0, 0, 0, 0, 1]
    smtp.disconnects, smtp.data_answer = False, None
    assert later.send_due() == 4


def test_of_a_killed_senders_batch_only_what_was_being_handed_over_is_uncertain(
    service: Service, smtp: ScriptedMailServer
) -> None:
    unrouted(service, 4)
    with service.database.transaction() as connection:
        claimed = [item.delivery for item in claim_deliveries(connection, Channel.EMAIL, timedelta(seconds=4), 4)]
        assert update_delivery_handed_over(connection, claimed[0], None)
        assert update_delivery_handed_over(connection, claimed[1], None, accepted=[claimed[0]])
    keep_house(service.settings, service.database)
    assert service.send_due() == 0  # the lease still runs
    service.execute("update delivery set lease_until = now() - interval '1 second'")
    keep_house(service.settings, service.database)
    assert sorted(service.announced()) == [("NoticeSent", 1), ("NoticeUncertain", 1)]
    service.send_due()
    assert len(smtp.mails) == 3
    assert sorted(service.announced()) == [("NoticeSent", 1)] + [("NoticeSent", 2)] * 3 + [("NoticeUncertain", 1)]


def test_each_mail_of_a_batch_is_accepted_before_the_next_is_handed_over(
    service: Service, smtp: ScriptedMailServer
) -> None:
    unrouted(service, 3)
    smtp.waits_for = Event()
    sending = Thread(target=service.send_due)
    sending.start()
    try:
        eventually(lambda: smtp.mails)
        kept = service.query("select handed_over, accepted, count(*)::int from delivery group by 1, 2 order by 1, 2")
        assert [tuple(row.values()) for row in kept] == [(False, False, 2), (True, False, 1)]
    finally:
        smtp.waits_for.set()
        sending.join()
    assert service.query("select count(*)::int as n from delivery where accepted") == [{"n": 2}]


def test_misses_go_first_also_within_a_batch(service: Service, smtp: ScriptedMailServer) -> None:
    questions(service, 4)
    unrouted(service, 3, first=11)
    for number in (21, 22):
        service.handle(DeadlineMissed(**clock(Life(number))))
    assert service.send_due() == 9
    kinds = [subject.split(":")[0] for _, subject in smtp.summaries]
    assert all(kind.startswith("[KMZB] TERMIN") for kind in kinds[:2])
    assert len(set(kinds[2:5])) == 1
    assert len(set(kinds[5:])) == 1
    assert len({kinds[0], kinds[2], kinds[5]}) == 3


def test_a_miss_does_not_wait_for_a_claimed_batch_of_what_can_wait(service: Service, smtp: ScriptedMailServer) -> None:
    questions(service, 10)
    release = smtp.waits_for = Event()
    stuck = [Thread(target=service.send_due) for _ in range(3)]
    for thread in stuck:
        thread.start()
    try:
        # One has claimed them all and waits; those that found nothing have ended, or they would take what comes now.
        eventually(lambda: smtp.mails and sum(thread.is_alive() for thread in stuck) == 1)
        smtp.waits_for = None
        service.handle(DeadlineMissed(**clock(Life(99))))
        group_due(service.database)
        assert service.send_one(urgent_only=True)
        assert "TERMIN" in smtp.summaries[-1][1]
    finally:
        release.set()
        for thread in stuck:
            thread.join()
    assert len(smtp.mails) == 11


def test_a_citizen_who_erases_the_address_meanwhile_is_not_written_to(
    service: Service, smtp: ScriptedMailServer
) -> None:
    lives = questions(service, 3)

    def erase_last() -> bool:
        if len(smtp.mails) == 1:
            service.handle(*[ErasureRequested(report_id=life.id, said_at=SUBMITTED) for life in lives])
        return False

    with service.sender() as sender:
        assert sender.send(BATCH, stopping=erase_last) == 3
    assert len(smtp.mails) == 1
    service.execute("update delivery set due_at = now() where state = 'pending'")
    service.send_due()
    assert len(smtp.mails) == 1
    assert sorted(state for state, _ in states(service)) == ["cancelled", "cancelled", "sent"]


def test_a_citizen_is_not_told_what_is_old_by_the_time_it_would_leave(
    service: Service, smtp: ScriptedMailServer
) -> None:
    lives = questions(service, 2)
    service.send_due()
    service.execute("update report set contact_confirmed_at = now()")
    for life in lives:
        life.then(CaseOpened, 1).then(CaseTakenUp, 2)
    service.handle(*[event for life in lives for event in life.changes])
    group_due(service.database)

    def written_to() -> int:
        return sum("obywatel" in to for to, _ in smtp.summaries)

    def decide() -> bool:
        if written_to() == 3:
            service.handle(*[life.then(CaseUnconfirmed, 3).changes[-1] for life in lives])
        return False

    with service.sender() as sender:
        assert sender.send(BATCH, stopping=decide) >= 2
    service.execute("update delivery set due_at = now() where state = 'pending' and audience = 'citizen'")
    service.send_due()
    assert written_to() == 2 + 1 + 2  # the questions, one that was taken up, and both decisions
    superseded = service.query("select count(*)::int as n from delivery where reason = 'superseded'")
    assert superseded == [{"n": 1}]


def test_senders_are_woken_by_a_commit_and_by_the_time_of_the_next_attempt(
    service: Service, smtp: ScriptedMailServer, make_settings: Callable[..., Settings]
) -> None:
    patient = make_settings(retry_first=timedelta(seconds=1))
    sender = Sender(patient, service.database, Channel.EMAIL, AGENCIES, lambda: 0.0, lambda: None)
    dispatcher = Dispatcher(service.database, {Channel.EMAIL: [sender.woken]}, Health())
    with running(dispatcher, sender) as failures:
        service.handle(*Life(1).then(CaseOpened, 1, routed=False).events)
        eventually(lambda: len(smtp.mails) == 1)
        smtp.rcpt_answer = "450 4.2.1"
        service.handle(*Life(2).then(CaseOpened, 1, routed=False).events)
        eventually(lambda: service.query("select from delivery where state = 'pending' and attempt = 1"))
        smtp.rcpt_answer = None
        eventually(lambda: len(smtp.mails) == 2)
    assert not failures
