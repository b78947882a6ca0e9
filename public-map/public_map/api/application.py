"""The application: the map's page with its files, and the routes behind it."""

from pathlib import Path

from chassis.health import Health
from chassis.postgres import Database, OperationalError
from contracts.policy.terms import policy
from fastapi import APIRouter, FastAPI
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.responses import FileResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.middleware import Middleware
from web.application import create_api as create_guarded

from public_map.api.map import map_routes
from public_map.api.nearby import nearby_routes
from public_map.api.receipts import receipt_routes
from public_map.settings import Settings

WEB = Path(__file__).parents[1] / "web"
# The page needs nothing from anywhere else, and may run nothing but its own script.
_PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
    " img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def create_api(database: Database, settings: Settings, health: Health) -> FastAPI:
    """The application. Everything but receipts reads only what is public."""
    api = create_guarded(
        "KMZB public map",
        "What everyone may see of the reports to the police. Not an emergency channel: call 112.",
        health,
        origins=("*",),
        middleware=[Middleware(GZipMiddleware, minimum_size=1000)],
        passing=[OperationalError],
    )
    api.include_router(page_routes())
    api.mount("/static", StaticFiles(directory=WEB / "static"))
    api.include_router(map_routes(database, settings.cache_for))
    api.include_router(nearby_routes(database))
    api.include_router(receipt_routes(database, policy(settings.terms_file)))
    return api


def page_routes() -> APIRouter:
    """The page itself."""
    routes = APIRouter(tags=["map"])

    @routes.get("/", summary="The map", response_class=FileResponse)
    def page() -> Response:
        return FileResponse(WEB / "templates" / "index.html", headers={**_PAGE_HEADERS, "Cache-Control": "no-cache"})

    return routes
