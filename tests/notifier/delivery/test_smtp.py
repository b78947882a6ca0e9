"""One attempt to hand in a mail, against a real server that behaves and misbehaves."""

from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from time import monotonic

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from notifier.domain.deliveries import AttemptResult, Outcome
from notifier.mail_server import MailServer, parse_mail_server
from support.notifier.mail import ScriptedMailServer, mailing
from support.notifier.trickling import mail_talk, talking

BRIEF = timedelta(seconds=1)
RECIPIENT = "kmp-1661@policja.example"


def mail(body: str = "Treść\n.\n.kropka\n", to: str = RECIPIENT) -> bytes:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "mapa@kmzb.example", to, "Zgłoszenie ąę"
    made.set_content(body, cte="quoted-printable")
    return made.as_bytes()


def sent(
    server: MailServer, message: bytes | None = None, hand_over: Callable[[], None] = lambda: None, to: str = RECIPIENT
) -> AttemptResult | BaseException:
    """What an attempt gives or raises."""
    with mailing(server, BRIEF) as send:
        return send(message or mail(), to, hand_over)


@pytest.fixture
def server(free_port: int) -> MailServer:
    return parse_mail_server(f"smtp://127.0.0.1:{free_port}", "kmzb.example")


def test_what_is_sent_arrives_as_it_was_written(smtp: ScriptedMailServer, server: MailServer) -> None:
    assert sent(server) == AttemptResult(Outcome.SENT)
    (received,) = smtp.mails
    assert received["Subject"] == "Zgłoszenie ąę"
    assert received.get_content().replace("\r\n", "\n") == "Treść\n.\n.kropka\n"
    assert smtp.envelopes == [("<>", [RECIPIENT])]


def test_the_envelope_is_never_read_from_the_headers(smtp: ScriptedMailServer, server: MailServer) -> None:
    misleading = mail(to="=?utf-8?q?v=40other.example=2C?=@policja.example")
    assert sent(server, misleading) == AttemptResult(Outcome.SENT)
    assert smtp.envelopes == [("<>", [RECIPIENT])]


@pytest.mark.parametrize(
    ("at_recipient", "at_end", "outcome", "reason"),
    [
        ("550 5.1.1", None, Outcome.REFUSED, "RCPT 550 5.1.1"),
        ("550", None, Outcome.REFUSED, "RCPT 550"),
        ("450 4.2.1", None, Outcome.DEFERRED, "RCPT 450 4.2.1"),
        ("552 5.2.2", None, Outcome.DEFERRED, "RCPT 552 5.2.2"),
        ("554 5.7.1", None, Outcome.DEFERRED, "RCPT 554 5.7.1"),
        ("421 4.3.2", None, Outcome.DEFERRED, "RCPT 421 4.3.2"),
        (None, "554 5.7.1 refused for kmp-1661@policja.example", Outcome.DEFERRED, "DATA 554 5.7.1"),
        (None, "552 5.3.4 too big", Outcome.REFUSED, "DATA 552 5.3.4"),
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
    assert sent(server) == AttemptResult(outcome, reason)


STEPS = ("GREET", "EHLO", "MAIL", "RCPT", "DATA", "END")


@pytest.mark.parametrize("step", STEPS)
def test_a_server_that_says_one_byte_at_a_time_takes_no_longer_than_the_limit(step: str) -> None:
    handed_over: list[None] = []
    began = monotonic()
    with talking(mail_talk(at=step, trickle=True)) as port:
        ended = sent(parse_mail_server(f"smtp://127.0.0.1:{port}", "x"), hand_over=lambda: handed_over.append(None))
    assert isinstance(ended, TimeoutError)
    assert monotonic() - began < 4  # of one second, on a machine that does other things besides
    assert len(handed_over) == (step == "END")


@pytest.mark.parametrize("step", STEPS)
def test_a_server_that_hangs_up_is_an_error_of_that_attempt(step: str) -> None:
    handed_over: list[None] = []
    with talking(mail_talk(at=step)) as port:
        ended = sent(parse_mail_server(f"smtp://127.0.0.1:{port}", "x"), hand_over=lambda: handed_over.append(None))
    assert isinstance(ended, Exception)
    assert len(handed_over) == (step == "END")


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@example(step="END", code=552, enhanced="5.2.2", words=b"")
@example(step="MAIL", code=421, enhanced="", words=b"bye")
@given(
    step=st.sampled_from(STEPS),
    code=st.integers(0, 999),
    enhanced=st.sampled_from(["", "5.1.1", "5.0.0", "4.2.2", "9.9.9", "x"]),
    words=st.binary(max_size=40).map(lambda raw: raw.replace(b"\n", b"").replace(b"\r", b"")),
)
def test_whatever_a_server_answers_is_an_outcome_and_arrived_only_by_its_yes(
    step: str, code: int, enhanced: str, words: bytes
) -> None:
    handed_over: list[None] = []
    line = f"{code:03} {enhanced} ".encode() + words
    with talking(mail_talk(at=step, say=line)) as port:
        ended = sent(parse_mail_server(f"smtp://127.0.0.1:{port}", "x"), hand_over=lambda: handed_over.append(None))
    if isinstance(ended, AttemptResult):
        if step == "END" and ended.outcome is not Outcome.SENT:
            assert (ended.outcome is Outcome.UNCERTAIN) == (code // 100 not in (4, 5))
        if ended.outcome is Outcome.REFUSED:
            assert code // 100 == 5
            assert step in ("RCPT", "DATA", "END")
        if step == "END" and code // 100 != 2:
            assert ended.outcome is not Outcome.SENT
    else:
        assert step not in ("RCPT", "END") or not 400 <= code < 600
    assert len(handed_over) <= 1


def test_a_mail_that_must_not_be_handed_over_is_not(smtp: ScriptedMailServer, server: MailServer) -> None:
    def no() -> None:
        raise PermissionError

    assert isinstance(sent(server, hand_over=no), PermissionError)
    assert not smtp.mails


def test_a_server_that_is_away_or_offers_no_tls_is_an_error(smtp: ScriptedMailServer, server: MailServer) -> None:
    assert isinstance(sent(parse_mail_server("smtp://127.0.0.1:1", "x")), Exception)
    private = parse_mail_server(f"smtp://127.0.0.1:{server.port}?starttls=required", "x")
    assert isinstance(sent(private), Exception)
    named = parse_mail_server(f"smtp://u:p%40@127.0.0.1:{server.port}", "x")
    assert named.password == "p@"
    assert isinstance(sent(named), Exception)
    assert not smtp.mails


@pytest.mark.parametrize(
    "url", ["http://mail.example", "smtp:///x", "smtp://h?starttls=perhaps", "smtp://h?tls=1", "smtp://u@h", "mail"]
)
def test_a_mail_server_that_cannot_be_meant_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"smtp|starttls|password|query"):
        parse_mail_server(url, "x")
