"""`GET /u/{unit}`, `/embed/u/{unit}`, `/d/{district}`: pages of those who answer; `GET /v1/units/{unit}`: an area."""

from functools import partial
from typing import Any

from contracts.statuses import Language
from districts.index import Index
from districts.leaves import Leaf
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field
from web.design.pages import Pages, page_language
from web.design.policies import Needs
from web.problems import Problem

from public_map.api.pages.areas import Area, Areas, outline_of
from public_map.api.pages.map_page import shared_values
from public_map.api.pages.streets import Streets
from public_map.districts import Districts
from public_map.settings import Settings

_NEEDS = Needs(map=True)
_KEPT = "public, max-age=300"


class UnitArea(BaseModel):
    """A unit and the ground it answers for."""

    unit: str
    unit_name: str
    garrison: str
    bbox: tuple[float, float, float, float] = Field(description="west, south, east, north")
    outline: dict[str, Any] = Field(description="GeoJSON, simplified for drawing: not for deciding who answers")


def unit_routes(pages: Pages, districts: Districts, settings: Settings, streets: Streets | None) -> APIRouter:
    """The routes. Units and districts are those that answer now, by `districts`."""
    routes, url = APIRouter(tags=["pages"]), settings.address
    framed = Needs(map=True, ancestors=settings.embedding.replace(",", " ").split())
    area_of = partial(_area, Areas(), districts)
    values = partial(_values, settings, streets)

    @routes.get("/u/{unit}", summary="A unit's own page", response_class=HTMLResponse)
    def unit_page(unit: str, request: Request) -> Response:
        area, language = area_of(unit), page_language(request)
        by_mail = f"{settings.subscriptions}?unit={area.unit}&lang={language}"
        more = {"embed": f"{url}/embed/u/{area.unit}", "by_mail": by_mail, **values(area, language)}
        return pages.render(request, "unit.html", language=language, needs=_NEEDS, **more)

    @routes.get("/embed/u/{unit}", summary="A unit's map, for the website of its command", response_class=HTMLResponse)
    def embedded(unit: str, request: Request) -> Response:
        area, language = area_of(unit), page_language(request)
        more = {"map": f"{url}/u/{area.unit}", **values(area, language)}
        return pages.render(request, "embed.html", language=language, needs=framed, **more)

    @routes.get("/d/{district}", summary="A beat's page", response_class=HTMLResponse)
    def district_page(district: str, request: Request) -> Response:
        leaf, language = _leaf(districts.index, district), page_language(request)
        area = area_of(leaf.owner.unit)
        more = {"leaf": leaf, **values(area, language)}
        ground = {"code": leaf.code, "bbox": leaf.shape.bounds, "outline": outline_of(leaf.shape)}
        more["page"] = {**more["page"], "district": ground}
        return pages.render(request, "district.html", language=language, needs=_NEEDS, **more)

    @routes.get("/v1/units/{unit}", summary="A unit and the outline of its area")
    def unit_area(unit: str, response: Response) -> UnitArea:
        area = area_of(unit)
        response.headers["Cache-Control"] = _KEPT
        return UnitArea(
            unit=area.unit, unit_name=area.name, garrison=area.garrison, bbox=area.bbox, outline=area.outline
        )

    return routes


def _area(areas: Areas, districts: Districts, unit: str) -> Area:
    if area := areas.by_unit(districts.index).get(unit):
        return area
    raise _nothing(districts.index, "unit")


def _values(settings: Settings, streets: Streets | None, area: Area, language: Language) -> dict[str, Any]:
    """What templates and scripts know of an area."""
    shared = shared_values(language, settings.intake_url, streets)
    return {"area": area, "page": {**shared, "unit": {"unit": area.unit, "name": area.name, "bbox": area.bbox}}}


def _leaf(index: Index, code: str) -> Leaf:
    found = next((leaf for leaf in index.leaves if leaf.code == code), None)
    if found is None:
        raise _nothing(index, "district")
    return found


def _nothing(index: Index, what: str) -> Problem:
    if not index.complete:
        return Problem(503, "Not yet known", "The districts are still being read. Try again in a minute.")
    return Problem(404, "Not Found", f"No {what} has this code.")
