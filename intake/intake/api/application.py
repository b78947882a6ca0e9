"""What FastAPI serves behind the hot route: follow-ups, categories, health, metrics and the documentation of all."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from chassis.health import Health
from chassis.http import create_api
from fastapi import FastAPI

from intake.api import categories
from intake.api.dependencies import Dependencies
from intake.api.documentation import document_reports
from intake.api.follow_ups import follow_up_routes

REPORTS_PATH = "/v1/reports"


def application(given: Dependencies, health: Health, close: Callable[[], Awaitable[None]]) -> FastAPI:
    """Intake's other routes. The log is open while they are served; `close` is awaited after that."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        given.log.open()
        yield
        given.log.close()
        await close()

    description = "Takes reports in. Not an emergency channel: in an emergency call 112."
    api = create_api("KMZB intake", description, health, lifespan=lifespan)
    document_reports(api, REPORTS_PATH)
    api.include_router(follow_up_routes(given))
    api.include_router(categories.router)
    return api
