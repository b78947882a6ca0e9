"""The routes that show cases: lists in pages, and one case whole."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import blake2b
from typing import Annotated, Any
from uuid import UUID

import msgspec
from contracts.agencies import Agencies
from contracts.values.instants import is_instant
from fastapi import APIRouter, Header, Query, Response

from casework.api.commands import etag
from casework.api.dependencies import CurrentOfficer, FromApplication
from casework.api.errors import not_found
from casework.api.reads.queries import ListQuery, Purpose, filter_of
from casework.api.schemas import CaseDetail, CasePage, CaseSummary, Named, SimilarCase, SimilarCases
from casework.domain.audit.readings import case_reading
from casework.domain.case import Case
from casework.domain.handovers import proposal
from casework.domain.officers import Order, Position
from casework.domain.rules import Change, Refused, allowed_changes
from casework.store.audit.entries import insert_readings
from casework.store.identity import set_identity
from casework.store.queries.details import read_case_detail
from casework.store.queries.lists import PAGE, list_cases
from casework.store.queries.similar import list_similar

router = APIRouter(prefix="/v1/cases", tags=["cases"])
_MOST_PROPOSED = 8


@router.get("", response_model=CasePage)
def read_cases(
    given: FromApplication,
    officer: CurrentOfficer,
    asked: Annotated[ListQuery, Query()],
    if_none_match: Annotated[str | None, Header(description="the ETag of the list as you have it")] = None,
) -> Response:
    """The cases you may see, newest first; overdue ones by their deadline, those searched by number or id by that.

    A list that is still as its `ETag` says costs little: ask again every other second.
    """
    wanted = filter_of(given, officer, asked)
    if asked.after:
        wanted = replace(wanted, after=_position(asked.after, wanted.order))
    with given.database.transaction() as connection:
        set_identity(connection, officer)
        rows = list_cases(connection, officer, wanted)
    shown, more = rows[:PAGE], len(rows) > PAGE
    tag = _list_etag(rows)
    if tag in (if_none_match or "").replace("W/", "").split(", "):
        return Response(status_code=304, headers={"ETag": tag})
    page = CasePage(
        cases=[CaseSummary.model_validate(row) for row in shown],
        next=_cursor(shown[-1], wanted.order) if more else None,
    )
    return Response(page.model_dump_json(), media_type="application/json", headers={"ETag": tag})


def _list_etag(rows: Sequence[Mapping[str, Any]]) -> str:
    """Of a list: which cases, of which versions, due when, what was said; nothing else changes without these."""
    changing = ("report_id", "version", "due_at", "overdue", "contested", "answered", "withdrawn")
    seen = [[row[name] for name in changing] for row in rows]
    return f'"{blake2b(msgspec.json.encode(seen), digest_size=12).hexdigest()}"'


@router.get("/{report_id}", responses={404: {"description": "no such case in sight"}})
def read_case(
    given: FromApplication,
    officer: CurrentOfficer,
    report_id: UUID,
    response: Response,
    purpose: Annotated[Purpose | None, Query()] = None,
) -> CaseDetail:
    """A case with its history, checks, clocks and referrals, and what you may do to it now. `ETag`: its version.

    That you read a citizen's words is recorded before they are sent.
    """
    with given.database.transaction() as connection:
        set_identity(connection, officer)
        row = read_case_detail(connection, report_id)
        if row and (reading := case_reading(report_id, row, purpose)):
            insert_readings(connection, [reading])
    if row is None:
        raise not_found(report_id)
    response.headers["ETag"] = etag(row["version"])
    case = Case.of(row)
    name = given.districts.name(case.owner.garrison, case.owner.district) if case.owner.district else None
    allowed = allowed_changes(case, officer.role)
    known: dict[str, Any] = {"allowed": allowed, "district_name": name, "proposed_agencies": [], "likely_agency": None}
    if Change.REFER in allowed:
        proposed = proposal(case, given.districts.teryt(case.owner), given.agencies, row["referrals"])
        known["proposed_agencies"] = [Named(code=one.code, name=one.name) for one in proposed.agencies[:_MOST_PROPOSED]]
        known["likely_agency"] = proposed.likely.code if proposed.likely else None
    return CaseDetail.model_validate(row | known | {"referrals": _with_channels(row["referrals"], given.agencies)})


@router.get("/{report_id}/similar", responses={404: {"description": "no such case in sight"}})
def read_similar_cases(given: FromApplication, officer: CurrentOfficer, report_id: UUID) -> SimilarCases:
    """Other open cases of its category, so near that they may be the same, the nearest first."""
    with given.database.transaction() as connection:
        set_identity(connection, officer)
        rows = list_similar(connection, report_id)
    if rows is None:
        raise not_found(report_id)
    return SimilarCases(cases=[SimilarCase.model_validate(row) for row in rows])


def _with_channels(referrals: Iterable[Mapping[str, Any]], agencies: Agencies) -> list[dict[str, Any]]:
    asked = [(referral, agencies.find(referral["agency"])) for referral in referrals]
    return [{**referral, "channel": agency.channel if agency else None} for referral, agency in asked]


def _cursor(row: Mapping[str, Any], order: Order) -> str:
    position = Position(**{field: row[field] for field in ("report_id", *order.value)})
    return urlsafe_b64encode(msgspec.json.encode(position)).decode().rstrip("=")


def _position(cursor: str, order: Order) -> Position:
    try:
        padded = cursor.encode() + b"=" * (-len(cursor) % 4)
        position = msgspec.json.decode(urlsafe_b64decode(padded), type=Position)
    except (ValueError, msgspec.MsgspecError) as wrong:
        raise _not_a_cursor() from wrong
    values = [getattr(position, field) for field in order.value]
    if None in values or not all(is_instant(value) for value in values if isinstance(value, datetime)):
        raise _not_a_cursor()
    return position


def _not_a_cursor() -> Refused:
    return Refused("next", "is no cursor of this list: take it from the page before, unchanged")
