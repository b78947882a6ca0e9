"""What officers see over HTTP: lists and cases. What they do to them is in decisions.py."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from contracts.statuses import Status
from fastapi import APIRouter, FastAPI, Query, Response

from casework import cards, decisions, lists, store
from casework.desk import AtDesk, Desk, Signed, answer_refusals, etag, not_found
from casework.domain import Refused, allowed
from casework.numbers import is_mistyped

DESCRIPTION = (
    "Officers work cases here. A unit sees its own cases, a garrison its own, headquarters all. Every change names the"
    " version it was decided on (`If-Match`, from the `ETag`), so that no two officers overwrite each other."
    " Not an emergency channel: in danger call 112."
)
_Cursor = tuple[datetime, UUID]
router = APIRouter(prefix="/v1/cases", tags=["cases"])


@router.get("")
def read_cases(
    desk: AtDesk,
    officer: Signed,
    status: Annotated[list[Status] | None, Query(description="one or more")] = None,
    overdue: Annotated[bool | None, Query(description="has a clock's deadline passed?")] = None,
    unit: Annotated[str | None, Query(max_length=64, pattern="^[A-Za-z0-9_.-]+$", description="a unit's code")] = None,
    q: Annotated[
        str | None,
        Query(min_length=2, max_length=40, pattern="^[A-Za-z0-9-]+$", description="how a number or id begins"),
    ] = None,
    after: Annotated[str | None, Query(alias="next", max_length=200, description="from the page before")] = None,
) -> cards.Page:
    """The cases you may see, newest first."""
    if q is not None and is_mistyped(q):
        raise Refused("q", "is no case number: its check character does not fit, so something in it is mistyped")
    wanted = lists.Wanted(statuses=status, overdue=overdue, unit=unit, q=q, beyond=_place(after) if after else None)
    with desk.database.transaction() as connection:
        store.claim(connection, officer)
        rows = lists.page(connection, officer, wanted)
    shown, more = rows[: lists.PAGE], len(rows) > lists.PAGE
    return cards.Page(
        cases=[cards.Line.model_validate(row) for row in shown],
        next=_cursor((shown[-1]["submitted_at"], shown[-1]["report_id"])) if more else None,
    )


@router.get("/{report_id}", responses={404: {"description": "no such case in sight"}})
def read_case(desk: AtDesk, officer: Signed, report_id: UUID, response: Response) -> cards.Card:
    """A case with its history, checks, clocks and referrals, and what you may do to it now. `ETag`: its version."""
    with desk.database.transaction() as connection:
        store.claim(connection, officer)
        row = lists.whole(connection, report_id)
    if row is None:
        raise not_found(report_id)
    response.headers["ETag"] = etag(row["version"])
    return cards.Card.model_validate(row | {"allowed": allowed(store.as_case(row), officer.role)})


def serve(http: FastAPI, desk: Desk) -> None:
    """Give an application casework's routes."""
    http.state.desk = desk
    answer_refusals(http)
    http.include_router(router)
    http.include_router(decisions.router)


def _cursor(place: _Cursor) -> str:
    return urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def _place(cursor: str) -> _Cursor:
    try:
        padded = cursor.encode() + b"=" * (-len(cursor) % 4)
        place: _Cursor = msgspec.json.decode(urlsafe_b64decode(padded), type=_Cursor)
    except (ValueError, msgspec.MsgspecError) as wrong:
        raise Refused("next", "is no cursor: take it from the page before, unchanged") from wrong
    if place[0].tzinfo is None:
        raise Refused("next", "is no cursor: take it from the page before, unchanged")
    return place
