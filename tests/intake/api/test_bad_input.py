"""Every way a report can be wrong gets an answer that names the field, says what to do, and repeats nothing."""

import asyncio
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from chassis.clock import now
from intake.api.problems import MAX_BODY
from intake.api.requests import read_body
from intake.domain.field_errors import EXPECTED
from prometheus_client import REGISTRY
from starlette.requests import ClientDisconnect
from starlette.testclient import TestClient
from starlette.types import Message
from support.intake.memory_log import EMAIL, REPORT, WORDS, MemoryLog, report
from web.problems import Problem

JSON = {"Content-Type": "application/json"}


def post(client: TestClient, body: bytes, headers: dict[str, str] | None = None) -> Any:
    return client.post("/v1/reports", content=body, headers={**JSON, **(headers or {})})


def counted(outcome: str) -> float:
    return REGISTRY.get_sample_value("kmzb_intake_reports_total", {"outcome": outcome}) or 0.0


def without(field: str) -> bytes:
    return msgspec.json.encode({name: value for name, value in REPORT.items() if name != field})


NOT_JSON = {
    "nothing": b"",
    "half of it": report()[:-4],
    "a word": WORDS.encode(),
    "NaN": b'{"category":"speeding","longitude":NaN,"latitude":50.6}',
    "Infinity": b'{"category":"speeding","longitude":Infinity,"latitude":50.6}',
    "not UTF-8": b'{"category":"speeding","description":"\xff\xfe"}',
    "half a character": b'{"category":"speeding","description":"\xed\xa0\x80"}',
    "half a surrogate": b'{"category":"speeding","description":"\\ud800"}',
    "two objects": report() + report(),
}
BODY, WHERE = "body", "contact.email"
WRONG = {
    "a list": (b"[]", BODY),
    "null": (b"null", BODY),
    "deep nesting": (b"[" * 8000 + b"]" * 8000, BODY),
    "deep nesting in a field": (b'{"category":' + b"[" * 8000 + b"]" * 8000 + b"}", "category"),
    "an unknown field": (report(photo="x"), "photo"),
    "an unknown field with odd letters": (report(**{"zdjęcie\n`": 1}), "zdjęcie`"),
    "a very long unknown field": (report(**{"x" * 300: 1}), "x" * 64),
    "no category": (without("category"), "category"),
    "no longitude": (without("longitude"), "longitude"),
    "no latitude": (without("latitude"), "latitude"),
    "category of another type": (report(category=7), "category"),
    "unknown category": (report(category="no-such"), "category"),
    "category with a line break": (report(category="speeding\n"), "category"),
    "longitude in words": (report(longitude="17.9"), "longitude"),
    "longitude true": (report(longitude=True), "longitude"),
    "longitude null": (report(longitude=None), "longitude"),
    "longitude beyond all numbers": (b'{"category":"speeding","longitude":1e999,"latitude":50.6}', "longitude"),
    "longitude of 400 digits": (b'{"category":"speeding","latitude":50,"longitude":' + b"9" * 400 + b"}", "longitude"),
    "west of Poland": (report(longitude=13.99), "longitude"),
    "east of Poland": (report(longitude=24.21), "longitude"),
    "south of Poland": (report(latitude=48.99), "latitude"),
    "north of Poland": (report(latitude=55.01), "latitude"),
    "a time without zone": (report(occurred_at="2026-11-20T10:00:00"), "occurred_at"),
    "no time": (report(occurred_at="yesterday"), "occurred_at"),
    "long ago": (report(occurred_at=now() - timedelta(days=31)), "occurred_at"),
    "in the future": (report(occurred_at=now() + timedelta(days=1)), "occurred_at"),
    "an eighth day": (report(weekdays=[8]), "weekdays"),
    "eight days": (report(weekdays=[1] * 8), "weekdays"),
    "days in words": (report(weekdays=["Monday"]), "weekdays"),
    "an unknown time of day": (report(time_of_day="noon"), "time_of_day"),
    "too many words": (report(description="ą" * 501), "description"),
    "a NUL": (report(description="a\0b"), "description"),
    "an escape": (report(description="\x1b[2J"), "description"),
    "no words where they are needed": (report(category="dangerous-venue"), "description"),
    "a contact in words": (report(contact=EMAIL), "contact"),
    "a contact without address": (report(contact={}), WHERE),
    "a contact with more": (report(contact={"email": EMAIL, "phone": "1"}), "contact.phone"),
    "no address": (report(contact={"email": "jan.example.org"}), WHERE),
    "an address without a dot": (report(contact={"email": "jan@example"}), WHERE),
    "an address with a line break": (report(contact={"email": "jan@example.org\nBcc: x@example.org"}), WHERE),
    "an address that ends in one": (report(contact={"email": "jan@example.org\n"}), WHERE),
    "two addresses": (report(contact={"email": "jan@example.org,ala@example.org"}), WHERE),
    "a long address": (report(contact={"email": "a@" + "b." * 130 + "pl"}), WHERE),
    "another language": (report(language="fr"), "language"),
}


def refused(answer: Any, status: int, outcome: str, before: float) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == status
    assert counted(outcome) == before + 1
    return problem


