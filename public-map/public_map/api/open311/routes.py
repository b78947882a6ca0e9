"""The routes of Open311 GeoReport v2: the reports everyone may see, and a way in for other systems' programs."""

from functools import partial
from typing import Annotated

from chassis.clock import now
from chassis.postgres import Database
from contracts.policy.categories import catalogue_at
from contracts.policy.terms import Policy
from fastapi import APIRouter, Body, Query, Request
from fastapi.responses import Response
from web.bodies import FORM
from web.texts.languages import chosen_language

from public_map.api.open311.catalogue import discovery, service_definition, services
from public_map.api.open311.documents import ANSWERS, BASE, CONTENT, ChosenFormat, not_found
from public_map.api.open311.intake import Intake
from public_map.api.open311.parameters import Known
from public_map.api.open311.requests import add_request_routes
from public_map.api.open311.sending import send
from public_map.api.open311.tokens import add_token_routes
from public_map.api.queries import AcceptLanguage
from public_map.settings import Settings

_FORM_FIELDS = {
    "service_code": "a code of services.json",
    "lat": "degrees north in WGS 84",
    "long": "degrees east in WGS 84",
    "description": "at most 500 characters; officers alone read it",
    "email": "where the citizen is told what becomes of it; sealed at once",
    "attribute[occurred_at]": "RFC 3339 with zone",
    "attribute[weekdays]": "1 for Monday to 7 for Sunday, with commas or repeated",
    "attribute[time_of_day]": "morning, afternoon, evening or night",
}
_FORM = {
    "type": "object",
    "required": ["service_code", "lat", "long"],
    "properties": {name: {"type": "string", "description": said} for name, said in _FORM_FIELDS.items()},
}


def open311_routes(database: Database, settings: Settings, terms: Policy, intake: Intake) -> APIRouter:
    """The routes; requests that are sent go to `intake`."""
    routes = APIRouter(prefix=BASE, tags=["Open311"])
    kept = {"Cache-Control": f"public, max-age={int(settings.cache_for.total_seconds())}", "Vary": "Accept-Language"}
    get = partial(routes.get, response_class=Response, responses=ANSWERS)

    @get("/discovery.{form}", summary="Where the endpoints are")
    def discover(form: ChosenFormat, query: Annotated[Known, Query()]) -> Response:
        return discovery(settings.address).response(form)

    @get("/services.{form}", summary="The services: what can be reported")
    def list_services(
        form: ChosenFormat, query: Annotated[Known, Query()], accept_language: AcceptLanguage = None
    ) -> Response:
        language = chosen_language(None, accept_language)
        return services(catalogue_at(now()).category, language).response(form, headers=kept)

    @get("/services/{code}.{form}", summary="What may be said with a request for a service")
    def define(
        code: str, form: ChosenFormat, query: Annotated[Known, Query()], accept_language: AcceptLanguage = None
    ) -> Response:
        known = catalogue_at(now()).by_code.get(code)
        if known is None:
            raise not_found("service_code", "not found; services.json lists them")
        return service_definition(known, chosen_language(None, accept_language)).response(form, headers=kept)

    add_request_routes(routes, database, terms, kept)
    add_token_routes(routes, database)
    _add_sending(routes, settings, intake)
    return routes


def _add_sending(routes: APIRouter, settings: Settings, intake: Intake) -> None:
    @routes.post(
        "/requests.{form}",
        status_code=201,
        summary="Report something. Not an emergency channel: in an emergency call 112.",
        response_class=Response,
        responses={201: {"content": CONTENT}, 429: {"description": "too much for now"}, 503: {"description": "repeat"}},
        openapi_extra={"requestBody": {"content": {FORM: {"schema": _FORM}}}},
    )
    def post_request(
        form: ChosenFormat,
        query: Annotated[Known, Query()],
        request: Request,
        body: Annotated[bytes, Body(media_type=FORM)],
        accept_language: AcceptLanguage = None,
    ) -> Response:
        language = chosen_language(None, accept_language)
        sent = send(request, body, language, intake, settings.trusted_proxies, settings.address)
        return sent.response(form, 201, {"Cache-Control": "no-store"})
