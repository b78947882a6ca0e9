"""Six reports of six senders don't make six mails to one victim."""

from datetime import datetime, timedelta

import pytest
from chassis.clock import now
from hypothesis import given
from hypothesis import strategies as st
from notifier.domain.deliveries import BOUNDS, pause
from support.events import SUBMITTED, received
from support.histories import Life
from support.notifier.mail import ScriptedMailServer
from support.notifier.notifying import ADDRESS, Service, contact

SPELLINGS = (ADDRESS, ADDRESS.upper(), ADDRESS.replace("@", "+x@"), ADDRESS.replace(".", "", 1), ADDRESS, ADDRESS)


def test_one_mailbox_is_asked_twice_an_hour_however_it_is_written(service: Service, smtp: ScriptedMailServer) -> None:
    lives = [Life(number) for number in range(1, 7)]
    for life, address in zip(lives, SPELLINGS, strict=True):
        service.handle(received(contact(life, address), at=now()), life.submitted)
    other = Life(9)
    service.handle(received(contact(other, "inny@obywatel.example"), at=now()), other.submitted)
    service.send_due()
    assert len(smtp.mails) == 3
    assert sorted({row[2] for row in service.ledger()}) == ["pending", "sent"]
    service.execute("update question set asked_at = now() - interval '61 minutes'")
    service.execute("update delivery set due_at = now() where state = 'pending'")
    service.send_due()
    assert len(smtp.mails) == 4
    assert ADDRESS.partition("@")[0] not in repr(service.query("select * from question"))


def test_who_says_yes_is_asked_on(service: Service, smtp: ScriptedMailServer) -> None:
    for number in range(1, 5):
        life = Life(number)
        service.handle(received(contact(life), at=now()), life.submitted)
        service.send_due()
        service.execute("update report set contact_confirmed_at = now()")
    assert len(smtp.mails) == 4


@pytest.mark.parametrize(("within", "bound"), BOUNDS)
@given(minutes=st.lists(st.integers(0, 60 * 24 * 8), max_size=40))
def test_no_bound_is_ever_passed(within: timedelta, bound: int, minutes: list[int]) -> None:
    asked: list[datetime] = []
    for moment in sorted(SUBMITTED + timedelta(minutes=minute) for minute in minutes):
        if pause(asked, moment) is None:
            asked.append(moment)
    for first in asked:
        assert sum(first <= moment < first + within for moment in asked) <= bound
