"""What stands in front of every application: methods, origins, tokens, query parameters, and the last answer to errors.

Everything here is decided before a body is read.
"""

import asyncio
import re
import secrets
from collections.abc import Callable, Collection, Mapping
from typing import Any

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from web.answers import Answer
from web.paths import Operation, Paths, allowed, not_allowed
from web.problems import Problem, answer_to, field_problem

log = structlog.get_logger()
Authenticate = Callable[[str], object]
Document = Callable[[], Mapping[str, Any]]

_SINGLE = (b"authorization", b"content-length", b"content-type", b"host", b"idempotency-key", b"origin", b"traceparent")
_BEARER = re.compile(rb"(?i:bearer) +([A-Za-z0-9._~+/-]+=*)")
_TRACE = re.compile(rb"00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")
_MAX_TOKEN = 8192
_PROTECTED = "/v1/"


class Guard:
    """`document` gives the OpenAPI document of what lies behind; `origins` are the pages that may call (`*`: any).

    With `authenticate`, what lies under /v1/ needs a bearer token; who it names is `request.state.identity`, and
    Problem is raised for one that is not believed.
    """

    def __init__(
        self,
        app: ASGIApp,
        document: Document,
        origins: Collection[str] = (),
        authenticate: Authenticate | None = None,
    ) -> None:
        self._app, self._document, self._origins, self._authenticate = app, document, origins, authenticate
        self._paths: Paths | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        answer = Answer(scope, send, self._origins)
        try:
            if self._paths is None:
                self._paths = Paths(self._document())
            await self._pass(scope, receive, answer, self._paths.methods(scope["path"]))
        except Problem as problem:
            await answer_to(problem, scope)(scope, receive, answer.send)
        except ClientDisconnect:
            pass
        except asyncio.CancelledError:  # by the server, which ends, and has waited as long as it does
            if answer.started:
                raise
            await answer_to(ending(), scope)(scope, receive, answer.send)
        except Exception as error:
            if answer.started:
                raise
            trace = _trace(dict(scope["headers"]))
            # Without the error's own words: they may be a person's.
            log.error("request failed", trace=trace, exc_info=(type(error), None, error.__traceback__))
            detail = "Something went wrong here, and it is noted under this trace."
            answered = answer_to(Problem(500, "Internal Server Error", detail, trace=trace), scope)
            await answered(scope, receive, answer.send)

    async def _pass(self, scope: Scope, receive: Receive, answer: Answer, methods: Mapping[str, Operation]) -> None:
        method = scope["method"]
        if method == "OPTIONS" and (methods or scope["path"] == "*"):
            said = {"Allow": allowed(methods), **answer.preflight(methods)}
            return await Response(status_code=204, headers=said)(scope, receive, answer.send)
        headers = _headers(scope)
        if methods and method not in methods:
            raise not_allowed(methods)
        if self._authenticate and scope["path"].startswith(_PROTECTED):
            identity = await run_in_threadpool(self._authenticate, _bearer(headers))
            scope.setdefault("state", {})["identity"] = identity
        if operation := methods.get(method):
            operation.check_query(scope["query_string"])
            scope["operation"] = operation
            if method == "HEAD":
                scope = {**scope, "method": "GET"}
        return await self._app(scope, receive, answer.send)


def unauthorised(detail: str) -> Problem:
    """The problem of a request without a token that is believed."""
    return Problem(401, "Not signed in", detail, {"WWW-Authenticate": "Bearer"})


def ending() -> Problem:
    """The answer to a request that was still running when the service ended."""
    detail = "The service is being restarted. Look whether your change was made, and if not, repeat it."
    return Problem(503, "Not at the moment", detail, {"Retry-After": "2"})


def _headers(scope: Scope) -> dict[bytes, bytes]:
    """Raises Problem 400 where one that has a single value comes twice: two readers could each see another."""
    names = [name for name, _ in scope["headers"]]
    for name in _SINGLE:
        if names.count(name) > 1:
            raise field_problem(400, "The header is repeated", name.decode(), "send it once")
    return dict(scope["headers"])


def _bearer(headers: Mapping[bytes, bytes]) -> str:
    match = _BEARER.fullmatch(headers.get(b"authorization", b"").strip())
    if match is None or len(match[1]) > _MAX_TOKEN:
        raise unauthorised("Send a bearer token.")
    return match[1].decode()


def _trace(headers: Mapping[bytes, bytes]) -> str:
    match = _TRACE.fullmatch(headers.get(b"traceparent", b""))
    return match[1].decode() if match else secrets.token_hex(16)
