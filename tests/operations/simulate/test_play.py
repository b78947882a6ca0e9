"""Sending is an open loop: reports wait for no answer, and what is late, refused or unanswered is said."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import monotonic
from uuid import uuid4

import pytest
from operations.simulate.citizens import Citizens
from operations.simulate.model.arrivals import Arrival, Kind
from operations.simulate.pace import Pace
from operations.simulate.play import Outcome, Part, System, play
from operations.simulate.tally import Tally
from support.wait import eventually

START = datetime(2026, 6, 1, tzinfo=UTC)


class Intake(ThreadingHTTPServer):
    """Answers every report with `status`, once `go_on` is set."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.go_on, self.status, self.keys = threading.Event(), 201, list[str]()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Intake
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.keys.append(self.headers["Idempotency-Key"])
        self.server.go_on.wait(20)
        said = {"report_id": str(uuid4())} if self.server.status == 201 else {"title": "That is too much for now"}
        body = json.dumps(said).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Nobody reads it."""


@pytest.fixture
def intake() -> Iterator[Intake]:
    with Intake() as server:
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        serving.start()
        yield server
        server.go_on.set()
        server.shutdown()
        serving.join()


def arrivals(number: int) -> list[Arrival]:
    return [
        Arrival(n, START + timedelta(seconds=n), Kind.ORDINARY, "OPO", "parking", 17.92, 50.66, n)
        for n in range(1, number + 1)
    ]


def played(intake: Intake, number: int, said: list[str], seconds: float = 20) -> Outcome:
    part = Part(START, START + timedelta(seconds=seconds), compression=100.0)
    return play(System(intake.url, intake.url, None), arrivals(number), part, seed=1, at_once=8, say=said.append)


def test_reports_wait_for_no_answer(intake: Intake) -> None:
    tally, stop = Tally(), threading.Event()
    citizens = Citizens(intake.url, at_once=8, seed=1, tally=tally, stop=stop)
    pace = Pace(START, began=0.0, compression=1e9)
    citizens.send_all(arrivals(8), pace, lambda arrival, report_id: None, lambda behind: None)
    eventually(lambda: len(intake.keys) == 8)
    assert (tally.sent, tally.answered) == (8, 0)
    intake.go_on.set()
    citizens.close()
    assert (tally.sent, tally.accepted) == (8, 8)


def test_more_than_may_be_under_way_are_late_and_said_to_be(intake: Intake) -> None:
    tally, stop, behind = Tally(), threading.Event(), list[float]()
    citizens = Citizens(intake.url, at_once=2, seed=1, tally=tally, stop=stop)

    def tick(seconds: float) -> None:
        behind.append(seconds)
        if seconds > 1.2:
            intake.go_on.set()

    pace = Pace(START, began=monotonic(), compression=1e9)
    citizens.send_all(arrivals(3), pace, lambda arrival, report_id: None, tick)
    citizens.close()
    assert max(behind) > 1.2
    assert (tally.accepted, tally.late) == (3, 1)
    assert tally.seconds(1.0) > 1.2  # timed from when it was due
    assert "BEHIND THE PLAN" in tally.line(START, 0.0, max(behind))
    assert "1 reports over 1 s late" in dict(tally.rows(2, 0))["BEHIND THE PLAN"]


def test_what_was_sent_is_summed_up(intake: Intake) -> None:
    intake.go_on.set()
    outcome = played(intake, 12, [])
    rows = dict(outcome.tally.rows(8, outcome.undone))
    assert rows["sent"] == "12 (12 ordinary)"
    assert rows["accepted"] == "12"
    assert rows["refused, by reason"] == "none"
    assert not outcome.interrupted
    assert len(set(intake.keys)) == 12


def test_refusals_are_counted_by_their_reason(intake: Intake) -> None:
    intake.go_on.set()
    intake.status = 429
    outcome = played(intake, 5, [])
    assert dict(outcome.tally.refused) == {"429 That is too much for now": 5}
    assert outcome.tally.limited == 5


def test_a_report_nobody_knows_of_is_sent_again_under_its_key(intake: Intake) -> None:
    intake.go_on.set()
    intake.status = 503
    tally, stop = Tally(), threading.Event()
    citizens = Citizens(intake.url, at_once=1, seed=1, tally=tally, stop=stop)
    pace = Pace(START, began=0.0, compression=1e9)
    citizens.send_all(arrivals(1), pace, lambda arrival, report_id: None, lambda behind: None)
    eventually(lambda: len(intake.keys) >= 2)
    intake.status = 201
    eventually(lambda: tally.accepted == 1)
    citizens.close()
    assert len(set(intake.keys)) == 1
    assert tally.repeated == len(intake.keys) - 1


def test_an_interruption_ends_it_with_what_came_of_it(intake: Intake) -> None:
    intake.go_on.set()

    def interrupt(line: str) -> None:
        if "sent" in line:
            raise KeyboardInterrupt

    part = Part(START, START + timedelta(hours=1), compression=100.0)
    outcome = play(System(intake.url, intake.url, None), arrivals(3), part, seed=1, at_once=2, say=interrupt)
    assert outcome.interrupted
    assert outcome.tally.accepted == 3
