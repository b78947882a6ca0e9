"""One attempt to hand in a mail, against a real server that behaves and misbehaves."""

from datetime import timedelta
from email.message import EmailMessage
from threading import Event

import pytest
from notifier.delivery.smtp import send_mail
from notifier.domain.deliveries import AttemptResult, Outcome
from notifier.mail_server import MailServer, parse_mail_server
from support.notifier.mail import ScriptedMailServer

BRIEF = timedelta(seconds=1)


def mail(body: str = "Treść\n.\n.kropka\n") -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "mapa@kmzb.example", "kmp-1661@policja.example", "Zgłoszenie ąę"
    made.set_content(body, cte="quoted-printable")
    return made


@pytest.fixture
def server(free_port: int) -> MailServer:
    return parse_mail_server(f"smtp://127.0.0.1:{free_port}", BRIEF)


def test_what_is_sent_arrives_as_it_was_written(smtp: ScriptedMailServer, server: MailServer) -> None:
    assert send_mail(server, mail()) == AttemptResult(Outcome.SENT)
    (received,) = smtp.mails
    assert received["Subject"] == "Zgłoszenie ąę"
    assert received.get_content().replace("\r\n", "\n") == "Treść\n.\n.kropka\n"


@pytest.mark.parametrize(
    ("at_recipient", "at_end", "outcome", "reason"),
    [
        ("550 5.1.1", None, Outcome.REFUSED, "RCPT 550 5.1.1"),
        ("450 4.2.1", None, Outcome.DEFERRED, "RCPT 450 4.2.1"),
        (None, "554 5.7.1 refused for kmp-1661@policja.example", Outcome.REFUSED, "DATA 554 5.7.1"),
        (None, "451 try later", Outcome.DEFERRED, "DATA 451"),
    ],
)
def test_a_refusal_is_for_good_or_for_now_and_its_words_are_not_repeated(
    smtp: ScriptedMailServer,
    server: MailServer,
    at_recipient: str | None,
    at_end: str | None,
    outcome: Outcome,
    reason: str,
) -> None:
    smtp.rcpt_answer, smtp.data_answer = at_recipient, at_end
    assert send_mail(server, mail()) == AttemptResult(outcome, reason)


def test_a_server_that_hangs_up_after_the_message_leaves_it_uncertain(
    smtp: ScriptedMailServer, server: MailServer
) -> None:
    smtp.disconnects = True
    assert send_mail(server, mail()).outcome is Outcome.UNCERTAIN
    assert len(smtp.mails) == 1


def test_a_server_that_never_answers_the_message_leaves_it_uncertain(
    smtp: ScriptedMailServer, server: MailServer
) -> None:
    smtp.waits_for = Event()
    assert send_mail(server, mail()).outcome is Outcome.UNCERTAIN
    smtp.waits_for.set()


def test_a_server_that_is_away_or_offers_no_tls_is_asked_again_later(
    smtp: ScriptedMailServer, server: MailServer
) -> None:
    away = parse_mail_server("smtp://127.0.0.1:1", BRIEF)
    assert send_mail(away, mail()) == AttemptResult(Outcome.DEFERRED, "ConnectionRefusedError")
    private = parse_mail_server(f"smtp://127.0.0.1:{server.port}?starttls=required", BRIEF)
    assert send_mail(private, mail()).outcome is Outcome.DEFERRED
    named = parse_mail_server(f"smtp://u:p%40@127.0.0.1:{server.port}", BRIEF)
    assert named.password == "p@"
    assert send_mail(named, mail()).outcome is Outcome.DEFERRED
    assert not smtp.mails


@pytest.mark.parametrize(
    "url", ["http://mail.example", "smtp:///x", "smtp://h?starttls=perhaps", "smtp://h?tls=1", "smtp://u@h", "mail"]
)
def test_a_mail_server_that_cannot_be_meant_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"smtp|starttls|password|query"):
        parse_mail_server(url, BRIEF)
