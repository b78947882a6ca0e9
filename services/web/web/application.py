"""The one way to make an application: guarded, health and problems included, documented without anybody's help."""

from collections.abc import Collection, Sequence
from typing import Any

from chassis.health import Health
from fastapi import FastAPI
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.middleware import Middleware

from web.bodies import Bodies
from web.documentation import document
from web.guard import Authenticate, Guard
from web.problems import answer_problems

MAX_BODY = 256 * 1024
"""Bytes a body may have where an application does not say otherwise."""


def create_api(
    title: str,
    description: str,
    health: Health,
    *,
    documented: bool = True,
    origins: Collection[str] = (),
    authenticate: Authenticate | None = None,
    middleware: Sequence[Middleware] = (),
    max_body: int = MAX_BODY,
    passing: Collection[type[Exception]] = (),
    **more: Any,
) -> FastAPI:
    """An application with `/livez`, `/readyz` and problems; `documented` adds `/docs` and `/openapi.json`.

    `origins` and `authenticate` are the guard's; `middleware` stands behind it and reads bodies itself. `passing` are
    the errors of a database, for those that have one: what passes by itself is answered with 503.
    """
    api = FastAPI(
        title=title,
        description=description,
        version="1",
        openapi_url="/openapi.json" if documented else None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # a redirect would name the scheme and host that a proxy hides
        middleware=[Middleware(Guard, origins, authenticate), *middleware, Middleware(Bodies, max_body)],
        **more,
    )
    answer_problems(api, passing)
    if documented:
        document(api)

    _say_how_it_is(api, health)
    return api


def metrics_api() -> FastAPI:
    """`/metrics` alone, for a port that only operators reach: from its figures hidden reports could be counted."""
    api = create_api("Metrics", "For Prometheus.", Health(), documented=False)

    @api.get("/metrics", tags=["operations"], summary="Metrics in Prometheus' text format.")
    def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return api


def _say_how_it_is(api: FastAPI, health: Health) -> None:
    @api.get("/livez", tags=["operations"], summary="Do the loops move? Depends on nothing outside the process.")
    def livez() -> Response:
        stuck = health.stuck()
        return JSONResponse({"stuck": stuck}, 503 if stuck else 200)

    @api.get("/readyz", tags=["operations"], summary="Is everything there that the service needs to work?")
    def readyz() -> Response:
        return JSONResponse({"awaits": health.awaited}, 503 if health.awaited else 200)
