"""The mail and the webhook body a delivery becomes."""

import pytest
from contracts.events.notices import Audience, Channel
from notifier.delivery.mail import compose_mail
from notifier.delivery.webhooks import encode_webhook
from notifier.domain.deliveries import Delivery, DeliveryItem
from notifier.domain.notices import Details, NoticeKind
from notifier.settings import Settings
from support.events import SUBMITTED, report_id
from support.notifier.notifying import ADDRESS

DETAILS = Details(case_number="OPO-26-004123-K", category="parking", unit_name="Komenda Miejska Policji w Opolu")


def delivery(audience: Audience, kind: NoticeKind, details: Details = DETAILS) -> Delivery:
    """A delivery of one notice, at its first attempt."""
    items = (DeliveryItem(kind, report_id(1), details),)
    return Delivery(report_id(9), Channel.EMAIL, audience, "KMP-1661", report_id(1), kind, 1, items, language="en")


def test_a_mail_has_what_mail_servers_and_people_look_for(notifier_settings: Settings) -> None:
    mail = compose_mail(notifier_settings, delivery(Audience.CITIZEN, NoticeKind.TAKEN_UP), ADDRESS, SUBMITTED)
    assert mail["Message-ID"] == f"<{report_id(9)}@kmzb.example>"
    assert mail["Date"].datetime == SUBMITTED
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Content-Language"] == "en"
    assert all(len(row) < 998 and row.isascii() for row in mail.as_bytes().decode("ascii").splitlines())


def test_no_line_end_gets_into_a_header(notifier_settings: Settings) -> None:
    details = Details(case_number="OPO\r\nBcc: all@policja.example", category="parking")
    with pytest.raises(ValueError, match="linefeed|newline"):
        compose_mail(notifier_settings, delivery(Audience.UNIT, NoticeKind.CASE_OPENED, details), ADDRESS, SUBMITTED)


def test_a_webhook_carries_the_details() -> None:
    body = encode_webhook(delivery(Audience.AGENCY, NoticeKind.CASE_REFERRED), SUBMITTED)
    assert b'"type":"case-referred"' in body
    assert b'"case_number":"OPO-26-004123-K"' in body
    assert str(report_id(1)).encode() in body
