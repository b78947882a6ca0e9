"""Whatever address the contracts admit, the mail arrives at exactly that mailbox; what they don't ends no sender."""

from contextlib import suppress
from datetime import timedelta
from email import policy
from email.parser import BytesParser

import pytest
from chassis.clock import now
from contracts.addresses import email_address
from contracts.events.notices import Audience, Channel
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from notifier.delivery.channels.mail import compose_mail
from notifier.domain.deliveries import AttemptResult, Delivery, DeliveryItem, Outcome
from notifier.domain.notices import Details, NoticeKind
from notifier.settings import Settings
from support.agencies import AGENCIES
from support.events import SUBMITTED, received, report_id
from support.histories import Life
from support.notifier.mail import ScriptedMailServer, mailing
from support.notifier.notifying import Service, contact

_LOCAL = st.text(st.sampled_from("abcXYZ019.!#$%&'*+/=?^_`{|}~-\"\\@(),:;<>[] ąż"), min_size=1, max_size=70)
_DOMAIN = st.sampled_from(["obywatel.example", "żółw.example", "A.B-c.Example", "xn--w-uga1v8h.example", "x.museum"])


def _delivery() -> Delivery:
    items = (DeliveryItem(NoticeKind.CONFIRM_ADDRESS, report_id(1), Details(due_at=SUBMITTED)),)
    return Delivery(report_id(9), Channel.EMAIL, Audience.CITIZEN, None, report_id(1), "confirm-address", 1, items)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(local=_LOCAL, domain=_DOMAIN)
def test_a_mail_arrives_at_exactly_the_mailbox_that_was_admitted(
    notifier_settings: Settings, smtp: ScriptedMailServer, local: str, domain: str
) -> None:
    address = None
    with suppress(ValueError):
        address = email_address(f"{local}@{domain}")
    assume(address is not None)
    assert address is not None
    smtp.envelopes.clear()
    smtp.mails.clear()
    mail = compose_mail(notifier_settings, AGENCIES, _delivery(), address, SUBMITTED)
    with mailing(notifier_settings.mail_server, timedelta(seconds=5)) as send:
        assert send(mail, address, lambda: None) == AttemptResult(Outcome.SENT)
    assert smtp.envelopes == [("<>", [address])]
    (mailbox,) = BytesParser(policy=policy.default).parsebytes(mail)["To"].addresses
    assert mailbox.addr_spec == address


@pytest.mark.parametrize(
    "address",
    ["=?utf-8?q??=@example.org", "=?utf-8?q?v=40other.org=2C?=@example.org", "a%b@example.org", "a@b@c.example", "@"],
)
def test_a_contact_that_is_no_address_fails_alone(service: Service, smtp: ScriptedMailServer, address: str) -> None:
    bad, good = Life(1), Life(2)
    service.handle(received(contact(bad, address), at=now()), bad.submitted)
    service.handle(received(contact(good), at=now()), good.submitted)
    assert service.send_due() == 2
    assert [to for _, to in smtp.envelopes] == [["canary.kowalska@obywatel.example"]]
    assert sorted(name for name, _ in service.announced()) == ["NoticeFailed", "NoticeSent"]
