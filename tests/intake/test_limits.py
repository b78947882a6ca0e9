"""How much one sender may send over HTTP: with Redis, and without."""

import socket
from collections.abc import Callable
from time import monotonic
from typing import Any
from uuid import uuid4

import pytest
from intake.domain.limits import KEY_ACKNOWLEDGED_SECONDS
from prometheus_client import REGISTRY
from redis import Redis
from starlette.testclient import TestClient
from support.intake.memory_log import SENDER, MemoryLog, report


def fallbacks() -> float:
    return REGISTRY.get_sample_value("kmzb_redis_fallback_total", {"service": "intake"}) or 0.0


def test_what_is_in_redis_names_nobody_and_vanishes(redis_url: str, serve: Callable[..., TestClient]) -> None:
    client, key = serve(redis_url=redis_url), str(uuid4())
    answer = client.post("/v1/reports", content=report(), headers=headers(key)).json()
    with Redis.from_url(redis_url, decode_responses=True) as redis:
        entries: dict[str, Any] = {name: redis.get(name) for name in redis.scan_iter()}
        assert entries.pop("kmzb:intake:whole-since") == answer["submitted_at"].replace("Z", "+00:00")
        lives = [int(redis.ttl(name)) for name in entries]
    assert len(entries) == 4
    assert all(0 < life <= KEY_ACKNOWLEDGED_SECONDS for life in lives)
    assert not [text for text in (SENDER, key, answer["receipt"], answer["report_id"]) if text in str(entries)]


def headers(key: str | None = None) -> dict[str, str]:
    return {"Content-Type": "application/json", **({"Idempotency-Key": key} if key else {})}


def send(client: TestClient, number: int = 0, key: str | None = None) -> Any:
    """A report, each number in another place."""
    return client.post("/v1/reports", content=report(latitude=50 + number / 100), headers=headers(key))


@pytest.fixture(params=["redis", "no redis"])
def limited(request: pytest.FixtureRequest, serve: Callable[..., TestClient]) -> Callable[..., TestClient]:
    """Clients of services with the limits named, sharing one Redis, or each with its own memory."""
    redis = {"redis_url": request.getfixturevalue("redis_url")} if request.param == "redis" else {}
    return lambda **more: serve(**redis, **more)


def test_five_an_hour_and_then_429_with_the_time_to_wait(limited: Callable[..., TestClient], log: MemoryLog) -> None:
    client = limited(reports_per_hour=5)
    assert [send(client, number).status_code for number in range(6)] == [201] * 5 + [429]
    refused = send(client, 7)
    assert 0 < int(refused.headers["retry-after"]) <= 3600
    assert "112" in refused.json()["detail"]
    assert len(log.events) == 5


def test_one_of_a_category_in_a_place(limited: Callable[..., TestClient]) -> None:
    client = limited(reports_per_place=1)
    assert [send(client, number).status_code for number in (1, 1, 2)] == [201, 429, 201]
    other = client.post("/v1/reports", content=report(category="parking", latitude=50.01), headers=headers())
    assert other.status_code == 201


def test_a_repeat_under_its_key_is_no_second_report_in_a_place(limited: Callable[..., TestClient]) -> None:
    client, key = limited(reports_per_place=1), str(uuid4())
    assert [send(client, 1, key).status_code for _ in range(3)] == [201] * 3


def test_what_was_not_taken_uses_nothing_up(limited: Callable[..., TestClient], log: MemoryLog) -> None:
    client = limited(reports_per_hour=1, reports_per_place=1)
    assert client.post("/v1/reports", content=b"{}", headers=headers()).status_code == 422
    log.away = True
    assert [send(client).status_code for _ in range(3)] == [503] * 3
    log.away = False
    assert [send(client).status_code for _ in range(2)] == [201, 429]


def test_follow_ups_have_a_limit_of_their_own(limited: Callable[..., TestClient]) -> None:
    client = limited(follow_ups_per_hour=3, reports_per_hour=1)
    assert send(client).status_code == 201
    wrong = f"/v1/receipts/{'r' * 22}/contest", {"report_id": str(uuid4())}
    assert client.post(wrong[0], json=wrong[1]).status_code == 404
    said = [client.post(f"/v1/reports/{uuid4()}/support") for _ in range(3)]
    assert [answer.status_code for answer in said] == [202, 202, 429]
    assert int(said[-1].headers["retry-after"]) > 0


def test_a_household_of_ipv6_is_one_sender_and_the_next_is_another(
    redis_url: str, serve: Callable[..., TestClient]
) -> None:
    senders = ["2001:db8:1:2::a", "2001:db8:1:2:ffff::b", "2001:db8:1:3::a"]
    clients = [serve(sender=sender, redis_url=redis_url, reports_per_hour=1) for sender in senders]
    assert [send(client, number).status_code for number, client in enumerate(clients)] == [201, 429, 201]


def test_only_known_proxies_speak_for_others(redis_url: str, serve: Callable[..., TestClient]) -> None:
    known = {"redis_url": redis_url, "trusted_proxies": "10.0.0.0/8", "reports_per_hour": 1}
    proxy, stranger = serve(sender="10.1.1.1", **known), serve(**known)
    forwarded = [{"X-Forwarded-For": f"198.51.100.{number}"} for number in (1, 2, 1)]
    body = [report(latitude=50 + number / 100) for number in range(6)]
    through = [
        proxy.post("/v1/reports", content=body[number], headers={**headers(), **more})
        for number, more in enumerate(forwarded)
    ]
    assert [answer.status_code for answer in through] == [201, 201, 429]
    direct = [
        stranger.post("/v1/reports", content=body[3 + number], headers={**headers(), **more})
        for number, more in enumerate(forwarded)
    ]
    assert [answer.status_code for answer in direct] == [201, 429, 429]


def test_redis_that_hangs_holds_nobody_up(serve: Callable[..., TestClient]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        client = serve(redis_url=f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        before, started = fallbacks(), monotonic()
        assert [send(client, number).status_code for number in range(3)] == [201] * 3
        assert monotonic() - started < 5
        assert fallbacks() >= before + 3
