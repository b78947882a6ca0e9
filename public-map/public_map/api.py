"""The HTTP side: the map page, the reports on it as GeoJSON, what is near a place, and the holder's receipt."""

import hashlib
from pathlib import Path
from typing import Annotated, Any

import msgspec
from chassis import http
from chassis.health import Health
from chassis.http import Problem
from chassis.postgres import Database
from contracts.categories import category as category_by_code
from contracts.public import PublicReport
from contracts.statuses import LABELS, OPEN, Language, Status
from contracts.terms import policy
from fastapi import FastAPI, Header, Query
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.responses import FileResponse, Response
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel

from public_map import domain, public_reports, receipts, store
from public_map.queries import MapQuery, chosen_language, next_page, unknown_category, wanted
from public_map.receipts import ReceiptAnswer
from public_map.settings import Settings

STATIC = Path(__file__).parent / "static"
_NEARBY_AT_MOST = 20
# The page needs nothing from anywhere else, and may run nothing but its own script.
_PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
    " img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
Longitude = Annotated[float, Query(ge=-180, le=180, allow_inf_nan=False)]
Latitude = Annotated[float, Query(ge=-90, le=90, allow_inf_nan=False)]
AcceptLanguage = Annotated[str | None, Header(include_in_schema=False)]


class NearbyReport(BaseModel):
    report_id: str
    category: str
    status: Status
    status_name: str
    longitude: float
    latitude: float
    distance_m: int
    supporters: int
    submitted_at: str


class Nearby(BaseModel):
    within_m: int
    reports: list[NearbyReport]


def create_api(database: Database, settings: Settings, health: Health) -> FastAPI:
    """The application. Everything but receipts reads only what is public."""
    api = http.create_api(
        "KMZB public map",
        "What everyone may see of the reports to the police. Not an emergency channel: call 112.",
        health,
    )
    api.add_middleware(GZipMiddleware, minimum_size=1000)
    _add_page(api)
    _add_reports(api, database, settings)
    _add_nearby(api, database)
    _add_receipts(api, database, settings)
    return api


def _add_page(api: FastAPI) -> None:
    @api.get("/", summary="The map", tags=["map"], response_class=FileResponse)
    def page() -> Response:
        return FileResponse(STATIC / "index.html", headers={**_PAGE_HEADERS, "Cache-Control": "no-cache"})

    api.mount("/static", StaticFiles(directory=STATIC))


def _add_reports(api: FastAPI, database: Database, settings: Settings) -> None:
    cache = f"public, max-age={int(settings.cache_for.total_seconds())}"

    @api.get(
        "/v1/reports.geojson",
        summary="The reports on the map, a page of a GeoJSON FeatureCollection; `next` leads to the following page",
        tags=["map"],
        response_class=Response,
        responses={200: {"content": {"application/geo+json": {}}}, 304: {"description": "as before"}},
    )
    def reports(
        query: Annotated[MapQuery, Query()],
        accept_language: AcceptLanguage = None,
        if_none_match: Annotated[str | None, Header()] = None,
    ) -> Response:
        language = chosen_language(query.language, accept_language)
        question = wanted(query)
        with database.transaction() as connection:
            found = public_reports.find(connection, question, query.limit + 1)
        page = found[: query.limit]
        following = next_page(page[-1].report_id) if len(found) > len(page) else None
        features = [_feature(report, language) for report in page]
        body = msgspec.json.encode({"type": "FeatureCollection", "features": features, "next": following})
        etag = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
        headers = {"ETag": etag, "Cache-Control": cache, "Vary": "Accept-Language", "Access-Control-Allow-Origin": "*"}
        if if_none_match and etag in [each.strip() for each in if_none_match.split(",")]:
            return Response(status_code=304, headers=headers)
        return Response(body, media_type="application/geo+json", headers=headers)


def _feature(report: PublicReport, language: Language) -> dict[str, Any]:
    of = category_by_code(report.category)
    properties = {
        **{name: getattr(report, name) for name in report.__struct_fields__ if name not in ("longitude", "latitude")},
        "category_name": of.name(language) if of else report.category,
        "status_name": LABELS[report.status][language],
    }
    geometry = {"type": "Point", "coordinates": [report.longitude, report.latitude]}
    return {"type": "Feature", "id": report.report_id, "geometry": geometry, "properties": properties}


def _add_nearby(api: FastAPI, database: Database) -> None:
    @api.get("/v1/reports/nearby", summary="Open reports on the map that may be about the same thing", tags=["map"])
    def nearby(
        category: str,
        longitude: Longitude,
        latitude: Latitude,
        language: Language | None = None,
        accept_language: AcceptLanguage = None,
    ) -> Nearby:
        of = category_by_code(category)
        if of is None:
            raise unknown_category(category)
        within, words = domain.nearby_m(of), chosen_language(language, accept_language)
        box = domain.box_round(longitude, latitude, within)
        with database.transaction() as connection:
            found = public_reports.find_nearby(
                connection, category, sorted(OPEN), longitude, latitude, within, box, _NEARBY_AT_MOST
            )
        return Nearby(
            within_m=round(within),
            reports=[
                NearbyReport(
                    report_id=str(report.report_id),
                    category=report.category,
                    status=report.status,
                    status_name=LABELS[report.status][words],
                    longitude=report.longitude,
                    latitude=report.latitude,
                    distance_m=round(metres),
                    supporters=report.supporters,
                    submitted_at=report.submitted_at.isoformat(),
                )
                for report, metres in found
            ],
        )


def _add_receipts(api: FastAPI, database: Database, settings: Settings) -> None:
    terms = policy(settings.terms_file)

    @api.get(
        "/v1/receipts/{receipt}", summary="How the report stands, for whoever holds its receipt", tags=["receipts"]
    )
    def by_receipt(
        receipt: str, response: Response, language: Language | None = None, accept_language: AcceptLanguage = None
    ) -> ReceiptAnswer:
        response.headers.update({"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})
        with database.transaction() as connection:
            known = store.find_receipt(connection, hashlib.sha256(receipt.encode()).hexdigest())
        if known is None:
            detail = "No report has this receipt. Copy it whole, or wait some seconds if you have just sent the report."
            raise Problem(404, "Unknown receipt", detail, {"Cache-Control": "no-store"})
        promise = terms.promise(known.report["category"], known.report["submitted_at"])
        return receipts.answer(known, promise, chosen_language(language, accept_language))
