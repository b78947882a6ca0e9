"""One attempt at a webhook, against real servers that behave and misbehave."""

import asyncio
import json
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from time import monotonic
from typing import Any
from uuid import UUID

import pytest
from httpx import HTTPError
from notifier.answers.signatures import recipient_secret, signature
from notifier.delivery.channels.webhooks import post_webhook, retry_after
from notifier.domain.deliveries import AttemptResult, Outcome
from support.events import SUBMITTED
from support.notifier.mail import outcome_within
from support.notifier.trickling import talking, trickle_byte


def posted(
    url: str, secret: bytes = b"s", body: bytes = b"{}", hand_over: Callable[[], None] = lambda: None
) -> AttemptResult | BaseException:
    """What an attempt gives or raises."""
    return outcome_within(BRIEF, post_webhook(url, secret, DELIVERY_ID, body, SUBMITTED, hand_over))


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
        (302, Outcome.DEFERRED),
        (400, Outcome.DEFERRED),
        (404, Outcome.DEFERRED),
        (410, Outcome.REFUSED),
        (429, Outcome.DEFERRED),
        (500, Outcome.DEFERRED),
        (503, Outcome.DEFERRED),
    ],
)
def test_a_webhook_is_signed_and_never_follows_elsewhere(status: int, outcome: Outcome) -> None:
    secret, body = recipient_secret(b"master", "railways"), json.dumps({"a": 1}).encode()
    handed_over: list[None] = []
    with listening(status) as (url, received):
        result = posted(url, secret, body, lambda: handed_over.append(None))
    assert handed_over == [None]
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
        handed_over: list[None] = []
        assert isinstance(posted(url, hand_over=lambda: handed_over.append(None)), TimeoutError)
    assert len(received) == len(handed_over) == 1
    assert isinstance(posted("http://127.0.0.1:1/", hand_over=lambda: handed_over.append(None)), OSError | HTTPError)
    assert len(handed_over) == 1


def test_a_webhook_that_answers_one_byte_at_a_time_takes_no_longer_than_the_limit() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nx-slow: ")
        while True:
            await trickle_byte(reader, writer)

    began = monotonic()
    with talking(talk) as port:
        assert isinstance(posted(f"http://127.0.0.1:{port}/"), TimeoutError)
    assert monotonic() - began < 4  # of one second, on a machine that does other things besides


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        ("Mon, 02 Mar 2026 08:00:00 GMT", (datetime(2026, 3, 2, 8, tzinfo=UTC) - SUBMITTED).total_seconds()),
        ("0", None),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("9" * 30, None),
        ("Mon, 02 Mar 2026 08:00:00", None),
        ("\u0665", 5),
    ],
)
def test_a_webhook_may_ask_us_to_wait(value: str, seconds: float | None) -> None:
    wait = retry_after(value, SUBMITTED)
    assert wait is None if seconds is None or seconds <= 0 else wait == timedelta(seconds=seconds)


def test_every_recipient_has_a_webhook_key_of_its_own() -> None:
    assert recipient_secret(b"master", "railways") != recipient_secret(b"master", "city-guard")
