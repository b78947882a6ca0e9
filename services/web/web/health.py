"""How a service is, for machines: `/livez` and `/readyz`, and `/metrics` on a port of its own.

Plain ASGI behind the guard of all: FastAPI takes a third of a second to import, for those who document no API.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from chassis.health import Health
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from web.bodies import MAX_BODY, Bodies
from web.guard import Guard
from web.problems import Problem


def health_api(health: Health) -> ASGIApp:
    """`/livez` and `/readyz` alone, for a service that has no API."""
    return _guarded({"/livez": partial(livez, health), "/readyz": partial(readyz, health)})


def metrics_api() -> ASGIApp:
    """`/metrics` alone, for a port that only operators reach: from its figures hidden reports could be counted."""
    return _guarded({"/metrics": _metrics})


def livez(health: Health) -> Response:
    """Do the loops move? Depends on nothing outside the process."""
    stuck = health.stuck()
    return JSONResponse({"stuck": stuck}, 503 if stuck else 200)


def readyz(health: Health) -> Response:
    """Is everything there that the service needs to work?"""
    return JSONResponse({"awaits": health.awaited}, 503 if health.awaited else 200)


def _metrics() -> Response:
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def _guarded(answers: Mapping[str, Callable[[], Response]]) -> ASGIApp:
    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":  # a lifespan, of which there is nothing to say
            return
        answer = answers.get(scope["path"])
        if answer is None:
            raise Problem(404, "Not Found", "Not Found")
        await (await run_in_threadpool(answer))(scope, receive, send)

    document: dict[str, Any] = {"paths": {path: {"get": {}} for path in answers}}
    return Guard(Bodies(application, MAX_BODY), lambda: document)
