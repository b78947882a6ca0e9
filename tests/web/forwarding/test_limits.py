"""What one sender may post is bounded, however it is answered; reading, and others, go on."""

import asyncio
from collections.abc import Iterator
from ipaddress import ip_network

import pytest
from chassis.health import Health
from fastapi.testclient import TestClient
from pydantic import BaseModel
from starlette.types import Message, Receive, Scope, Send
from web.application import create_api
from web.forwarding.limits import LimitedPosts, PostLimits
from web.problems import Problem

LIMITS = PostLimits(per_minute=20, refusals_per_hour=3, trusted_proxies=(ip_network("10.0.0.0/8"),))
PROXY = "10.1.1.1"


class Said(BaseModel):
    number: int


@pytest.fixture
def client() -> Iterator[TestClient]:
    """A service behind a proxy."""
    api = create_api("a service", "for tests", Health(), limits=LIMITS)

    @api.get("/v1/answers")
    def read() -> str:
        return "read"

    @api.post("/v1/answers/{status}")
    def take(status: int, said: Said) -> str:
        if status != 200:
            raise Problem(status, "No", "not so")
        return f"{said.number}"

    with TestClient(api, client=(PROXY, 4711)) as client:
        yield client


def post(client: TestClient, status: int = 200, sender: str = "198.51.100.1", body: bytes = b'{"number": 1}') -> int:
    headers = {"x-forwarded-for": sender, "content-type": "application/json"}
    answered: int = client.post(f"/v1/answers/{status}", content=body, headers=headers).status_code
    return answered


def test_who_posts_too_much_is_told_when_to_go_on(client: TestClient) -> None:
    assert [post(client) for _ in range(21)] == [200] * 20 + [429]
    refused = client.post("/v1/answers/200", content=b"{", headers={"x-forwarded-for": "198.51.100.1"})
    assert (refused.status_code, refused.headers["content-type"]) == (429, "application/problem+json")
    assert 0 < int(refused.headers["retry-after"]) <= 60
    assert f"Try again in {refused.headers['retry-after']} s" in refused.json()["detail"]
    assert post(client, sender="198.51.100.2") == 200
    assert client.get("/v1/answers", headers={"x-forwarded-for": "198.51.100.1"}).status_code == 200


@pytest.mark.parametrize(
    ("status", "body"),
    [(401, b'{"number": 1}'), (404, b'{"number": 1}'), (200, b'{"number": "x"}'), (200, b"{"), (200, b" " * 300_000)],
)
def test_who_is_refused_again_and_again_is_not_read_any_more(client: TestClient, status: int, body: bytes) -> None:
    refusals = [post(client, status, body=body) for _ in range(3)]
    assert set(refusals) <= {400, 401, 404, 413, 422}
    assert post(client) == 429
    assert post(client, sender="198.51.100.2") == 200


def test_a_conflict_and_a_fault_of_ours_are_no_refusals(client: TestClient) -> None:
    assert [post(client, status) for status in (409, 503) * 4] == [409, 503] * 4
    assert post(client) == 200


def test_a_window_ends_by_itself_and_what_was_turned_away_does_not_prolong_it() -> None:
    at, answered = [0.0], list[int]()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": int(scope["path"][1:]), "headers": []})

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        answered.append(message["status"])

    limited = LimitedPosts(app, PostLimits(per_minute=2, refusals_per_hour=2), clock=lambda: at[0])

    def ask(status: int, now: float) -> int:
        at[0] = now
        scope = {"type": "http", "method": "POST", "path": f"/{status}", "headers": [], "client": ("198.51.100.1", 1)}
        try:
            asyncio.run(limited(scope, receive, send))
        except Problem as problem:
            return int(problem.headers["Retry-After"]) if problem.headers else 0
        return 0

    assert [ask(200, now) for now in (0, 10, 20, 59.5, 60, 61, 62)] == [0, 0, 40, 1, 0, 0, 58]
    assert [ask(422, now) for now in (200, 201, 300, 3_799, 3_800)] == [0, 0, 3_500, 1, 0]
    assert answered == [200] * 4 + [422] * 3
