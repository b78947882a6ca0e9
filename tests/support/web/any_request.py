"""Requests as strangers send them, drawn from what an API documents and from what it does not."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PURGE")
ORIGIN = "https://mapa.example.org"

_SEGMENTS = ("x", "%00", "%ff", "%F0%9F%9A%93", "9" * 40, "03959d8f-bf00-58c5-904e-228cdfa7160e", "-1", "a%2Fb")
_PIECES = st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=20)
HEADERS: Mapping[str, tuple[str, ...]] = {
    "Origin": (ORIGIN, "null", "https://elsewhere.example", "x"),
    "Access-Control-Request-Method": ("POST", "x", ""),
    "Accept": ("*/*", "text/html", "text/html;q=x", "text/html;q=0.0", "application/json", ""),
    "Accept-Language": ("en; q=0.5, pl;q=0", "*", "q=", ",,;;", "en;q=nan", "x" * 300),
    "Authorization": ("Bearer", "Bearer x.y.z", "Basic eDp5", "Bearer \x7f"),
    "Content-Encoding": ("gzip", "identity", "x"),
    "Content-Length": ("0", "1", "99999999999999999999", "-1", "x"),
    "Content-Type": (
        "application/json",
        "application/JSON; charset=UTF-8",
        'application/json; charset="x',
        "text/plain",
    ),
    "Idempotency-Key": ("x", "0123456789abcdef", '"0123456789abcdef"'),
    "If-Match": ("*", '"1"', 'W/"1"', '"1", "2"', '"', "x", "1", ","),
    "If-None-Match": ("*", '"1"', 'W/"1", "2"', '"', "x"),
    "traceparent": ("x", "00-" + "a" * 32 + "-" + "b" * 16 + "-01"),
}
BODIES = (
    b"",
    b"{}",
    b"\xef\xbb\xbf{}",
    b"\xff",
    b"[" * 50_000,
    b'{"a":' * 50_000,
    b'{"note":"\\ud800"}',
    b'{"note":"a\\u0000b"}',
    b'{"note":NaN}',
    b'{"note":1,"note":2}',
    b"1" * 5000,
    b"1e999",
    b"null",
    b'"x"',
    b" " * 300_000,
)


def with_any_requests(test: Callable[..., None]) -> Callable[..., None]:
    """A test that is run again and again with other `data`; what its fixtures made stays for all. It is long."""
    unchecked = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
    often = settings(max_examples=150, deadline=None, suppress_health_check=unchecked)(given(data=st.data())(test))
    marked: Callable[..., None] = pytest.mark.long(often)
    return marked


@st.composite
def requests(draw: st.DrawFn, document: Mapping[str, Any]) -> dict[str, Any]:
    """A request as keyword arguments of a client: of a documented path, or nearly."""
    path: str = draw(st.sampled_from([*document["paths"], "/", "/nowhere", "/docs", "/openapi.json", "/metrics"]))
    while "{" in path:
        before, _, after = path.partition("{")
        path = before + draw(st.sampled_from(_SEGMENTS)) + after.partition("}")[2]
    path += draw(st.sampled_from(["", "", "", "/", "//", "/.."]))
    known = sorted(
        {p["name"] for item in document["paths"].values() for o in item.values() for p in o.get("parameters", ())}
    )
    names = st.sampled_from([*known, "x", ""]) | _PIECES
    query = draw(st.lists(st.tuples(names, _PIECES | st.sampled_from(["\0", "1", "9" * 400, "\ufeff"])), max_size=3))
    chosen = draw(st.lists(st.sampled_from(sorted(HEADERS)), unique=True, max_size=4))
    return {
        "method": draw(st.sampled_from(METHODS)),
        "url": path,
        "params": query or None,
        "headers": {name: draw(st.sampled_from(HEADERS[name])) for name in chosen},
        "content": draw(st.sampled_from(BODIES)),
    }


def check(client: TestClient, request: dict[str, Any], *, public: bool) -> None:
    """Whatever was sent: no failure of ours, no redirect, errors as problems, and readable where pages may read."""
    answer = client.request(**request, follow_redirects=False)
    assert answer.status_code < 500 or answer.status_code == 503, (request, answer.text)
    assert not 300 <= answer.status_code < 400 or answer.status_code == 304, request
    # Health is for machines that look at the status alone.
    if answer.status_code >= 400 and request["method"] != "HEAD" and request["url"] not in ("/livez", "/readyz"):
        if request["headers"].get("Accept") == "text/html" and answer.headers["content-type"].startswith("text/html"):
            assert answer.text.count("<h1") == 1, request
        elif request["url"].startswith("/open311/v2"):  # whose specification says how errors look
            if answer.headers["content-type"] == "text/xml; charset=utf-8":
                assert answer.text.count("<description>") >= 1, request
            else:
                assert all(error["code"] == str(answer.status_code) for error in answer.json()), request
        else:
            assert answer.headers["content-type"] == "application/problem+json", request
            assert answer.json()["status"] == answer.status_code
            assert answer.json()["detail"]
    if answer.status_code == 405:
        assert answer.headers["Allow"], request
    if public and request["headers"].get("Origin") == ORIGIN:
        assert answer.headers["Access-Control-Allow-Origin"] in ("*", ORIGIN), request
