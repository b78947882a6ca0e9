"""A service ends as a whole: by a signal with 0, by a failed worker with 1; and says meanwhile how it is."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from chassis.health import Health
from chassis.http import Problem, create_api
from fastapi.testclient import TestClient
from psycopg import OperationalError
from psycopg.errors import LockNotAvailable, QueryCanceled, SerializationFailure
from psycopg_pool import PoolTimeout
from support.wait import eventually

PROGRAM = Path(__file__).with_name("small_service.py")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


@contextmanager
def small_service(port: int, behaviour: str) -> Iterator["subprocess.Popen[bytes]"]:
    """The service once it answers; killed at the end if it still runs then."""
    process = subprocess.Popen([sys.executable, str(PROGRAM), str(port), behaviour], stderr=subprocess.PIPE)
    try:
        eventually(lambda: _answers(port))
        yield process
    finally:
        process.kill()
        process.communicate()


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/livez", trust_env=False).is_success
    except httpx.TransportError:
        return False


def test_a_signal_ends_everything_with_success() -> None:
    with small_service(free_port(), "works") as process:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=15)
    assert process.returncode == 0


def test_a_failed_worker_ends_the_process_so_that_it_is_restarted() -> None:
    port = free_port()
    with small_service(port, "fails") as process:
        httpx.get(f"http://127.0.0.1:{port}/fail", trust_env=False)
        _, errors = process.communicate(timeout=15)
    assert process.returncode == 1
    assert b"worker failed" in errors


BUSY = {
    each.__name__: each
    for each in (LockNotAvailable, QueryCanceled, SerializationFailure, OperationalError, PoolTimeout)
}


@pytest.fixture
def health() -> Health:
    return Health("consumer")


@pytest.fixture
def client(health: Health) -> TestClient:
    api = create_api("a service", "for tests", health)

    @api.get("/cases/{number}")
    def case(number: int) -> None:
        raise Problem(409, "Not now", "take the case up first", allowed=["take-up"], number=number)

    @api.get("/busy/{error}")
    def busy(error: str) -> None:
        raise BUSY[error]("words of a citizen")

    return TestClient(api)


def test_ready_only_when_nothing_is_awaited(client: TestClient, health: Health) -> None:
    assert (client.get("/readyz").status_code, client.get("/readyz").json()) == (503, {"awaits": ["consumer"]})
    health.ready("consumer")
    assert client.get("/readyz").status_code == 200


def test_alive_while_the_loops_move(client: TestClient, health: Health, monkeypatch: pytest.MonkeyPatch) -> None:
    health.beat("consumer")
    assert client.get("/livez").status_code == 200
    monkeypatch.setattr("chassis.health.monotonic", lambda: 1e12)
    assert client.get("/livez").json() == {"stuck": ["consumer"]}


def test_errors_are_problems_that_name_the_field(client: TestClient) -> None:
    answer = client.get("/cases/7")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["allowed"] == ["take-up"]
    wrong = client.get("/cases/seven")
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "number")
    assert "seven" not in wrong.text
    missing = client.get("/nowhere")
    assert (missing.status_code, missing.headers["content-type"]) == (404, "application/problem+json")


def test_metrics_are_in_prometheus_text_format(client: TestClient) -> None:
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    assert "# TYPE python_info gauge" in answer.text


@pytest.mark.parametrize("error", BUSY)
def test_a_database_that_is_busy_or_away_is_a_matter_of_coming_back(client: TestClient, error: str) -> None:
    answer = client.get(f"/busy/{error}")
    assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
    assert int(answer.headers["Retry-After"]) > 0
    assert "citizen" not in answer.text
