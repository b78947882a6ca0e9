"""HTTP as the world speaks it, in front of every application."""

from typing import Annotated, Any

import pytest
from chassis.health import Health
from fastapi import Query, Request, Response
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from support.web.any_request import BODIES, ORIGIN, check, requests
from web.application import create_api
from web.etags import entity_tags
from web.guard import unauthorised


class Words(BaseModel):
    note: str = ""


def believe(token: str) -> str:
    if token != "good":
        raise unauthorised("no")
    return "somebody"


def make(**more: Any) -> TestClient:
    api = create_api("a service", "for tests", Health("x"), **more)

    @api.get("/v1/things")
    def things(
        response: Response,
        status: Annotated[list[str] | None, Query()] = None,
        category: str | None = None,
    ) -> dict[str, Any]:
        response.headers["ETag"] = 'W/"7"'
        return {"status": status, "category": category}

    @api.post("/v1/things")
    def add(words: Words, request: Request) -> dict[str, Any]:
        return {"note": words.note, "who": getattr(request.state, "identity", None)}

    @api.get("/v1/fails")
    def fails() -> None:
        raise KeyError("words of a citizen")

    return TestClient(api)


@pytest.fixture(scope="module")
def public() -> TestClient:
    return make(origins=("*",))


@pytest.fixture(scope="module")
def one_page() -> TestClient:
    return make(origins=(ORIGIN,))


@pytest.fixture(scope="module")
def private() -> TestClient:
    return make(authenticate=believe)


@pytest.mark.long
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_no_request_is_answered_otherwise_than_by_http(data: st.DataObject) -> None:
    drawn = data.draw(requests(_DOCUMENT))
    for client, is_public in ((_PUBLIC, True), (_ONE_PAGE, True), (_PRIVATE, False)):
        check(client, drawn, public=is_public)


def test_options_says_what_there_is(public: TestClient) -> None:
    answer = public.options("/v1/things")
    assert (answer.status_code, answer.headers["Allow"]) == (204, "GET, HEAD, OPTIONS, POST")


def test_a_preflight_lets_the_page_and_no_other(one_page: TestClient) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Origin": ORIGIN}
    answer = one_page.options("/v1/things", headers=asked)
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    assert "Origin" in answer.headers["Vary"]
    other = one_page.options("/v1/things", headers=asked | {"Origin": "https://elsewhere.example"})
    assert not [name for name in other.headers if name.startswith("access-control")]


@pytest.mark.parametrize("path", ["/v1/things?x=1", "/nowhere", "/v1/things/", "/v1/fails"])
def test_errors_can_be_read_by_a_page(public: TestClient, path: str) -> None:
    answer = public.get(path, headers={"Origin": ORIGIN})
    assert answer.status_code >= 400
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_head_is_wherever_get_is(public: TestClient) -> None:
    got, asked = public.get("/v1/things"), public.head("/v1/things")
    assert (asked.status_code, asked.content) == (200, b"")
    assert asked.headers["Content-Length"] == got.headers["Content-Length"]


def test_a_method_that_is_not_there_names_those_that_are(public: TestClient) -> None:
    answer = public.delete("/v1/things")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS, POST")
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_slash_at_the_end_is_another_path_and_never_a_redirect(public: TestClient) -> None:
    assert public.get("/v1/things/", follow_redirects=False).status_code == 404


@pytest.mark.parametrize(("query", "field"), [("catgory=x", "catgory"), ("stauts=new", "stauts")])
def test_an_unknown_parameter_is_named_with_the_one_it_may_mean(public: TestClient, query: str, field: str) -> None:
    answer = public.get(f"/v1/things?{query}")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
    assert {"catgory": "category", "stauts": "status"}[field] in answer.json()["detail"]


def test_only_lists_are_repeated(public: TestClient) -> None:
    assert public.get("/v1/things?status=a&status=b").json()["status"] == ["a", "b"]
    answer = public.get("/v1/things?category=a&category=b")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "category")


