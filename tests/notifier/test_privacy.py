"""What a stranger may try, and where an address must never stand."""

from typing import Any

import pytest
from chassis.clock import now
from contracts.envelope import Envelope, decode
from contracts.examples import examples
from contracts.notices import Channel
from fastapi.testclient import TestClient
from notifier.app import TOPICS, gather
from notifier.sender import Sender
from support.events import received
from support.histories import Life
from support.mail import Postman
from support.notifying import ADDRESS, Service, contact


@pytest.mark.parametrize("token", ["x", "A" * 43, "ż", "%00"])
def test_a_link_we_did_not_write_is_not_found(web: TestClient, token: str) -> None:
    assert web.get(f"/v1/contact-confirmations/{token}").status_code == 404
    assert web.post(f"/v1/contact-confirmations/{token}").status_code == 404
    assert web.post(f"/v1/contact-confirmations/{token}/erasure").status_code == 404


@pytest.mark.parametrize("address", ["nobody", "a@b\r\nBcc: x@y.example", "a b@c.example", "", "żółw@obywatel.example"])
def test_a_contact_that_is_no_address_fails_without_being_repeated(
    service: Service, postman: Postman, address: str
) -> None:
    life = Life(1)
    service.hear(received(contact(life, address), at=now()), life.submitted)
    service.send()
    assert not postman.taken
    assert [row[2] for row in service.ledger()] == ["failed"]


def _told(service: Service) -> str:
    rows: list[Any] = [each for each in service.said() if isinstance(each, Envelope)]
    return repr(rows) + repr(service.rows("select * from ledger")) + repr(service.rows("select * from delivery"))


def test_no_address_stands_anywhere_outside_the_mail(
    service: Service, postman: Postman, life: Life, capsys: pytest.CaptureFixture[str], web: TestClient
) -> None:
    service.do("update notice set due_at = now()")
    gather(service.database)
    for answer in ("450 4.1.1", "450 4.1.1", "550 5.1.1", "550 5.1.1"):
        postman.at_recipient = answer
        assert Sender(service.settings, service.database, Channel.EMAIL, lambda: 0.5, lambda: None).send_one()
    seen = _told(service) + "".join(capsys.readouterr()) + web.get("/metrics").text + web.get("/livez").text
    assert "RCPT 550 5.1.1" in seen
    assert 'kmzb_notices_total{channel="email",outcome="refused"}' in seen
    for secret in (ADDRESS, ADDRESS.partition("@")[0], "obywatel.example", "@policja.example"):
        assert secret not in seen


def test_every_published_example_can_come_twice(service: Service) -> None:
    heard = [
        received(envelope.data, event_id=envelope.id, at=envelope.time)
        for envelope in (decode(each.message.headers, each.message.value or b"") for each in examples())
        if any(isinstance(envelope.data, topic.events) for topic in TOPICS)
    ]
    for each in heard:
        service.hear(each)
    before, ledger = service.said(), service.ledger()
    assert ledger
    service.hear(*heard)
    assert (service.said(), service.ledger()) == (before, ledger)
