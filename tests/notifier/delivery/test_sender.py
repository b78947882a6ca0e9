"""From a claimed delivery to its end: what is held meanwhile, what is sent again, and what is not."""

from collections.abc import Callable
from threading import Event, Thread
from typing import Any

import psycopg
import pytest
from chassis.clock import now
from chassis.postgres import Database
from contracts.events.cases import CaseOpened
from contracts.events.notices import Channel
from notifier.app import keep_house
from notifier.delivery.dispatcher import group_due
from notifier.settings import Settings
from notifier.store.deliveries import claim_deliveries, update_delivery_handed_over
from prometheus_client import generate_latest
from support.events import received
from support.histories import Life
from support.notifier.mail import ScriptedMailServer
from support.notifier.notifying import DIRECTORY, Service, contact
from support.stack.databases import Clone
from support.wait import eventually


@pytest.fixture
def life(service: Service) -> Life:
    """A report that headquarters is notified of at once."""
    made = Life(1).then(CaseOpened, 1, routed=False)
    service.handle(*made.events)
    return made


@pytest.fixture
def citizen(service: Service) -> Life:
    """A report whose citizen is asked whether we may write."""
    made = Life(1)
    service.handle(received(contact(made), at=now()), made.submitted)
    return made


def test_nothing_is_held_while_a_mail_server_thinks(
    service: Service, smtp: ScriptedMailServer, life: Life, clone: Clone
) -> None:
    smtp.waits_for = Event()
    alone = Service(service.settings, Database(clone.service, size=1))
    sending = Thread(target=alone.send_due)
    sending.start()
    try:
        eventually(lambda: smtp.mails)
        # The one connection of the pool is free for others, in no transaction, and holds no lock.
        with alone.database.transaction() as connection:
            mine = connection.info.backend_pid
        with psycopg.connect(clone.service) as watcher:
            states = watcher.execute("select state from pg_stat_activity where pid = %s", (mine,)).fetchall()
            locks = watcher.execute("select * from pg_locks where pid = %s", (mine,)).fetchall()
            begun = watcher.execute("select state from delivery").fetchall()
        assert (states, locks, begun) == ([("idle",)], [], [("sending",)])
    finally:
        smtp.waits_for.set()
        sending.join()
        alone.database.close()
    assert service.announced() == [("NoticeSent", 1)]


def test_an_officers_message_that_may_have_arrived_is_sent_again_as_the_same_one(
    service: Service, smtp: ScriptedMailServer, life: Life
) -> None:
    smtp.disconnects = True
    group_due(service.database)
    assert service.send_one()
    assert service.announced() == [("NoticeUncertain", 1)]
    smtp.disconnects = False
    assert service.send_one()
    assert service.announced() == [("NoticeUncertain", 1), ("NoticeSent", 2)]
    assert len({mail["Message-ID"] for mail in smtp.mails}) == 1
    assert len(smtp.mails) == 2
    assert not service.send_one()


def test_a_citizens_message_that_may_have_arrived_is_not_sent_again(
    service: Service, smtp: ScriptedMailServer, citizen: Life
) -> None:
    smtp.disconnects = True
    assert service.send_due() == 1
    smtp.disconnects = False
    assert service.send_due() == 0
    assert service.announced() == [("NoticeUncertain", 1)]
    assert service.query("select state from ledger") == [{"state": "uncertain"}]


def test_a_refusal_for_now_is_tried_again_and_one_for_good_is_not(
    service: Service, smtp: ScriptedMailServer, life: Life, make_settings: Callable[..., Settings]
) -> None:
    smtp.data_answer = "451 4.3.0"
    later = Service(make_settings(retry_first="PT30S"), service.database)
    assert later.send_due() == 1
    assert service.announced() == []
    ((waits,),) = [
        row.values() for row in service.query("select extract(epoch from due_at - now())::int from delivery")
    ]
    assert 30 <= waits <= 38
    service.execute("update delivery set due_at = now()")
    smtp.data_answer = "552 5.2.2"
    assert later.send_due() == 1
    assert service.query("select reason, state from ledger") == [{"reason": "DATA 552 5.2.2", "state": "pending"}]
    service.execute("update delivery set due_at = now()")
    smtp.rcpt_answer = "550 5.1.1"
    assert later.send_due() == 1
    assert service.announced() == [("NoticeFailed", 3)]
    assert service.query("select reason, state from ledger") == [{"reason": "RCPT 550 5.1.1", "state": "failed"}]
    assert later.send_due() == 0


def test_who_never_gets_through_fails_in_the_end(service: Service, life: Life) -> None:
    attempts = service.send_due()
    assert service.announced() == [("NoticeFailed", attempts)]
    assert attempts == 25


