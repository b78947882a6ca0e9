"""Refusals are counted: who guesses or hammers is not read any more for a while, who mistypes is."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from starlette.testclient import TestClient
from support.intake.memory_log import MemoryLog, report

JSON = {"Content-Type": "application/json"}
LIMIT = 12


def refusals(client: TestClient) -> list[Callable[[], int]]:
    """Ways to be refused, each giving its status."""

    def post(path: str, content: bytes = b"{}", **headers: str) -> Callable[[], int]:
        return lambda: client.post(path, content=content, headers={**JSON, **headers}).status_code

    of_another = b'{"report_id": "%s"}' % str(uuid4()).encode()
    return [
        post("/v1/reports", b"{"),
        post("/v1/reports", report(category="nothing")),
        post("/v1/reports", b" " * 40_000),
        post("/v1/reports", report(), **{"Idempotency-Key": "a" * 16}),
        post(f"/v1/receipts/{'r' * 22}/contest", of_another),
        post(f"/v1/receipts/{'r' * 22}/erasure", b'{"report_id": 7}'),
        post("/v1/reports/nobody/support"),
        lambda: client.post("/v1/reports", content=b"x", headers={"Content-Type": "text/plain"}).status_code,
    ]


@pytest.fixture(params=["redis", "no redis"])
def limited(request: pytest.FixtureRequest, serve: Callable[..., TestClient]) -> Callable[..., TestClient]:
    redis = {"redis_url": request.getfixturevalue("redis_url")} if request.param == "redis" else {}
    return lambda **more: serve(**redis, refusals_per_hour=LIMIT, **more)


def test_who_mistypes_ten_times_is_heard_all_the_same(limited: Callable[..., TestClient], log: MemoryLog) -> None:
    client = limited()
    for number in range(10):
        assert client.post("/v1/reports", content=report(category="nothing"), headers=JSON).status_code == 422, number
    assert client.post("/v1/reports", content=report(), headers=JSON).status_code == 201
    assert len(log.events) == 1


@pytest.mark.parametrize("which", range(8))
def test_whatever_is_refused_is_counted_and_then_turned_away(
    which: int, limited: Callable[..., TestClient], log: MemoryLog
) -> None:
    client = limited()
    refusal = refusals(client)[which]
    answers = [refusal() for _ in range(LIMIT + 3)]
    assert set(answers[: LIMIT + 1]) <= {400, 404, 413, 415, 422}
    assert answers[LIMIT + 1 :] == [429] * 2
    turned_away = client.post("/v1/reports", content=report(), headers=JSON)
    assert (turned_away.status_code, turned_away.headers["content-type"]) == (429, "application/problem+json")
    assert 0 < int(turned_away.headers["retry-after"]) <= 3600
    assert client.get("/v1/categories").status_code == 200
    assert not log.events


def test_others_are_heard_meanwhile(limited: Callable[..., TestClient]) -> None:
    client, other = limited(), limited(sender="198.51.100.7")
    for refusal in refusals(client) * 3:
        refusal()
    assert client.post("/v1/reports", content=report(), headers=JSON).status_code == 429
    assert other.post("/v1/reports", content=report(), headers=JSON).status_code == 201


def test_another_instance_knows_it_by_the_next_refusal(redis_url: str, serve: Callable[..., TestClient]) -> None:
    one, other = (serve(redis_url=redis_url, refusals_per_hour=LIMIT) for _ in range(2))
    for _ in range(LIMIT):
        assert one.post("/v1/reports", content=b"{", headers=JSON).status_code == 400
    assert [other.post("/v1/reports", content=b"{", headers=JSON).status_code for _ in range(2)] == [400, 429]
