"""One attempt by each way out, against real servers that behave and misbehave."""

import json
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from uuid import UUID

import pytest
from notifier.attempts import Outcome
from notifier.channels import MailServer, Result, email, mail_server, recipient_secret, signature, webhook
from support.events import SUBMITTED
from support.mail import Postman

NUMBER = UUID("0b1fba88-8861-5065-bbfc-4ffcb573cf92")
BRIEF = timedelta(seconds=1)


def mail(body: str = "Treść\n.\n.kropka\n") -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "mapa@kmzb.example", "kmp-1661@policja.example", "Zgłoszenie ąę"
    made.set_content(body, cte="quoted-printable")
    return made


@pytest.fixture
def server(free_port: int) -> MailServer:
    return mail_server(f"smtp://127.0.0.1:{free_port}", BRIEF)


def test_what_is_sent_arrives_as_it_was_written(postman: Postman, server: MailServer) -> None:
    assert email(server, mail()) == Result(Outcome.SENT)
    (taken,) = postman.taken
    assert taken["Subject"] == "Zgłoszenie ąę"
    assert taken.get_content().replace("\r\n", "\n") == "Treść\n.\n.kropka\n"


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
    postman: Postman, server: MailServer, at_recipient: str | None, at_end: str | None, outcome: Outcome, reason: str
) -> None:
    postman.at_recipient, postman.at_end = at_recipient, at_end
    assert email(server, mail()) == Result(outcome, reason)


def test_a_server_that_hangs_up_after_the_message_leaves_it_uncertain(postman: Postman, server: MailServer) -> None:
    postman.hangs_up = True
    assert email(server, mail()).outcome is Outcome.UNCERTAIN
    assert len(postman.taken) == 1


def test_a_server_that_never_answers_the_message_leaves_it_uncertain(postman: Postman, server: MailServer) -> None:
    postman.go_on = Event()
    assert email(server, mail()).outcome is Outcome.UNCERTAIN
    postman.go_on.set()


def test_a_server_that_is_away_or_offers_no_tls_is_asked_again_later(postman: Postman, server: MailServer) -> None:
    away = mail_server("smtp://127.0.0.1:1", BRIEF)
    assert email(away, mail()) == Result(Outcome.DEFERRED, "ConnectionRefusedError")
    private = mail_server(f"smtp://127.0.0.1:{server.port}?starttls=required", BRIEF)
    assert email(private, mail()).outcome is Outcome.DEFERRED
    named = mail_server(f"smtp://u:p%40@127.0.0.1:{server.port}", BRIEF)
    assert named.password == "p@"
    assert email(named, mail()).outcome is Outcome.DEFERRED
    assert not postman.taken


@pytest.mark.parametrize(
    "url", ["http://mail.example", "smtp:///x", "smtp://h?starttls=perhaps", "smtp://h?tls=1", "smtp://u@h", "mail"]
)
def test_a_mail_server_that_cannot_be_meant_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"smtp|starttls|password|query"):
        mail_server(url, BRIEF)


@contextmanager
def listening(status: int, *, slow: Event | None = None) -> Iterator[tuple[str, list[Any]]]:
    """A web server that answers every POST so, and what it was sent."""
    taken: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.append((dict(self.headers), self.rfile.read(int(self.headers["content-length"]))))
            if slow:
                slow.wait(10)
            self.send_response(status)
            self.send_header("location", "/elsewhere")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/in", taken
    finally:
        if slow:
            slow.set()
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Outcome.SENT),
        (204, Outcome.SENT),
        (302, Outcome.REFUSED),
        (400, Outcome.REFUSED),
        (410, Outcome.REFUSED),
        (429, Outcome.DEFERRED),
        (500, Outcome.DEFERRED),
        (503, Outcome.DEFERRED),
    ],
)
def test_a_webhook_is_signed_and_never_follows_elsewhere(status: int, outcome: Outcome) -> None:
    secret, body = recipient_secret(b"master", "railways"), json.dumps({"a": 1}).encode()
    with listening(status) as (url, taken):
        result = webhook(url, secret, NUMBER, body, SUBMITTED, BRIEF)
    assert result == Result(outcome, None if outcome is Outcome.SENT else f"HTTP {status}")
    ((headers, sent),) = taken
    assert sent == body
    assert headers["webhook-id"] == str(NUMBER)
    sent_at = headers["webhook-timestamp"]
    assert headers["webhook-signature"] == f"v1,{signature(secret, str(NUMBER), sent_at, body)}"


def test_a_signature_is_the_one_of_standard_webhooks_own_example() -> None:
    secret = b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    made = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}')
    assert made == "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_webhook_that_does_not_answer_is_tried_again() -> None:
    with listening(200, slow=Event()) as (url, taken):
        result = webhook(url, b"secret", NUMBER, b"{}", SUBMITTED, BRIEF)
    assert result == Result(Outcome.DEFERRED, "ReadTimeout")
    assert len(taken) == 1
    assert webhook("http://127.0.0.1:1/", b"s", NUMBER, b"{}", SUBMITTED, BRIEF).outcome is Outcome.DEFERRED


def test_every_recipient_has_a_webhook_key_of_its_own() -> None:
    assert recipient_secret(b"master", "railways") != recipient_secret(b"master", "city-guard")
