"""What a stranger may try, and where an address must never stand."""

import pytest
from chassis.clock import now
from contracts.envelope import decode
from contracts.examples import examples
from fastapi.testclient import TestClient
from notifier.app import TOPICS
from notifier.delivery.dispatcher import group_due
from prometheus_client import generate_latest
from support.events import received
from support.histories import Life
from support.notifier.mail import ScriptedMailServer
from support.notifier.notifying import ADDRESS, Service, contact


@pytest.mark.parametrize("token", ["x", "A" * 43, "ż", "%00"])
def test_a_link_we_did_not_write_is_not_found(web: TestClient, token: str) -> None:
    assert web.get(f"/v1/contact-confirmations/{token}").status_code == 404
    assert web.post(f"/v1/contact-confirmations/{token}").status_code == 404
    assert web.post(f"/v1/contact-confirmations/{token}/erasure").status_code == 404


@pytest.mark.parametrize("address", ["nobody", "a@b\r\nBcc: x@y.example", "a b@c.example", "", "żółw@obywatel.example"])
def test_a_contact_that_is_no_address_fails_without_being_repeated(
    service: Service, smtp: ScriptedMailServer, address: str
) -> None:
    life = Life(1)
    service.handle(received(contact(life, address), at=now()), life.submitted)
    service.send_due()
    assert not smtp.mails
    assert [row[2] for row in service.ledger()] == ["failed"]


def _written(service: Service) -> str:
    tables = ("outbox", "ledger", "notice", "delivery", "report")
    return "".join(repr(service.query(f"select * from {table}")) for table in tables)  # noqa: S608 - no outsider's words


def test_no_address_stands_anywhere_outside_the_mail(
    service: Service, smtp: ScriptedMailServer, life: Life, capsys: pytest.CaptureFixture[str], web: TestClient
) -> None:
    service.execute("update notice set due_at = now()")
    group_due(service.database)
    for answer in ("450 4.1.1", "450 4.1.1", "550 5.1.1", "550 5.1.1"):
        smtp.rcpt_answer = answer
        assert service.send_one()
    seen = _written(service) + "".join(capsys.readouterr()) + generate_latest().decode() + web.get("/livez").text
    assert "RCPT 550 5.1.1" in seen
    assert 'kmzb_notices_total{channel="email",outcome="refused"}' in seen
    for secret in (ADDRESS, ADDRESS.partition("@")[0], "obywatel.example", "@policja.example"):
        assert secret not in seen


def test_every_published_example_can_come_twice(service: Service) -> None:
    messages = [
        received(envelope.data, event_id=envelope.id, at=envelope.time)
        for envelope in (
            decode(example.message.headers, example.message.value or b"")
            for example in examples()
            if example.message.value is not None
        )
        if any(isinstance(envelope.data, topic.events) for topic in TOPICS)
    ]
    for message in messages:
        service.handle(message)
    before, ledger = service.published(), service.ledger()
    assert ledger
    service.handle(*messages)
    assert (service.published(), service.ledger()) == (before, ledger)
