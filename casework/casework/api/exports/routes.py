"""The routes that give a list as a file. Each export is recorded, and with citizens' words each case in it."""

from collections.abc import Generator, Sequence
from contextlib import closing
from typing import Annotated
from uuid import UUID

from contracts.events.cases import Role
from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import Field
from web.exports.downloads import Download
from web.exports.formats import CSV, GEOJSON, WGS84, Format, Rows
from web.problems import Problem

from casework.api.dependencies import CurrentOfficer, Dependencies, FromApplication
from casework.api.reads.queries import CaseQuery, Purpose, filter_of
from casework.domain.audit.readings import Reading
from casework.domain.officers import CaseFilter, Officer
from casework.domain.rules import Refused
from casework.store.audit.entries import insert_readings
from casework.store.identity import set_identity
from casework.store.queries.lists import list_all_cases
from casework.store.words import read_descriptions

FIELDS = (
    "report_id", "number", "version", "status", "category", "longitude", "latitude", "garrison", "unit", "unit_name",
    "station", "beat", "district", "supporters", "contested", "emergency_like", "submitted_at", "changed_at", "due_at",
    "overdue",
)  # fmt: skip
"""What a file says of each case; with the citizens' words, `description` stands behind."""

router = APIRouter(
    prefix="/v1/exports",
    tags=["exports"],
    responses={
        403: {"description": "words are for coordinators"},
        503: {"description": "others export at the moment; come back"},
    },
)


class ExportQuery(CaseQuery):
    """The parameters of a list, and whether the citizens' words are to be in it."""

    words: bool = Field(
        default=False,
        description="with what citizens wrote: for coordinators alone, with a purpose, each case recorded",
    )
    purpose: Purpose | None = None


@router.get("/cases.csv", response_class=Response, responses={200: {"content": {"text/csv": {}}}})
def export_csv(given: FromApplication, officer: CurrentOfficer, asked: Annotated[ExportQuery, Query()]) -> Response:
    """The cases of a list as CSV: UTF-8 with a byte-order mark, semicolons, times in Poland with their offset.

    A text that a spreadsheet would take for a formula has an apostrophe in front. A file that does not end with its
    transfer is not whole: export again.
    """
    return _export(given, officer, asked, CSV)


@router.get("/cases.geojson", response_class=Response, responses={200: {"content": {"application/geo+json": {}}}})
def export_geojson(given: FromApplication, officer: CurrentOfficer, asked: Annotated[ExportQuery, Query()]) -> Response:
    """The cases of a list as GeoJSON (RFC 7946), times in UTC."""
    return _export(given, officer, asked, GEOJSON)


def _export(given: Dependencies, officer: Officer, asked: ExportQuery, form: Format) -> Response:
    wanted = filter_of(given, officer, asked)
    if asked.words and officer.role is not Role.COORDINATOR:
        raise Problem(403, "Not for this role", f"A {officer.role} may not export citizens' words.")
    if asked.words and asked.purpose is None:
        raise Refused("purpose", "is needed with citizens' words: say what they are read for")
    if not given.exports.acquire(blocking=False):
        raise Problem(503, "Others export at the moment", "Come back in a while.", {"Retry-After": "10"})
    fields = (*FIELDS, "description") if asked.words else FIELDS
    chunks = _chunks(given, officer, wanted, asked)

    def ended() -> None:
        try:
            chunks.close()
        finally:
            given.exports.release()

    parts = form.parts(chunks, fields, WGS84)
    return Download(parts, name=f"cases.{form.suffix}", media_type=form.media_type, ended=ended)


def _chunks(
    given: Dependencies, officer: Officer, wanted: CaseFilter, asked: ExportQuery
) -> Generator[Rows, None, None]:
    """The cases, some at a time. What is given of words is recorded before it is given."""
    detail = asked.model_dump(mode="json", exclude={"words", "purpose"}, exclude_defaults=True)
    fields = ("description",) if asked.words else ()
    _record(given, officer, [Reading(what="export", fields=fields, purpose=asked.purpose, detail=detail)])
    with given.database.transaction() as connection, closing(list_all_cases(connection, officer, wanted)) as found:
        set_identity(connection, officer)
        for rows in found:
            if asked.words:
                report_ids = [row["report_id"] for row in rows]
                described = read_descriptions(connection, report_ids)
                shown = [report_id for report_id in report_ids if report_id in described]
                _record(given, officer, [_of_case(report_id, asked.purpose) for report_id in shown])
                yield [row | {"description": described.get(row["report_id"])} for row in rows]
            else:
                yield rows


def _of_case(report_id: UUID, purpose: str | None) -> Reading:
    return Reading(what="exported-case", report_id=report_id, fields=("description",), purpose=purpose)


def _record(given: Dependencies, officer: Officer, readings: Sequence[Reading]) -> None:
    """In a transaction of its own, which is committed before the file goes on."""
    with given.database.transaction() as connection:
        set_identity(connection, officer)
        insert_readings(connection, readings)
