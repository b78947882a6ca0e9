"""The mail and the webhook body a delivery becomes."""

from email import policy
from email.parser import BytesParser
from typing import Any

import pytest
from contracts.events.notices import Audience, Channel
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from notifier.delivery.channels.mail import compose_mail
from notifier.delivery.channels.webhooks import encode_webhook
from notifier.domain.deliveries import Delivery, DeliveryItem
from notifier.domain.notices import Details, NoticeKind
from notifier.settings import Settings
from support.agencies import AGENCIES
from support.events import SUBMITTED, report_id
from support.notifier.notifying import ADDRESS

DETAILS = Details(case_number="OPO-26-004123-K", category="parking", unit_name="Komenda Miejska Policji w Opolu")

HEADERS = {
    *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress", "MIME-Version"),
    *("Content-Type", "Content-Transfer-Encoding", "Content-Language"),
}


def delivery(audience: Audience, kind: NoticeKind, details: Details = DETAILS) -> Delivery:
    """A delivery of one notice, at its first attempt."""
    items = (DeliveryItem(kind, report_id(1), details),)
    return Delivery(report_id(9), Channel.EMAIL, audience, "KMP-1661", report_id(1), kind, 1, items, language="en")


def parsed(written: bytes) -> Any:
    """A mail as those read it who get it."""
    return BytesParser(policy=policy.default).parsebytes(written)


def test_a_mail_has_what_mail_servers_and_people_look_for(notifier_settings: Settings) -> None:
    written = compose_mail(
        notifier_settings, AGENCIES, delivery(Audience.CITIZEN, NoticeKind.TAKEN_UP), ADDRESS, SUBMITTED
    )
    mail = parsed(written)
    assert mail["Message-ID"] == f"<{report_id(9)}@kmzb.example>"
    assert mail["Date"].datetime == SUBMITTED
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Content-Language"] == "en"
    assert all(len(row) < 998 and row.isascii() for row in written.decode("ascii").splitlines())


def test_no_line_end_gets_into_a_header(notifier_settings: Settings) -> None:
    details = Details(case_number="OPO\r\nBcc: all@policja.example", category="parking")
    with pytest.raises(ValueError, match="linefeed|newline"):
        compose_mail(
            notifier_settings, AGENCIES, delivery(Audience.UNIT, NoticeKind.CASE_OPENED, details), ADDRESS, SUBMITTED
        )


def test_a_webhook_carries_the_details() -> None:
    body = encode_webhook(delivery(Audience.AGENCY, NoticeKind.CASE_REFERRED), SUBMITTED)
    assert b'"type":"case-referred"' in body
    assert b'"case_number":"OPO-26-004123-K"' in body
    assert str(report_id(1)).encode() in body


WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\u2028\u2029"), max_size=300)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@example(number="=?utf-8?q?Bcc=3A?= OPO")
@example(number="Zgłoszenie zażółć gęślą jaźń " * 9)
@example(number="x" * 400)
@example(number="🚓🚓" * 40)
@given(number=WORDS)
def test_any_words_arrive_as_they_were_written(notifier_settings: Settings, number: str) -> None:
    details = Details(case_number=f"OPO {number}.", category="parking", unit_name=f"{number}\n.\n.kropka \n=20")
    written = compose_mail(
        notifier_settings, AGENCIES, delivery(Audience.UNIT, NoticeKind.CASE_OPENED, details), ADDRESS, SUBMITTED
    )
    mail = parsed(written)
    assert f"OPO {number}." in mail["Subject"]
    assert mail["Subject"].startswith("[KMZB] ")
    assert not mail.defects
    assert details.unit_name in mail.get_content()
    assert set(mail.keys()) == HEADERS
    rows = written.decode("ascii").split("\n")
    assert all(len(row) <= 76 or "=?" not in row for row in rows[: rows.index("")])
    assert all(len(row) <= 76 for row in rows[rows.index("") :])
