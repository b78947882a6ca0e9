"""Agencies without topics: one as data, its real receiver that believes what is signed alone, a referral made to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from chassis.clock import now
from contracts.agencies import Agencies, Agency, AgencyChannel
from contracts.events.cases import CaseConfirmed, CaseOpened, CaseReferred, CaseTakenUp
from standardwebhooks import Webhook, WebhookVerificationError
from support.histories import Life

CODE = "road-manager"


def reached_by(channel: AgencyChannel, contact: str | None) -> Agencies:
    """The agencies there are: one, reached so."""
    known = Agency(code=CODE, name="Zarząd Dróg", channel=channel, contact=contact, changed_at=now())
    return Agencies([known])


def referred(**more: Any) -> Life:
    """A report of a minute ago that was confirmed and handed to the agency."""
    life = Life(1, start=now() - timedelta(minutes=1))
    life.then(CaseOpened, 1).then(CaseTakenUp, 2).then(CaseConfirmed, 3)
    return life.then(CaseReferred, 4, **more)


class Receiver:
    """What an agency's program got: `believed` are bodies that its key signed, each by its message's id."""

    def __init__(self, key: str | None = None) -> None:
        self.believed: dict[str, Any] = {}
        self.refused: list[str] = []
        self.hosts: list[str] = []
        self.paths: list[str] = []
        self.status, self.key = 204, key

    def take(self, path: str, headers: dict[str, str], body: bytes) -> int:
        """The status to answer with."""
        self.paths.append(path)
        self.hosts.append(headers["host"])
        try:
            self.believed[headers["webhook-id"]] = Webhook(self.key or "").verify(body, headers)
        except WebhookVerificationError as wrong:
            self.refused.append(str(wrong))
            return 401
        return self.status


@contextmanager
def listening(receiver: Receiver) -> Iterator[int]:
    """An HTTP server on loopback that hands to the receiver what is posted; gives its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers["content-length"]))
            self.send_response(receiver.take(self.path, headers, body))
            self.send_header("location", "/elsewhere")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
