"""A sender that is slow and lives is not taken for dead: nobody takes up what it has claimed, and it says it moves."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from threading import Thread
from time import monotonic

import pytest
from chassis.postgres import Database
from contracts.events.cases import CaseOpened
from contracts.events.notices import Channel
from notifier.app import keep_house
from notifier.delivery.dispatcher import group_due
from notifier.delivery.sender import BATCH, Sender
from notifier.settings import Settings
from support.agencies import AGENCIES
from support.histories import Life
from support.notifier.notifying import Service
from support.notifier.trickling import mail_talk, talking
from support.stack.databases import Clone

LIMIT, LEASE = timedelta(seconds=0.4), timedelta(seconds=1)
MAILS = 5  # each takes the whole limit, so that all of them take twice the lease


@pytest.fixture
def slow(request: pytest.FixtureRequest, clone: Clone, make_settings: Callable[..., Settings]) -> Iterator[Service]:
    """A notifier whose mail server answers byte by byte at one step."""
    with talking(mail_talk(at=request.param, trickle=True)) as port:
        settings = make_settings(
            smtp_url=f"smtp://127.0.0.1:{port}", send_timeout=LIMIT, lease=LEASE, retry_first=timedelta(hours=1)
        )
        database = Database(clone.service)
        yield Service(settings, database)
        database.close()


@pytest.mark.parametrize(("slow", "handed_over"), [("RCPT", False), ("END", True)], indirect=["slow"])
def test_a_slow_sender_that_lives_is_not_called_dead(slow: Service, handed_over: bool) -> None:
    for number in range(MAILS):
        slow.handle(*Life(number).then(CaseOpened, 1, routed=False).events)
    group_due(slow.database)
    beats = [monotonic()]
    sender = Sender(
        slow.settings, slow.database, Channel.EMAIL, AGENCIES, lambda: 0.5, lambda: beats.append(monotonic())
    )

    def send_all() -> None:
        while sender.send(BATCH):
            pass

    working = Thread(target=send_all)
    working.start()
    while working.is_alive():
        keep_house(slow.settings, slow.database)  # what a process does that looks for others' unfinished work
    working.join()
    sender.close()
    tried = slow.query("select state, attempt, reason, maybe_arrived from delivery")
    assert tried == MAILS * [
        {"state": "pending", "attempt": 1, "reason": "TimeoutError", "maybe_arrived": handed_over},
    ]
    assert slow.announced() == handed_over * MAILS * [("NoticeUncertain", 1)]
    assert max(after - before for before, after in zip(beats, beats[1:], strict=False)) < 4 * LIMIT.total_seconds()
