"""`GET /`: the map of what is public."""

from typing import Any

from chassis.clock import now
from contracts.base import POLAND
from contracts.policy.categories import catalogue_at
from contracts.statuses import LABELS, Language, Status
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from web.design.pages import Pages, page_language
from web.design.policies import Needs

from public_map.api.pages.streets import Streets
from public_map.settings import Settings

MAP_STATUSES = tuple(status for status in Status if status is not Status.REJECTED)
"""What the map shows, in the order of a report's life."""
_NEEDS = Needs(map=True, location=True)


def map_page_routes(pages: Pages, settings: Settings, streets: Streets | None) -> APIRouter:
    """The route; "me too" goes to intake, "changes by e-mail" to the notifier."""
    routes = APIRouter(tags=["pages"])

    @routes.get("/", summary="The map", response_class=HTMLResponse)
    def page(request: Request) -> Response:
        language = page_language(request)
        by_mail = f"{settings.subscriptions}?lang={language}"
        values = {**shared_values(language, settings.intake_url, streets), "bounds": POLAND, "by_mail": by_mail}
        return pages.render(request, "map.html", language=language, needs=_NEEDS, page=values, statuses=MAP_STATUSES)

    return routes


def shared_values(language: Language, intake_url: str, streets: Streets | None) -> dict[str, Any]:
    """What the scripts of every page with reports know: names of categories and statuses, addresses."""
    public = [category for category in catalogue_at(now()).category if category.public != "never"]
    return {
        "intake": intake_url,
        "streets": streets and streets.described(),
        "categories": {category.code: category.name(language) for category in public},
        "statuses": {status.value: LABELS[status][language] for status in MAP_STATUSES},
    }
