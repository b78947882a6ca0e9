"""What FastAPI serves behind the hot route: follow-ups, categories, health and the documentation of all."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from chassis.health import Health
from fastapi import FastAPI
from starlette.middleware import Middleware
from web.application import create_api

from intake.api import categories
from intake.api.dependencies import Dependencies
from intake.api.documentation import document_reports
from intake.api.follow_ups import follow_up_routes
from intake.api.problems import MAX_BODY

REPORTS_PATH = "/v1/reports"


def application(
    given: Dependencies, health: Health, in_front: Sequence[Middleware], close: Callable[[], Awaitable[None]]
) -> FastAPI:
    """`in_front` comes first, intake's other routes behind. The log is open meanwhile; then `close` is awaited."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        given.log.open()
        yield
        given.log.close()
        await close()

    description = "Takes reports in. Not an emergency channel: in an emergency call 112."
    page = urlsplit(given.settings.public_map_url)
    api = create_api(
        "KMZB intake",
        description,
        health,
        origins=(f"{page.scheme}://{page.netloc}",),
        middleware=in_front,
        max_body=MAX_BODY,
        lifespan=lifespan,
    )
    document_reports(api, REPORTS_PATH)
    api.include_router(follow_up_routes(given))
    api.include_router(categories.router)
    return api
