"""Who has no API says how it is in the same words as those that have one, and serves nothing else."""

from collections.abc import Mapping
from typing import Any

import pytest
from chassis.health import Health
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient
from support.web.any_request import check, requests
from web.application import create_api
from web.health import health_api, metrics_api


@pytest.fixture
def health() -> Health:
    return Health("consumer")


def test_ready_only_when_nothing_is_awaited(health: Health) -> None:
    client = TestClient(health_api(health))
    assert (client.get("/readyz").status_code, client.get("/readyz").json()) == (503, {"awaits": ["consumer"]})
    health.ready("consumer")
    assert client.get("/readyz").status_code == 200


def test_alive_while_the_loops_move(health: Health, monkeypatch: pytest.MonkeyPatch) -> None:
    client = TestClient(health_api(health))
    health.beat("consumer")
    assert client.get("/livez").status_code == 200
    monkeypatch.setattr("chassis.health.monotonic", lambda: 1e12)
    assert (client.get("/livez").status_code, client.get("/livez").json()) == (503, {"stuck": ["consumer"]})


def test_metrics_are_in_prometheus_text_format_on_a_port_of_their_own(health: Health) -> None:
    answer = TestClient(metrics_api()).get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    assert "# TYPE python_info gauge" in answer.text
    assert TestClient(health_api(health)).get("/metrics").status_code == 404


@pytest.mark.long
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_every_request_is_answered_as_by_a_service_with_an_api(data: st.DataObject) -> None:
    drawn = data.draw(requests(_DOCUMENT))
    answers = [client.request(**drawn, follow_redirects=False) for client in (_WITH_API, _ALONE)]
    said = [(answer.status_code, sorted(answer.headers.items()), answer.content) for answer in answers]
    assert said[0] == said[1], drawn
    check(_ALONE, drawn, public=False)


_DOCUMENT: Mapping[str, Any] = {"paths": {"/livez": {"get": {}}, "/readyz": {"get": {}}}}
_HEALTH = Health("consumer")
_WITH_API = TestClient(create_api("a service", "for tests", _HEALTH, documented=False))
_ALONE = TestClient(health_api(_HEALTH))