@pytest.mark.parametrize("name", NOT_JSON)
def test_what_is_not_json_is_400(name: str, client: TestClient, log: MemoryLog) -> None:
    before = counted("malformed")
    problem = refused(post(client, NOT_JSON[name]), 400, "malformed", before)
    assert problem["errors"][0]["field"] == "body"
    assert "Send one JSON object in UTF-8" in problem["detail"]
    assert WORDS not in str(problem)
    assert not log.stages


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_such_report_is_422_and_names_the_field(name: str, client: TestClient, log: MemoryLog) -> None:
    body, field = WRONG[name]
    before = counted("invalid")
    problem = refused(post(client, body), 422, "invalid", before)
    assert [error["field"] for error in problem["errors"]] == [field]
    known = EXPECTED.get(field) or ("leave it out" if field != BODY else "JSON object")
    assert known in problem["detail"] or "required for this category" in problem["detail"]
    assert not log.stages


@pytest.mark.parametrize("field", ["category", "time_of_day", "language", "occurred_at", "contact", "longitude"])
def test_what_was_sent_is_not_repeated_in_the_answer(field: str, client: TestClient) -> None:
    answer = post(client, report(**{field: WORDS}))
    assert answer.status_code == 422
    assert WORDS not in answer.text
    assert WORDS.encode("unicode_escape").decode() not in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": ""},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/json; charset=utf-16"},
        {"Content-Encoding": "gzip"},
    ],
)
def test_another_type_is_415(headers: dict[str, str], client: TestClient) -> None:
    before = counted("media-type")
    problem = refused(post(client, report(), headers), 415, "media-type", before)
    assert problem["errors"][0]["field"] == "Content-Type"


@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=UTF-8", "Application/JSON"])
def test_json_in_utf8_is_taken_however_it_is_spelt(kind: str, client: TestClient) -> None:
    assert post(client, report(), {"Content-Type": kind}).status_code == 201


def test_a_body_that_says_it_is_too_large_is_413(client: TestClient) -> None:
    before = counted("too-large")
    refused(post(client, report(description="x" * MAX_BODY)), 413, "too-large", before)


def test_a_body_that_turns_out_too_large_is_413_before_its_end() -> None:
    chunk = b" " * 4096
    taken = 0

    async def endless() -> Message:
        nonlocal taken
        taken += 1
        return {"type": "http.request", "body": chunk, "more_body": True}

    with pytest.raises(Problem) as problem:
        asyncio.run(read_body({b"content-type": b"application/json"}, endless))
    assert problem.value.status == 413
    assert taken == MAX_BODY // len(chunk) + 1


def test_a_body_in_pieces_is_put_together_and_one_cut_off_is_nobodys() -> None:
    pieces: list[Message] = [
        {"type": "http.request", "body": b'{"a":', "more_body": True},
        {"type": "http.request", "body": b"1}", "more_body": False},
        {"type": "http.disconnect"},
    ]

    async def receive() -> Message:
        return pieces.pop(0)

    headers = {b"content-type": b"application/json"}
    assert asyncio.run(read_body(headers, receive)) == b'{"a":1}'
    with pytest.raises(ClientDisconnect):
        asyncio.run(read_body(headers, receive))


@pytest.mark.parametrize("key", ["short", "x" * 256, "with spaces in between"])
def test_a_key_that_cannot_be_used_is_400(key: str, client: TestClient) -> None:
    before = counted("malformed")
    problem = refused(post(client, report(), {"Idempotency-Key": key}), 400, "malformed", before)
    assert problem["errors"][0]["field"] == "Idempotency-Key"


@pytest.mark.parametrize(
    "key",
    [
        "a" * 16,
        "ab" * 8,
        "0123456789abcdef",
        "1234567890123456",
        "z" * 255,
        "00000000-0000-0000-0000-000000000000",
        "00000000-0000-4000-8000-000000000001",
        "11111111-1111-4111-8111-111111111111",
        "test-key-0000001",
        "qwertyuiopasdfgh",
    ],
)
def test_a_key_that_two_people_may_make_is_422_and_says_what_to_send(key: str, client: TestClient) -> None:
    before = counted("invalid")
    problem = refused(post(client, report(), {"Idempotency-Key": key}), 422, "invalid", before)
    assert problem["errors"][0]["field"] == "Idempotency-Key"
    assert "random UUID" in problem["detail"]


def test_follow_ups_refuse_bad_input_too(client: TestClient) -> None:
    assert client.post("/v1/reports/no-uuid/support").status_code == 422
    for body in (b"", b"[]", b'{"report_id":"x"}', b'{"report_id":"' + b"1" * 32 + b'","more":1}'):
        answer = client.post(f"/v1/receipts/{'r' * 22}/contest", content=body, headers=JSON)
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"
    large = client.post(f"/v1/receipts/{'r' * 22}/erasure", content=b" " * (MAX_BODY + 1), headers=JSON)
    assert (large.status_code, large.headers["content-type"]) == (413, "application/problem+json")
    assert client.get("/v1/reports").status_code == 405


def test_a_byte_order_mark_is_no_part_of_the_report(client: TestClient) -> None:
    assert post(client, b"\xef\xbb\xbf" + report()).status_code == 201
