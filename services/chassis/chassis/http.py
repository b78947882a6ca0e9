"""The HTTP side every service has: health, metrics, and errors as problem+json (RFC 9457)."""

from typing import Any

import psycopg
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.exceptions import HTTPException

from chassis.health import Health

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


def create_api(title: str, description: str, health: Health, *, documented: bool = True, **more: Any) -> FastAPI:
    """An application with `/livez`, `/readyz`, `/metrics` and problems; `documented` adds `/docs`, `/openapi.json`."""
    api = FastAPI(
        title=title,
        description=description,
        version="1",
        openapi_url="/openapi.json" if documented else None,
        redoc_url=None,
        **more,
    )
    api.add_exception_handler(Problem, _problem)
    api.add_exception_handler(RequestValidationError, _invalid)
    api.add_exception_handler(HTTPException, _refused)
    api.add_exception_handler(psycopg.OperationalError, _unavailable)

    @api.get("/livez", tags=["operations"], summary="Do the loops move? Depends on nothing outside the process.")
    def livez() -> Response:
        return JSONResponse({"stuck": health.stuck}, 503 if health.stuck else 200)

    @api.get("/readyz", tags=["operations"], summary="Is everything there that the service needs to work?")
    def readyz() -> Response:
        return JSONResponse({"awaits": health.awaited}, 503 if health.awaited else 200)

    @api.get("/metrics", tags=["operations"], summary="Metrics in Prometheus' text format.")
    def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return api


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
