"""`GET /v1/exports/reports.csv` and `.geojson`: all reports that are wanted, in one file of any length."""

from collections.abc import Iterator
from dataclasses import replace
from threading import BoundedSemaphore
from typing import Annotated, Any, Literal

from chassis.postgres import Database
from contracts.policy.categories import category
from contracts.statuses import LABELS, Language, Status
from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import Field
from web.exports.downloads import Download
from web.exports.formats import CSV, GEOJSON, WGS84, Format, Position, Rows
from web.problems import Problem
from web.texts.languages import chosen_language

from public_map.api.open_data.parameters import OpenDataQuery, open_data_filter
from public_map.api.open_data.powiats import Powiats
from public_map.api.queries import AcceptLanguage
from public_map.domain.queries import ReportFilter
from public_map.store.public_reports import list_rows

POLAND_CS92 = Position("easting", "northing", "urn:ogc:def:crs:EPSG::2180")
# Each holds a thread only while a part is made; readers that are slow cost memory for one part.
_AT_ONCE = 20
PART = 2000
"""Reports that are in memory at once, of each file."""


class FileQuery(OpenDataQuery):
    """Which reports, and where on Earth in which numbers."""

    crs: Literal["EPSG:4326", "EPSG:2180"] = Field(
        default="EPSG:4326", description="EPSG:2180: easting and northing in metres instead of longitude and latitude"
    )


def file_routes(database: Database, powiats: Powiats) -> APIRouter:
    """The routes. A file that does not end with its transfer is not whole: ask again."""
    routes, places = APIRouter(tags=["open data"]), BoundedSemaphore(_AT_ONCE)

    def download(query: FileQuery, accept_language: str | None, form: Format) -> Response:
        wanted, position = open_data_filter(query, powiats), WGS84 if query.crs == "EPSG:4326" else POLAND_CS92
        if not places.acquire(blocking=False):
            raise Problem(503, "Others download at the moment", "Come back in a while.", {"Retry-After": "10"})
        chunks = _chunks(database, wanted, chosen_language(query.language, accept_language), position)
        parts = form.parts(chunks, fields_of(position), position)
        name, kind = f"reports.{form.suffix}", form.media_type
        return Download(parts, name=name, media_type=kind, ended=places.release, cache_control="no-cache")

    @routes.get(
        "/v1/exports/reports.csv", summary="Public reports as CSV: UTF-8 with a byte-order mark, semicolons",
        response_class=Response, responses={200: {"content": {"text/csv": {}}}},
    )  # fmt: skip
    def as_csv(query: Annotated[FileQuery, Query()], accept_language: AcceptLanguage = None) -> Response:
        return download(query, accept_language, CSV)

    @routes.get(
        "/v1/exports/reports.geojson", summary="Public reports as one GeoJSON FeatureCollection (RFC 7946)",
        response_class=Response, responses={200: {"content": {"application/geo+json": {}}}},
    )  # fmt: skip
    def as_geojson(query: Annotated[FileQuery, Query()], accept_language: AcceptLanguage = None) -> Response:
        return download(query, accept_language, GEOJSON)

    return routes


def fields_of(position: Position) -> tuple[str, ...]:
    """What a file says of each report, in order."""
    place = (position.first, position.second)
    return (
        "report_id", "version", "category", "category_name", "status", "status_name", *place, "submitted_at",
        "changed_at", "garrison", "unit", "unit_name", "supporters", "imported",
    )  # fmt: skip


def _chunks(database: Database, wanted: ReportFilter, language: Language, position: Position) -> Iterator[Rows]:
    """By id, each part in a transaction of its own: who reads slowly holds no connection, and none is lost or twice.

    What changes meanwhile is in the file as it was when its part was read.
    """
    after = None
    while True:
        with database.transaction() as connection:
            rows = list_rows(connection, replace(wanted, after=after), PART, in_metres=position.crs is not None)
        if rows:
            yield [row | _names(row, language) for row in rows]
        if len(rows) < PART:
            return
        after = rows[-1]["report_id"]


def _names(row: dict[str, Any], language: Language) -> dict[str, str]:
    known = category(row["category"])
    return {
        "category_name": known.name(language) if known else row["category"],
        "status_name": LABELS[Status(row["status"])][language],
    }