@pytest.mark.parametrize(
    ("who", "handed_over", "state", "mails", "first"),
    [
        ("life", True, "sent", 1, "NoticeUncertain"),
        ("citizen", True, "uncertain", 0, "NoticeUncertain"),
        ("life", False, "sent", 1, "NoticeSent"),
        ("citizen", False, "sent", 1, "NoticeSent"),
    ],
)
def test_what_a_dead_process_was_sending_is_taken_up_by_the_rule(
    service: Service,
    smtp: ScriptedMailServer,
    request: pytest.FixtureRequest,
    who: str,
    handed_over: bool,
    state: str,
    mails: int,
    first: str,
) -> None:
    request.getfixturevalue(who)
    group_due(service.database)
    with service.database.transaction() as connection:
        (claimed,) = claim_deliveries(connection, Channel.EMAIL, service.settings.lease, 1)
        if handed_over:
            assert update_delivery_handed_over(connection, claimed.delivery, None)
    keep_house(service.settings, service.database)
    assert service.send_due() == 0  # the lease still runs
    service.execute("update delivery set lease_until = now() - interval '1 second'")
    keep_house(service.settings, service.database)
    service.send_due()
    assert service.query("select state from ledger") == [{"state": state}]
    assert len(smtp.mails) == mails
    assert service.announced()[0][0] == first


def test_who_comes_back_after_their_lease_changes_nothing(
    service: Service, smtp: ScriptedMailServer, life: Life
) -> None:
    group_due(service.database)

    def lease_ends() -> float:
        service.execute("update delivery set lease_until = now() - interval '1 second' where state = 'sending'")
        keep_house(service.settings, service.database)
        return 0.5

    assert service.send_one(jitter=lease_ends)
    assert service.announced() == [("NoticeUncertain", 1)]
    assert service.query("select state from ledger") == [{"state": "pending"}]


def test_two_senders_share_the_work_and_none_does_it_twice(service: Service, smtp: ScriptedMailServer) -> None:
    for number in range(20):
        service.handle(*Life(number).then(CaseOpened, 1, routed=False).events)
    group_due(service.database)
    threads = [Thread(target=service.send_due) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(smtp.mails) == len({mail["Message-ID"] for mail in smtp.mails}) == 20


def test_a_recipient_is_notified_by_each_channel_its_entry_names(
    clone: Clone, make_settings: Callable[..., Settings], smtp: ScriptedMailServer, capsys: pytest.CaptureFixture[str]
) -> None:
    directory = DIRECTORY.replace("[headquarters]", '[headquarters]\nlog = true\nwebhook = "http://127.0.0.1:1/{code}"')
    service = Service(make_settings(directory, retry_first="PT1H"), Database(clone.service))
    service.handle(*Life(1).then(CaseOpened, 1, routed=False).events)
    for channel in (Channel.EMAIL, Channel.LOG, Channel.WEBHOOK):
        assert service.send_due(channel) == 1
    states: dict[str, Any] = {row[0]: row[2] for row in service.ledger()}
    assert states == {
        "case-unrouted/email": "sent",
        "case-unrouted/log": "sent",
        "case-unrouted/webhook": "pending",
    }
    assert f"report_id={Life(1).id}" in capsys.readouterr().out
    service.database.close()


def test_the_metrics_say_what_waits(service: Service, life: Life) -> None:
    group_due(service.database)
    service.execute("update delivery set created_at = now() - interval '1 minute'")
    keep_house(service.settings, service.database)
    shown = dict(line.rsplit(" ", 1) for line in generate_latest().decode().splitlines() if line.startswith("kmzb_"))
    assert float(shown['kmzb_notices_pending{channel="email"}']) == 1
    assert 60 <= float(shown['kmzb_notices_oldest_seconds{channel="email"}']) < 70
    assert float(shown['kmzb_notices_pending{channel="webhook"}']) == 0


def test_what_waits_takes_the_channel_the_directory_names_by_now(
    service: Service, make_settings: Callable[..., Settings], life: Life
) -> None:
    group_due(service.database)
    moved = DIRECTORY.replace('[headquarters]\nemail = "dyzurny.{code}@policja.example"', "[headquarters]\nlog = true")
    later = Service(make_settings(moved), service.database)
    assert later.send_due() == 1
    assert later.send_due(Channel.LOG) == 1
    assert service.ledger() == [("case-unrouted/email", "KGP", "cancelled"), ("case-unrouted/log", "KGP", "sent")]
    assert service.announced() == [("NoticeSent", 1)]