def test_what_is_there_already_is_not_sent_again(public: TestClient) -> None:
    for tags in ('"7"', 'W/"7"', '"1", W/"7"', "*"):
        answer = public.get("/v1/things", headers={"If-None-Match": tags})
        assert (answer.status_code, answer.content) == (304, b""), tags
        assert answer.headers["ETag"] == 'W/"7"'
    for tags in ('"8"', "7", '"'):
        assert public.get("/v1/things", headers={"If-None-Match": tags}).status_code == 200, tags


@pytest.mark.parametrize("text", ["", "7", '"', '"a" "b"', 'w/"a"', '"a",*', "W/", '"\u017c"', '"a' * 3000])
def test_tags_are_read_by_their_grammar(text: str) -> None:
    with pytest.raises(ValueError, match="tags"):
        entity_tags(text)
    found = entity_tags(' "a" ,, W/"b", ""')
    assert (sorted(found.strong), sorted(found.weak)) == (["", "a"], ["b"])


def test_a_failure_names_a_trace_and_nothing_else(public: TestClient) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    answer = public.get("/v1/fails", headers={"traceparent": f"00-{trace}-b7ad6b7169203331-01"})
    assert (answer.status_code, answer.json()["trace"]) == (500, trace)
    assert "citizen" not in answer.text


@pytest.mark.parametrize("kind", ["application/json", 'Application/JSON ; Charset="UTF-8"', "application/json;"])
def test_a_body_is_read_by_its_type(public: TestClient, kind: str) -> None:
    answer = public.post("/v1/things", content=b'\xef\xbb\xbf{"note":"x"}', headers={"Content-Type": kind})
    assert (answer.status_code, answer.json()["note"]) == (200, "x")


@pytest.mark.parametrize("kind", ["", "text/plain", "application/json; charset=latin-1", "json", "application/json x"])
def test_another_type_is_415(public: TestClient, kind: str) -> None:
    assert public.post("/v1/things", content=b"{}", headers={"Content-Type": kind}).status_code == 415


@pytest.mark.parametrize("body", [body for body in BODIES if body not in (b"", b"{}", b"\xef\xbb\xbf{}")])
def test_what_could_be_taken_two_ways_or_none_is_refused(public: TestClient, body: bytes) -> None:
    answer = public.post("/v1/things", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 413, 422) or b"\\u0000" in body
    assert len(answer.content) < 1000


def test_a_header_that_two_readers_could_read_differently_is_refused(public: TestClient) -> None:
    twice = [("Content-Type", "application/json"), ("Content-Type", "text/plain")]
    assert public.post("/v1/things", content=b"{}", headers=twice).status_code == 400


def test_who_asks_is_judged_before_what_they_ask(private: TestClient) -> None:
    for more in ({}, {"Authorization": "Basic x"}, {"Authorization": "Bearer bad"}, {"Authorization": "Bearer \xff"}):
        headers = {name.encode(): value.encode("latin-1") for name, value in more.items()}
        answer = private.post("/v1/things?x=1", content=b" " * 300_000, headers=headers)
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    known = private.post("/v1/things", json={"note": "x"}, headers={"Authorization": "bearer good"})
    assert known.json() == {"note": "x", "who": "somebody"}


def test_the_documentation_needs_nothing_from_elsewhere(public: TestClient) -> None:
    answer = public.get("/docs")
    assert answer.status_code == 200
    assert "/v1/things" in answer.text
    assert "//" not in answer.text
    assert "<script" not in answer.text
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")


_PUBLIC, _ONE_PAGE, _PRIVATE = make(origins=("*",)), make(origins=(ORIGIN,)), make(authenticate=believe)
_DOCUMENT = {
    **_PUBLIC.get("/openapi.json").json(),
    "paths": {path: item for path, item in _PUBLIC.get("/openapi.json").json()["paths"].items() if path != "/v1/fails"},
}
