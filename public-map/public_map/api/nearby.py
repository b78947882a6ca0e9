"""`GET /v1/reports/nearby`: open public reports that may be about the same threat, for those about to send one."""

from typing import Annotated

from chassis.postgres import Database
from contracts.events.public import PublicReport
from contracts.policy.categories import category as category_by_code
from contracts.statuses import LABELS, Language
from fastapi import APIRouter, Query
from web.texts.languages import chosen_language

from public_map.api.queries import AcceptLanguage, unknown_category
from public_map.api.schemas import Nearby, NearbyReport
from public_map.domain.queries import nearby_query
from public_map.store.public_reports import find_nearby

_LIMIT = 20
Longitude = Annotated[float, Query(ge=-180, le=180, allow_inf_nan=False)]
Latitude = Annotated[float, Query(ge=-90, le=90, allow_inf_nan=False)]


def nearby_routes(database: Database) -> APIRouter:
    """The route."""
    routes = APIRouter(tags=["map"])

    @routes.get("/v1/reports/nearby", summary="Open reports on the map that may be about the same thing")
    def nearby(
        category: str,
        longitude: Longitude,
        latitude: Latitude,
        language: Language | None = None,
        accept_language: AcceptLanguage = None,
    ) -> Nearby:
        known = category_by_code(category)
        if known is None:
            raise unknown_category(category)
        query = nearby_query(known, longitude, latitude)
        with database.transaction() as connection:
            found = find_nearby(connection, query, _LIMIT)
        words = chosen_language(language, accept_language)
        return Nearby(
            within_m=round(query.within_m), reports=[_nearby_report(report, metres, words) for report, metres in found]
        )

    return routes


def _nearby_report(report: PublicReport, metres: float, language: Language) -> NearbyReport:
    return NearbyReport(
        report_id=str(report.report_id),
        category=report.category,
        status=report.status,
        status_name=LABELS[report.status][language],
        longitude=report.longitude,
        latitude=report.latitude,
        distance_m=round(metres),
        supporters=report.supporters,
        submitted_at=report.submitted_at.isoformat(),
    )
