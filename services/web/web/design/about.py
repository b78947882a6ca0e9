"""Two pages about the pages: the components they are made of, and how accessible they are."""

import re
from pathlib import Path

from contracts.statuses import LABELS
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from web.design.pages import Pages

_SPRITE = Path(__file__).parent / "static" / "icons.svg"


def about_routes(pages: Pages) -> APIRouter:
    """`/design` and `/accessibility`."""
    routes = APIRouter(tags=["about"])

    @routes.get("/design", summary="The components of all pages, in all states", response_class=HTMLResponse)
    def components(request: Request) -> Response:
        statuses = [(status.value, label["en"]) for status, label in LABELS.items()]
        return pages.render(request, "design.html", symbols=symbols(), statuses=statuses)

    @routes.get("/accessibility", summary="The accessibility statement", response_class=HTMLResponse)
    def accessibility(request: Request) -> Response:
        return pages.render(request, "accessibility.html")

    return routes


def symbols() -> list[str]:
    """The ids of the sprite, in its order."""
    return re.findall(r'<symbol id="([a-z0-9-]+)"', _SPRITE.read_text(encoding="utf-8"))
