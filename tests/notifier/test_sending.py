"""From a claimed message to its fate: what is held meanwhile, what is sent again, and what is not."""

from collections.abc import Callable
from threading import Event, Thread
from typing import Any

import psycopg
import pytest
from chassis.clock import now
from chassis.postgres import Database
from contracts.cases import CaseOpened
from contracts.envelope import Envelope
from contracts.notices import Channel, NoticeEvent
from notifier.app import gather, tidy
from notifier.sender import Sender
from notifier.settings import Settings
from support.databases import Clone
from support.events import received
from support.histories import Life
from support.mail import Postman
from support.notifying import DIRECTORY, Service, contact
from support.wait import eventually

from notifier import deliveries


def fates(service: Service) -> list[tuple[str, int]]:
    """Each event about a notice and the attempt it tells of."""
    told = [each.data for each in service.said() if isinstance(each, Envelope)]
    return [(type(each).__name__, each.attempt) for each in told if isinstance(each, NoticeEvent)]


@pytest.fixture
def life(service: Service) -> Life:
    """A report that headquarters is told of at once."""
    made = Life(1).then(CaseOpened, 1, routed=False)
    service.hear(*made.events)
    return made


@pytest.fixture
def citizen(service: Service) -> Life:
    """A report whose citizen is asked whether we may write."""
    made = Life(1)
    service.hear(received(contact(made), at=now()), made.submitted)
    return made


def test_nothing_is_held_while_a_mail_server_thinks(
    service: Service, postman: Postman, life: Life, clone: Clone
) -> None:
    postman.go_on = Event()
    alone = Service(service.settings, Database(clone.service, size=1))
    sending = Thread(target=alone.send)
    sending.start()
    try:
        eventually(lambda: postman.taken)
        # The one connection of the pool is free for others, in no transaction, and holds no lock.
        with alone.database.transaction() as connection:
            mine = connection.info.backend_pid
        with psycopg.connect(clone.service) as watcher:
            states = watcher.execute("select state from pg_stat_activity where pid = %s", (mine,)).fetchall()
            locks = watcher.execute("select * from pg_locks where pid = %s", (mine,)).fetchall()
            begun = watcher.execute("select state from delivery").fetchall()
        assert (states, locks, begun) == ([("idle",)], [], [("sending",)])
    finally:
        postman.go_on.set()
        sending.join()
        alone.database.close()
    assert fates(service) == [("NoticeSent", 1)]


def test_an_officers_message_that_may_have_arrived_is_sent_again_as_the_same_one(
    service: Service, postman: Postman, life: Life
) -> None:
    postman.hangs_up = True
    gather(service.database)
    sender = Sender(service.settings, service.database, Channel.EMAIL, lambda: 0.5, lambda: None)
    assert sender.send_one()
    assert fates(service) == [("NoticeUncertain", 1)]
    postman.hangs_up = False
    assert sender.send_one()
    assert fates(service) == [("NoticeUncertain", 1), ("NoticeSent", 2)]
    assert len({mail["Message-ID"] for mail in postman.taken}) == 1
    assert len(postman.taken) == 2
    assert not sender.send_one()


def test_a_citizens_message_that_may_have_arrived_is_not_sent_again(
    service: Service, postman: Postman, citizen: Life
) -> None:
    postman.hangs_up = True
    assert service.send() == 1
    postman.hangs_up = False
    assert service.send() == 0
    assert fates(service) == [("NoticeUncertain", 1)]
    assert service.rows("select state from ledger") == [{"state": "uncertain"}]


def test_a_refusal_for_now_is_tried_again_and_one_for_good_is_not(
    service: Service, postman: Postman, life: Life, make_settings: Callable[..., Settings]
) -> None:
    postman.at_end = "451 4.3.0"
    later = Service(make_settings(retry_first="PT30S"), service.database)
    assert later.send() == 1
    assert fates(service) == []
    ((waits,),) = [row.values() for row in service.rows("select extract(epoch from due_at - now())::int from delivery")]
    assert 30 <= waits <= 38
    service.do("update delivery set due_at = now()")
    postman.at_end = "552 5.2.2"
    assert later.send() == 1
    assert fates(service) == [("NoticeFailed", 2)]
    assert service.rows("select reason, state from ledger") == [{"reason": "DATA 552 5.2.2", "state": "failed"}]
    assert later.send() == 0


def test_who_never_gets_through_fails_in_the_end(service: Service, life: Life) -> None:
    attempts = service.send()
    assert fates(service) == [("NoticeFailed", attempts)]
    assert attempts == 25


@pytest.mark.parametrize(("who", "state", "mails"), [("life", "sent", 1), ("citizen", "uncertain", 0)])
def test_what_a_dead_process_was_sending_is_taken_up_by_the_rule(
    service: Service, postman: Postman, request: pytest.FixtureRequest, who: str, state: str, mails: int
) -> None:
    request.getfixturevalue(who)
    gather(service.database)
    with service.database.transaction() as connection:
        claimed = deliveries.claim(connection, Channel.EMAIL, service.settings.lease)
    assert claimed is not None
    tidy(service.settings, service.database)
    assert service.send() == 0  # the lease still runs
    service.do("update delivery set lease_until = now() - interval '1 second'")
    tidy(service.settings, service.database)
    service.send()
    assert service.rows("select state from ledger") == [{"state": state}]
    assert len(postman.taken) == mails
    assert fates(service)[0] == ("NoticeUncertain", 1)


def test_who_comes_back_after_their_lease_changes_nothing(service: Service, postman: Postman, life: Life) -> None:
    gather(service.database)

    def lease_ends() -> float:
        service.do("update delivery set lease_until = now() - interval '1 second' where state = 'sending'")
        tidy(service.settings, service.database)
        return 0.5

    assert Sender(service.settings, service.database, Channel.EMAIL, lease_ends, lambda: None).send_one()
    assert fates(service) == [("NoticeUncertain", 1)]
    assert service.rows("select state from ledger") == [{"state": "pending"}]


def test_two_senders_share_the_work_and_none_does_it_twice(service: Service, postman: Postman) -> None:
    for number in range(20):
        service.hear(*Life(number).then(CaseOpened, 1, routed=False).events)
    gather(service.database)
    threads = [Thread(target=service.send) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(postman.taken) == len({mail["Message-ID"] for mail in postman.taken}) == 20


def test_a_recipient_is_told_by_each_channel_its_entry_names(
    clone: Clone, make_settings: Callable[..., Settings], postman: Postman, capsys: pytest.CaptureFixture[str]
) -> None:
    directory = DIRECTORY.replace("[headquarters]", '[headquarters]\nlog = true\nwebhook = "http://127.0.0.1:1/{code}"')
    service = Service(make_settings(directory, retry_first="PT1H"), Database(clone.service))
    service.hear(*Life(1).then(CaseOpened, 1, routed=False).events)
    for channel in (Channel.EMAIL, Channel.LOG, Channel.WEBHOOK):
        assert service.send(channel) == 1
    states: dict[str, Any] = {row[0]: row[2] for row in service.ledger()}
    assert states == {
        "case-unrouted/email": "sent",
        "case-unrouted/log": "sent",
        "case-unrouted/webhook": "pending",
    }
    service.database.close()


def test_the_metrics_say_what_waits(service: Service, life: Life) -> None:
    gather(service.database)
    service.do("update delivery set created_at = now() - interval '1 minute'")
    with service.database.transaction() as connection:
        count, oldest = deliveries.waiting(connection)[Channel.EMAIL]
    assert count == 1
    assert 60 <= oldest < 70
