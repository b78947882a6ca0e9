"""Who is called to what is due: one, another where there is more, and for what can't wait those who are kept for it."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread
from time import monotonic

import pytest
from chassis.clock import now
from chassis.health import Health
from contracts.events.cases import CaseOpened
from contracts.events.clocks import DeadlineMissed
from contracts.events.notices import Channel
from notifier.delivery.calls import Call
from notifier.delivery.dispatcher import Dispatcher, group_due
from notifier.delivery.sender import BATCH, make_senders
from support.agencies import AGENCIES
from support.effects import running
from support.events import received
from support.histories import Life
from support.notifier.mail import ScriptedMailServer
from support.notifier.notifying import Service, clock, contact
from support.wait import eventually


@pytest.fixture
def at_odds() -> Iterator[None]:
    """Threads that take turns as often as they can, so that what depends on their order goes wrong soon."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


def unrouted(service: Service, count: int) -> None:
    """Reports that headquarters is notified of at once, each in a mail of its own."""
    lives = [Life(number).then(CaseOpened, 1, routed=False) for number in range(1, count + 1)]
    service.handle(*[event for life in lives for event in life.events])
    group_due(service.database)


def test_a_call_is_for_one_of_those_who_wait_and_calls_do_not_add_up() -> None:
    call = Call()
    with ThreadPoolExecutor(3) as pool:
        waiting = [pool.submit(call.wait, 0.5) for _ in range(3)]
        call.make()
    assert sorted(each.result() for each in waiting) == [False, False, True]
    for _ in range(3):
        call.make()
    assert [call.wait(0), call.wait(0)] == [True, False]


def test_who_waits_for_a_call_another_takes_waits_no_longer_than_it_said(at_odds: None) -> None:
    call, stop = Call(), Event()

    def wait() -> None:
        while not stop.is_set():
            call.wait(0.0002)

    threads = [Thread(target=wait, daemon=True) for _ in range(8)]
    for thread in threads:
        thread.start()
    ends_at = monotonic() + 1.5
    while monotonic() < ends_at:
        call.make()
        stop.wait(0.0002)
    stop.set()
    for thread in threads:
        thread.join(5)
    assert not any(thread.is_alive() for thread in threads)


def test_who_takes_all_it_may_calls_another_and_who_does_not_rests(service: Service, smtp: ScriptedMailServer) -> None:
    unrouted(service, BATCH + 1)
    with service.sender() as sender:
        assert sender.send(BATCH) == BATCH
        assert sender.woken.wait(0)
        assert sender.send(BATCH) == 1
        assert not sender.woken.wait(0)


def test_what_cannot_wait_is_known_apart_from_what_can(service: Service) -> None:
    life = Life(1)
    service.handle(received(contact(life), at=now()), life.submitted)
    can_wait = group_due(service.database)[Channel.EMAIL]
    assert (can_wait.is_due(), can_wait.is_due(urgent_only=True)) == (True, False)
    service.handle(DeadlineMissed(**clock(Life(2))))
    assert group_due(service.database)[Channel.EMAIL].is_due(urgent_only=True)


def test_all_senders_together_send_everything(service: Service, smtp: ScriptedMailServer) -> None:
    senders = make_senders(service.settings, service.database, AGENCIES, Health())
    calls = {channel: {sender.woken for sender in of.values()} for channel, of in senders.items()}
    assert {channel: len(each) for channel, each in calls.items()} == {
        Channel.EMAIL: 2,
        Channel.WEBHOOK: 2,
        Channel.LOG: 1,
    }
    workers = [sender for of in senders.values() for sender in of.values()]
    with running(Dispatcher(service.database, calls, Health()), *workers) as failures:
        unrouted(service, 3 * BATCH)
        eventually(lambda: len(smtp.mails) == 3 * BATCH)
        service.handle(DeadlineMissed(**clock(Life(500))))
        eventually(lambda: any("TERMIN" in subject for _, subject in smtp.summaries))
    assert not failures
    assert len(smtp.clients) > 1
