"""Errors as problem+json (RFC 9457), whatever raised them."""

from collections.abc import Iterable
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

log = structlog.get_logger()


class Problem(Exception):
    """An answer that says what is wrong and what to do. `errors` names fields: [{"field": …, "detail": …}]."""

    def __init__(self, status: int, title: str, detail: str, headers: dict[str, str] | None = None, **more: Any):
        super().__init__(f"{status} {title}: {detail}")
        self.status, self.title, self.detail, self.headers, self.more = status, title, detail, headers, more

    def response(self) -> JSONResponse:
        """The problem as application/problem+json."""
        body = {"type": "about:blank", "title": self.title, "status": self.status, "detail": self.detail, **self.more}
        return JSONResponse(body, self.status, self.headers, media_type="application/problem+json")


def field_problem(status: int, title: str, field: str, detail: str) -> Problem:
    """A problem with one field, parameter or header."""
    return Problem(status, title, f"{field}: {detail}", errors=[{"field": field, "detail": detail}])


def answer_problems(api: FastAPI, passing: Iterable[type[Exception]]) -> None:
    """Let what routes raise become problems; what is `passing` becomes a 503 that asks to come back."""
    api.add_exception_handler(Problem, _problem)
    api.add_exception_handler(RequestValidationError, _invalid)
    api.add_exception_handler(HTTPException, _refused)
    for error in passing:
        api.add_exception_handler(error, _unavailable)


async def _problem(_: Request, problem: Exception) -> Response:
    assert isinstance(problem, Problem)
    return problem.response()


async def _invalid(_: Request, wrong: Exception) -> Response:
    assert isinstance(wrong, RequestValidationError)
    # What was sent is not repeated: it may be a person's words, and answers end up in logs.
    errors = [
        {"field": ".".join(str(part) for part in error["loc"][1:]) or "body", "detail": error["msg"]}
        for error in wrong.errors()
    ]
    detail = "; ".join(f"{error['field']}: {error['detail']}" for error in errors)
    return Problem(422, "The request is not as documented", detail, errors=errors).response()


async def _refused(_: Request, wrong: Exception) -> Response:
    assert isinstance(wrong, HTTPException)
    return Problem(wrong.status_code, str(wrong.detail), str(wrong.detail), dict(wrong.headers or {})).response()


async def _unavailable(_: Request, failed: Exception) -> Response:
    """A lock, a time-out, a full pool, a server that restarts: all pass by themselves."""
    log.warning("database unavailable", error=type(failed).__name__)
    detail = "The database did not answer in time. Look whether your change was made, and if not, repeat it."
    return Problem(503, "Not at the moment", detail, {"Retry-After": "2"}).response()
