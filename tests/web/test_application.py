"""Every application says how it is, and answers errors as problems."""

import pytest
from chassis.health import Health
from fastapi.testclient import TestClient
from psycopg import OperationalError
from psycopg.errors import LockNotAvailable, QueryCanceled, SerializationFailure
from psycopg_pool import PoolTimeout
from web.application import create_api
from web.problems import Problem

BUSY = {
    each.__name__: each
    for each in (LockNotAvailable, QueryCanceled, SerializationFailure, OperationalError, PoolTimeout)
}


@pytest.fixture
def health() -> Health:
    return Health("consumer")


@pytest.fixture
def client(health: Health) -> TestClient:
    api = create_api("a service", "for tests", health, passing=[OperationalError])

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


def test_metrics_have_a_port_of_their_own(client: TestClient) -> None:
    assert client.get("/metrics").status_code == 404


@pytest.mark.parametrize("error", BUSY)
def test_a_database_that_is_busy_or_away_is_a_matter_of_coming_back(client: TestClient, error: str) -> None:
    answer = client.get(f"/busy/{error}")
    assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
    assert int(answer.headers["Retry-After"]) > 0
    assert "citizen" not in answer.text
