"""A digest comes at most once, and what it would have told is told later where it did not leave."""

import httpx
import pytest
from notifier.delivery.subscriptions.subscribers import Subscribers
from support.notifier.subscribing import BASE, Reading


@pytest.fixture
def subscribed(reading: Reading) -> Reading:
    reading.subscribe()
    reading.change(1)
    reading.a_day_later()
    return reading


def due_again(reading: Reading) -> None:
    reading.service.execute("update subscription set next_at = least(next_at, now() + interval '16 minutes')")
    reading.service.execute("update subscription set next_at = next_at - interval '17 minutes'")


def test_what_may_have_arrived_is_not_sent_again(subscribed: Reading) -> None:
    subscribed.smtp.disconnects = True
    assert len(subscribed.send()) == 1
    subscribed.smtp.disconnects = False
    due_again(subscribed)
    assert subscribed.send() == []


@pytest.mark.parametrize("where", ["rcpt_answer", "data_answer"])
def test_what_was_refused_for_now_comes_later_whole(subscribed: Reading, where: str) -> None:
    setattr(subscribed.smtp, where, "450 4.2.1")
    subscribed.send()
    assert len(subscribed.smtp.told) == 1  # the question
    setattr(subscribed.smtp, where, None)
    due_again(subscribed)
    [digest] = subscribed.send()
    assert digest.get_content().count("report=") == 1


def test_a_mailbox_that_is_none_is_forgotten(subscribed: Reading) -> None:
    subscribed.smtp.rcpt_answer = "550 5.1.1"
    subscribed.send()
    assert subscribed.rows() == []


def test_while_the_map_is_away_nothing_is_lost(subscribed: Reading) -> None:
    def away(request: httpx.Request) -> httpx.Response:
        return httpx.Response(503)

    client = httpx.Client(base_url="http://map.example", transport=httpx.MockTransport(away))
    service = subscribed.service
    blind = Subscribers(service.settings, service.database, client)
    assert blind.write_to_due() == 1
    blind.close()
    due_again(subscribed)
    assert len(subscribed.send()) == 1


def test_who_ends_it_while_it_is_being_written_gets_nothing(subscribed: Reading) -> None:
    reader = subscribed.map

    def ending(request: httpx.Request) -> httpx.Response:
        subscribed.service.execute("delete from subscription")
        answer = reader.get(str(request.url.copy_with(scheme="http", host="testserver")))
        return httpx.Response(answer.status_code, content=answer.content)

    client = httpx.Client(base_url="http://map.example", transport=httpx.MockTransport(ending))
    service = subscribed.service
    last = Subscribers(service.settings, service.database, client)
    before = len(subscribed.smtp.mails)
    assert last.write_to_due() == 1
    last.close()
    assert len(subscribed.smtp.mails) == before


def test_a_long_day_is_told_in_short(subscribed: Reading) -> None:
    for number in range(2, 40):
        subscribed.change(number)
    [digest] = subscribed.send()
    assert digest["Subject"] == "39 changes on the map"
    assert (digest.get_content().count("report="), "More are on the map" in digest.get_content()) == (30, True)
    assert BASE in digest["List-Unsubscribe"]
