"""What who sent a photo is answered, and how the route stands in the API's documentation."""

from typing import Annotated, Any

import msgspec
from contracts.events.reports import PHOTO_WAITS
from fastapi import FastAPI
from msgspec import Meta

from intake.api.documentation import document_in_front, idempotency_key, refusals
from intake.domain.photos import MOST
from intake.photos.bounds import MAX_PHOTO, MAX_PIXELS, SIDE

PHOTOS_PATH = "/v1/photos"


class PhotoKept(msgspec.Struct, frozen=True, kw_only=True):
    """A photo that waits for its report. Only who sent it has `photo`, and can name it in a report by that."""

    photo: Annotated[str, Meta(description="what a report names in `photos`, within a day; it opens nothing")]
    width: int
    height: int
    metres_from_place: Annotated[
        int | None, Meta(description="from the place asked for to where the photo says it was taken; not kept")
    ]


REFUSALS = {
    400: "the Idempotency-Key can't be used",
    413: f"more than {MAX_PHOTO} bytes",
    415: "neither JPEG, PNG nor WebP, by what it says or by its bytes",
    422: f"broken, or more than {MAX_PIXELS // 1_000_000} megapixels; or no place",
    429: "over a limit: try again after Retry-After seconds",
    503: "photos can't be taken in now: send it again after Retry-After seconds, or the report without",
}
_DESCRIPTION = f"""Before the report, which names up to {MOST} photos by what this answers. Of a photo the picture alone
is kept, at most {SIDE} pixels wide and high: where, when and by what it was taken is gone. Officers see it, nobody
else; without a report it is gone after {PHOTO_WAITS.total_seconds() / 3600:.0f} hours.
The same under the same key is one photo."""


def document_photos(api: FastAPI) -> None:
    """Describe the route, which is served in front of `api`."""
    (kept,), components = msgspec.json.schema_components([PhotoKept], ref_template="#/components/schemas/{name}")

    document_in_front(
        api,
        PHOTOS_PATH,
        components,
        operation_id="photo",
        summary="Send a photo for a report.",
        description=_DESCRIPTION,
        openapi_extra={
            "parameters": [idempotency_key(_REPEAT), _coordinate("longitude"), _coordinate("latitude")],
            "requestBody": {"required": True, "content": {f"image/{kind}": _BYTES for kind in ("jpeg", "png", "webp")}},
            "responses": {
                "201": {"description": "The photo is kept.", "content": {"application/json": {"schema": kept}}},
                **refusals(REFUSALS),
            },
        },
    )


_BYTES = {"schema": {"type": "string", "format": "binary"}}
_REPEAT = "a random UUID, made anew for each photo: a repeat under it makes no second one"


def _coordinate(name: str) -> dict[str, Any]:
    described = "of the report's place, WGS 84 degrees: to be told how far from there the photo was taken"
    return {"name": name, "in": "query", "required": False, "description": described, "schema": {"type": "number"}}
