"""The one way to make an API: guarded, health and problems included, documented without anybody's help.

`/docs` is the OpenAPI document as a page that needs no script and nothing from anywhere else.
"""

import base64
import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Any

import structlog
from chassis.health import Health
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, Response

from web.bodies import MAX_BODY, Bodies
from web.forwarding.limits import LimitedPosts, PostLimits
from web.guard import Authenticate, Guard
from web.health import livez, readyz
from web.problems import Problem, answer_to

log = structlog.get_logger()

_STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "code,pre{background:#f3f3f3}pre{padding:.5rem;overflow:auto}td,th{text-align:left;padding:0 1rem 0 0}"
)
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}


def create_api(
    title: str,
    description: str,
    health: Health,
    *,
    documented: bool = True,
    origins: Collection[str] = (),
    authenticate: Authenticate | None = None,
    limits: PostLimits | None = None,
    middleware: Sequence[Middleware] = (),
    max_body: int = MAX_BODY,
    passing: Collection[type[Exception]] = (),
    **more: Any,
) -> FastAPI:
    """An application with `/livez`, `/readyz` and problems; `documented` adds `/docs` and `/openapi.json`.

    `origins` and `authenticate` are the guard's; `limits` say how much one sender may post; `middleware` stands behind
    them and reads bodies itself. `passing` are the errors of a database, for those that have one: what passes by itself
    is answered with 503.
    """
    guard = Middleware(Guard, lambda: api.openapi(), origins, authenticate)
    limited = [Middleware(LimitedPosts, limits)] if limits else []
    api: FastAPI = FastAPI(
        title=title,
        description=description,
        version="1",
        openapi_url="/openapi.json" if documented else None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # a redirect would name the scheme and host that a proxy hides
        middleware=[guard, *limited, *middleware, Middleware(Bodies, max_body)],
        **more,
    )
    _answer_problems(api, passing)
    if documented:
        _document(api)

    _say_how_it_is(api, health)
    return api


def _say_how_it_is(api: FastAPI, health: Health) -> None:
    @api.get("/livez", name="livez", tags=["operations"], summary=livez.__doc__)
    def live() -> Response:
        return livez(health)

    @api.get("/readyz", name="readyz", tags=["operations"], summary=readyz.__doc__)
    def ready() -> Response:
        return readyz(health)


def _answer_problems(api: FastAPI, passing: Iterable[type[Exception]]) -> None:
    """Let what routes raise become problems; what is `passing` becomes a 503 that asks to come back."""
    api.add_exception_handler(Problem, _problem)
    api.add_exception_handler(RequestValidationError, _invalid)
    api.add_exception_handler(HTTPException, _refused)
    for error in passing:
        api.add_exception_handler(error, _unavailable)


async def _problem(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, Problem)
    return answer_to(problem, request.scope)


async def _invalid(request: Request, wrong: Exception) -> Response:
    assert isinstance(wrong, RequestValidationError)
    # What was sent is not repeated: it may be a person's words, and answers end up in logs.
    errors = [
        {"field": ".".join(str(part) for part in error["loc"][1:]) or "body", "detail": error["msg"]}
        for error in wrong.errors()
    ]
    detail = "; ".join(f"{error['field']}: {error['detail']}" for error in errors)
    return answer_to(Problem(422, "The request is not as documented", detail, errors=errors), request.scope)


async def _refused(request: Request, wrong: Exception) -> Response:
    assert isinstance(wrong, HTTPException)
    problem = Problem(wrong.status_code, str(wrong.detail), str(wrong.detail), dict(wrong.headers or {}))
    return answer_to(problem, request.scope)


async def _unavailable(request: Request, failed: Exception) -> Response:
    """A lock, a time-out, a full pool, a server that restarts: all pass by themselves."""
    log.warning("database unavailable", error=type(failed).__name__)
    detail = "The database did not answer in time. Look whether your change was made, and if not, repeat it."
    return answer_to(Problem(503, "Not at the moment", detail, {"Retry-After": "2"}), request.scope)


def _document(api: FastAPI) -> None:
    """Serve `/docs` from what the application documents."""

    @api.get("/docs", include_in_schema=False)
    def docs() -> Response:
        return HTMLResponse("".join(_page(api.openapi())), headers=_HEADERS)


def _page(openapi: Mapping[str, Any]) -> Iterator[str]:
    info = openapi["info"]
    yield f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(info["title"])}</title>'
    yield f"<style>{_STYLE}</style><h1>{escape(info['title'])}</h1><p>{escape(info.get('description', ''))}</p>"
    yield '<p>For programs: <a href="openapi.json">openapi.json</a></p>'
    if more := openapi.get("externalDocs"):
        yield f'<p>Beside it: <a href="{escape(more["url"])}">{escape(more["description"])}</a></p>'
    for path, item in openapi["paths"].items():
        for method, operation in item.items():
            yield from _operation(f"{method.upper()} {path}", operation)
    yield "<h2>Schemas</h2>"
    for name, schema in openapi.get("components", {}).get("schemas", {}).items():
        yield f'<h3 id="{escape(name)}">{escape(name)}</h3>{_json(schema)}'


def _operation(name: str, operation: Mapping[str, Any]) -> Iterator[str]:
    yield f"<h2><code>{escape(name)}</code></h2><p>{escape(operation.get('summary', ''))}</p>"
    if described := operation.get("description"):
        yield f"<p>{escape(described)}</p>"
    if parameters := operation.get("parameters"):
        yield "<table><tr><th>parameter<th>in<th>schema<th>meaning</tr>"
        for parameter in parameters:
            schema = escape(json.dumps(parameter.get("schema", {}), ensure_ascii=False))
            meaning = escape(parameter.get("description", ""))
            named = f"{parameter['name']}{' (required)' if parameter.get('required') else ''}"
            yield f"<tr><td>{escape(named)}<td>{escape(parameter['in'])}<td><code>{schema}</code><td>{meaning}</tr>"
        yield "</table>"
    if body := operation.get("requestBody"):
        yield f"<p>Body:</p>{_json(body.get('content', {}))}"
    yield "<table>"
    for status, answer in operation.get("responses", {}).items():
        yield f"<tr><td>{escape(status)}<td>{escape(answer.get('description', ''))}</tr>"
    yield "</table>"


def _json(value: object) -> str:
    return f"<pre>{escape(json.dumps(value, indent=1, ensure_ascii=False))}</pre>"
