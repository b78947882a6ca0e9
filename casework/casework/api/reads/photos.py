"""The route that shows a citizen's photo, to whoever may read their words."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from objects.outages import Unavailable

from casework.api.dependencies import CurrentOfficer, FromApplication
from casework.api.errors import no_photo, photos_away
from casework.api.reads.queries import Purpose
from casework.domain.audit.readings import Reading
from casework.store.audit.entries import insert_readings
from casework.store.identity import set_identity
from casework.store.queries.details import find_photo

router = APIRouter(prefix="/v1/cases", tags=["cases"])
_MOST = 10
_BYTES = {"type": "string", "format": "binary"}
# A picture and nothing else, to whatever opens it, and kept by nobody.
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Disposition": 'inline; filename="photo.jpg"',
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@router.get(
    "/{report_id}/photos/{number}",
    response_class=Response,
    responses={
        200: {
            "description": "the photo",
            "content": {"image/jpeg": {"schema": _BYTES}},
        },
        404: {"description": "no such photo in sight"},
    },
)
def read_photo(
    given: FromApplication,
    officer: CurrentOfficer,
    report_id: UUID,
    number: Annotated[int, Path(ge=1, le=_MOST)],
    purpose: Annotated[Purpose | None, Query()] = None,
) -> Response:
    """A photo the citizen sent, 1 for the first; for whoever may read their words, too.

    That you see it is recorded before it is sent.
    """
    with given.database.transaction() as connection:
        set_identity(connection, officer)
        name = find_photo(connection, report_id, number)
        if name:
            detail = {"number": number}
            seen = Reading(what="photo", report_id=report_id, fields=("photos",), purpose=purpose, detail=detail)
            insert_readings(connection, [seen])
    try:
        jpeg = given.photos.get(name) if name else None
    except Unavailable as away:
        raise photos_away() from away
    if jpeg is None:
        raise no_photo(report_id, number)
    return Response(jpeg, media_type="image/jpeg", headers=_HEADERS)
