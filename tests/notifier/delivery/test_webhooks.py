"""One attempt at a webhook, against real servers that behave and misbehave."""

import json
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from uuid import UUID

import pytest
from notifier.delivery.webhooks import post_webhook, recipient_secret, signature
from notifier.domain.deliveries import AttemptResult, Outcome
from support.events import SUBMITTED

DELIVERY_ID = UUID("0b1fba88-8861-5065-bbfc-4ffcb573cf92")
BRIEF = timedelta(seconds=1)


@contextmanager
def listening(status: int, *, slow: Event | None = None) -> Iterator[tuple[str, list[Any]]]:
    """A web server that answers every POST so, and what it was sent."""
    received: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append((dict(self.headers), self.rfile.read(int(self.headers["content-length"]))))
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
        yield f"http://127.0.0.1:{server.server_port}/in", received
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
    with listening(status) as (url, received):
        result = post_webhook(url, secret, DELIVERY_ID, body, SUBMITTED, BRIEF)
    assert result == AttemptResult(outcome, None if outcome is Outcome.SENT else f"HTTP {status}")
    ((headers, sent),) = received
    assert sent == body
    assert headers["webhook-id"] == str(DELIVERY_ID)
    sent_at = headers["webhook-timestamp"]
    assert headers["webhook-signature"] == f"v1,{signature(secret, str(DELIVERY_ID), sent_at, body)}"


def test_a_signature_is_the_one_of_standard_webhooks_own_example() -> None:
    secret = b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    made = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}')
    assert made == "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_webhook_that_does_not_answer_is_tried_again() -> None:
    with listening(200, slow=Event()) as (url, received):
        result = post_webhook(url, b"secret", DELIVERY_ID, b"{}", SUBMITTED, BRIEF)
    assert result == AttemptResult(Outcome.DEFERRED, "ReadTimeout")
    assert len(received) == 1
    assert post_webhook("http://127.0.0.1:1/", b"s", DELIVERY_ID, b"{}", SUBMITTED, BRIEF).outcome is Outcome.DEFERRED


def test_every_recipient_has_a_webhook_key_of_its_own() -> None:
    assert recipient_secret(b"master", "railways") != recipient_secret(b"master", "city-guard")
