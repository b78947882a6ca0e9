"""The routes of what everyone sees: service requests, and how they change."""

from functools import partial
from typing import Annotated

from chassis.clock import now
from chassis.postgres import Database
from contracts.events.public import PublicReport
from contracts.policy.terms import Policy
from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from web.texts.languages import chosen_language

from public_map.api.open311.documents import ANSWERS, ChosenFormat, not_found
from public_map.api.open311.parameters import ExtendedQuery, RequestQuery, UpdateQuery, request_id
from public_map.api.open311.reading import link_to_next, requests_document, updates_document
from public_map.api.queries import AcceptLanguage
from public_map.domain.queries import Order, ReportFilter
from public_map.store.public_reports import find_public_reports


def add_request_routes(routes: APIRouter, database: Database, terms: Policy, kept: dict[str, str]) -> None:
    """Add them; `kept` are the headers of answers that caches may keep."""
    get = partial(routes.get, response_class=Response, responses=ANSWERS)

    @get("/requests.{form}", summary="Service requests, the newest first: of 90 days, 1000 at once")
    def list_requests(
        form: ChosenFormat,
        request: Request,
        query: Annotated[RequestQuery, Query()],
        accept_language: AcceptLanguage = None,
    ) -> Response:
        page, more = _page(database, query.filter(now()), query.page_size)
        headers = kept | (link_to_next(request.url.path, query, page) if more else {})
        language = chosen_language(None, accept_language)
        return requests_document(page, terms, language, extended=query.extensions).response(form, headers=headers)

    @get("/requests/{service_request_id}.{form}", summary="A service request")
    def one_request(
        service_request_id: str,
        form: ChosenFormat,
        query: Annotated[ExtendedQuery, Query()],
        accept_language: AcceptLanguage = None,
    ) -> Response:
        known = request_id(service_request_id)
        found, _ = _page(database, ReportFilter(ids=(known,) if known else (), order=Order.SUBMITTED), 1)
        if not (known and found):
            raise not_found("service_request_id", "not found: none has it, or it is not on the map (any more)")
        language = chosen_language(None, accept_language)
        return requests_document(found, terms, language, extended=query.extensions).response(form, headers=kept)

    @get("/servicerequestupdates.{form}", summary="The newest change of each request, in the order of time")
    def list_updates(
        form: ChosenFormat,
        request: Request,
        query: Annotated[UpdateQuery, Query()],
        accept_language: AcceptLanguage = None,
    ) -> Response:
        page, more = _page(database, query.filter(now()), query.page_size)
        headers = kept | (link_to_next(request.url.path, query, page, changed=True) if more else {})
        return updates_document(page, chosen_language(None, accept_language)).response(form, headers=headers)


def _page(database: Database, wanted: ReportFilter, limit: int) -> tuple[list[PublicReport], bool]:
    """At most `limit` of the reports, and whether there are more."""
    with database.transaction() as connection:
        found = find_public_reports(connection, wanted, limit + 1)
    return found[:limit], len(found) > limit
