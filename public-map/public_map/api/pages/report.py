"""`GET /report`: the form to report with; `GET /v1/promises`, `/v1/emergency-words`: what it says before sending."""

from datetime import datetime
from typing import Annotated, Any

from chassis.clock import now
from contracts.base import POLAND
from contracts.policy.categories import Category, catalogue_at
from contracts.policy.emergency import emergency_words
from contracts.policy.terms import Policy
from contracts.statuses import Language
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field
from web.design.pages import Pages, page_language
from web.design.policies import Needs

from public_map.api.pages.streets import Streets
from public_map.api.queries import unknown_category

_NEEDS = Needs(map=True, location=True)


class ReportQuery(BaseModel):
    """With what the form begins: the page's script reads it from the address."""

    lang: str | None = None
    category: str | None = None
    longitude: float | None = None
    latitude: float | None = None
    continues: str | None = Field(default=None, description="the closed report this one goes on from")


class Promises(BaseModel):
    """Until when a report of the category sent now is taken up, and decided at the latest."""

    take_up_by: datetime
    verify_by: datetime


def report_routes(pages: Pages, intake_url: str, streets: Streets | None, terms: Policy) -> APIRouter:
    """The routes; the form sends to `intake_url`."""
    routes = APIRouter(tags=["reporting"])

    @routes.get("/report", summary="The form to report a threat with", response_class=HTMLResponse)
    def report(request: Request, query: Annotated[ReportQuery, Query()]) -> Response:
        language = page_language(request)
        categories = [_choice(category, language) for category in catalogue_at(now()).category]
        page = {
            "intake": intake_url,
            "bounds": POLAND,
            "streets": streets and streets.described(),
            "categories": {choice["code"]: {"required": choice["required"]} for choice in categories},
        }
        return pages.render(request, "report.html", language=language, needs=_NEEDS, categories=categories, page=page)

    @routes.get("/v1/promises", summary="What a report sent now is promised")
    def promises(category: str, response: Response) -> Promises:
        if category not in catalogue_at(now()).by_code:
            raise unknown_category(category)
        response.headers["Cache-Control"] = "no-store"
        promise = terms.promise(category, now())
        return Promises(take_up_by=promise.take_up_by, verify_by=promise.verify_by)

    @routes.get("/v1/emergency-words", summary="The words at which a form stops and shows 112, per language")
    def emergency(response: Response) -> dict[str, Any]:
        response.headers["Cache-Control"] = "public, max-age=3600"
        lists = emergency_words()
        language = {
            code: {"always": words.always, "unless_usual": words.unless_usual, "usual": words.usual, "now": words.now}
            for code, words in lists.language.items()
        }
        return {"version": lists.version, "within": lists.within, "language": language}

    return routes


def _choice(category: Category, language: Language) -> dict[str, Any]:
    explanation = category.explanation
    return {
        "code": category.code,
        "name": category.name(language),
        "belongs": explanation.belongs.read(language),
        "elsewhere": explanation.elsewhere.read(language),
        "required": category.description,
    }
