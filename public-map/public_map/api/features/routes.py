"""The routes of OGC API - Features, part 1 (17-069r4): core and GeoJSON, of one collection."""

from functools import partial
from typing import Annotated, Any
from urllib.parse import urlencode

import msgspec
from chassis.postgres import Database
from contracts.events.public import PublicReport
from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response
from starlette.types import Scope
from web.problems import Problem
from web.texts.languages import chosen_language

from public_map.api.cursor import encode_cursor
from public_map.api.features.documents import COLLECTION, GEOJSON, JSON, Documents, link
from public_map.api.features.parameters import MOST, ItemQuery, ItemsQuery, items_filter
from public_map.api.map import feature_of
from public_map.api.open311.parameters import request_id
from public_map.api.queries import AcceptLanguage
from public_map.domain.queries import ReportFilter
from public_map.settings import Settings
from public_map.store.public_reports import find_public_reports

BASE = "/ogc"
_AS_GEOJSON: dict[int | str, dict[str, Any]] = {200: {"content": {GEOJSON: {}}}}


def answer_problem(problem: Problem, _: Scope) -> Response:
    """A problem; the standard answers 400 where we say 422."""
    if problem.status != 422:
        return problem.response()
    return Problem(400, problem.title, problem.detail, problem.headers, **problem.more).response()


def feature_routes(database: Database, settings: Settings) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix=BASE, tags=["OGC API - Features"])
    documents = Documents(f"{settings.address}{BASE}")
    kept = {"Cache-Control": f"public, max-age={int(settings.cache_for.total_seconds())}", "Vary": "Accept-Language"}
    get = partial(routes.get, response_class=JSONResponse)

    @get("", summary="Landing page: where everything is")
    def landing() -> Response:
        return JSONResponse(documents.landing())

    @get("/conformance", summary="What is conformed to")
    def conformance() -> Response:
        return JSONResponse(documents.conformance())

    @get("/collections", summary="The collections: one")
    def collections() -> Response:
        return JSONResponse(documents.collections())

    @get("/collections/{collection}", summary="What a collection holds")
    def one_collection(collection: str) -> Response:
        _check(collection)
        return JSONResponse(documents.collection())

    _add_items(routes, database, documents, kept)
    return routes


def _add_items(routes: APIRouter, database: Database, documents: Documents, kept: dict[str, str]) -> None:
    @routes.get("/collections/{collection}/items", summary="Reports as features", response_class=Response,
                responses=_AS_GEOJSON)  # fmt: skip
    def items(
        collection: str, query: Annotated[ItemsQuery, Query()], accept_language: AcceptLanguage = None
    ) -> Response:
        _check(collection)
        limit, wanted = min(query.limit, MOST), items_filter(query)
        with database.transaction() as connection:
            found = find_public_reports(connection, wanted, limit + 1)
        language = chosen_language(query.language, accept_language)
        features = [feature_of(report, language) for report in found[:limit]]
        links = _links(documents.items, query, found, limit)
        body = {"type": "FeatureCollection", "features": features, "links": links, "numberReturned": len(features)}
        return Response(msgspec.json.encode(body), headers=kept, media_type=GEOJSON)

    @routes.get("/collections/{collection}/items/{feature}", summary="One report as a feature",
                response_class=Response, responses=_AS_GEOJSON)  # fmt: skip
    def item(
        collection: str,
        feature: str,
        query: Annotated[ItemQuery, Query()],
        accept_language: AcceptLanguage = None,
    ) -> Response:
        _check(collection)
        known = request_id(feature)
        with database.transaction() as connection:
            found = find_public_reports(connection, ReportFilter(ids=(known,) if known else ()), 1)
        if not found:
            raise Problem(404, "Not Found", "No report on the map has this id.")
        address = f"{documents.items}/{found[0].report_id}"
        links = [link("self", address, GEOJSON), link("collection", documents.address, JSON)]
        body = {**feature_of(found[0], chosen_language(query.language, accept_language)), "links": links}
        return Response(msgspec.json.encode(body), headers=kept, media_type=GEOJSON)


def _links(address: str, query: ItemsQuery, found: list[PublicReport], limit: int) -> list[dict[str, str]]:
    asked = query.model_dump(mode="json", exclude_defaults=True)
    links = [link("self", _with(address, asked), GEOJSON)]
    if len(found) > limit:
        following = {**asked, "next": encode_cursor(found[limit - 1].report_id)}
        links.append(link("next", _with(address, following), GEOJSON))
    return links


def _with(address: str, asked: dict[str, Any]) -> str:
    return f"{address}?{urlencode(asked, doseq=True)}" if asked else address


def _check(collection: str) -> None:
    if collection != COLLECTION:
        raise Problem(404, "Not Found", f"There is one collection here: {COLLECTION}.")
