"""`GET /v1/reports.geojson`: the reports on the map."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Any

import msgspec
from chassis.postgres import Database
from contracts.events.public import PublicReport
from contracts.policy.categories import category
from contracts.statuses import LABELS, Language
from fastapi import APIRouter, Query
from fastapi.responses import Response
from web.texts.languages import chosen_language

from public_map.api.cursor import encode_cursor
from public_map.api.queries import AcceptLanguage, MapQuery, page_filter
from public_map.store.public_reports import find_public_reports


def map_routes(database: Database, cache_for: timedelta) -> APIRouter:
    """The route; caches may keep an answer for `cache_for`."""
    routes = APIRouter(tags=["map"])
    cache_control = f"public, max-age={int(cache_for.total_seconds())}"

    @routes.get(
        "/v1/reports.geojson",
        summary="The reports on the map, a page of a GeoJSON FeatureCollection; `next` leads to the following page",
        response_class=Response,
        responses={200: {"content": {"application/geo+json": {}}}, 304: {"description": "as before"}},
    )
    def reports(
        query: Annotated[MapQuery, Query()],
        accept_language: AcceptLanguage = None,
    ) -> Response:
        with database.transaction() as connection:
            found = find_public_reports(connection, page_filter(query), query.limit + 1)
        body = page_of(found, query.limit, chosen_language(query.language, accept_language))
        etag = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
        headers = {"ETag": etag, "Cache-Control": cache_control, "Vary": "Accept-Language"}
        return Response(body, media_type="application/geo+json", headers=headers)

    return routes


def page_of(found: Sequence[PublicReport], limit: int, language: Language) -> bytes:
    """A GeoJSON FeatureCollection (RFC 7946) of at most `limit` reports, with the cursor of the next page if any."""
    page = found[:limit]
    features = [feature_of(report, language) for report in page]
    following = encode_cursor(page[-1].report_id) if len(found) > len(page) else None
    return msgspec.json.encode({"type": "FeatureCollection", "features": features, "next": following})


def feature_of(report: PublicReport, language: Language) -> dict[str, Any]:
    """A report as a GeoJSON Feature, with names in a language."""
    known = category(report.category)
    properties = {
        **{name: getattr(report, name) for name in report.__struct_fields__ if name not in ("longitude", "latitude")},
        "category_name": known.name(language) if known else report.category,
        "status_name": LABELS[report.status][language],
    }
    geometry = {"type": "Point", "coordinates": [report.longitude, report.latitude]}
    return {"type": "Feature", "id": report.report_id, "geometry": geometry, "properties": properties}
