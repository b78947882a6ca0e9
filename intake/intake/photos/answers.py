"""What who sent a photo is answered, and how the route stands in the API's documentation."""

from typing import Annotated, Any

import msgspec
from contracts.events.reports import PHOTO_WAITS
from fastapi import FastAPI
from msgspec import Meta

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

    async def never_called() -> None:
        raise NotImplementedError("served in front of this application")

    api.add_api_route(
        PHOTOS_PATH,
        never_called,
        methods=["POST"],
        tags=["reports"],
        operation_id="photo",
        summary="Send a photo for a report.",
        description=_DESCRIPTION,
        status_code=201,
        openapi_extra={
            "parameters": [_KEY, _coordinate("longitude"), _coordinate("latitude")],
            "requestBody": {"required": True, "content": {f"image/{kind}": _BYTES for kind in ("jpeg", "png", "webp")}},
            "responses": {
                "201": {"description": "The photo is kept.", "content": {"application/json": {"schema": kept}}},
                **{str(status): _refusal(why) for status, why in REFUSALS.items()},
            },
        },
    )
    generate = api.openapi

    def openapi() -> dict[str, Any]:
        document = generate()
        document.setdefault("components", {}).setdefault("schemas", {}).update(components)
        return document

    api.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend the description


_BYTES = {"schema": {"type": "string", "format": "binary"}}
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "a random UUID, made anew for each photo: a repeat under it makes no second one",
    "schema": {"type": "string", "minLength": 16, "maxLength": 255, "pattern": "^[!-~]*$"},
}


def _coordinate(name: str) -> dict[str, Any]:
    described = "of the report's place, WGS 84 degrees: to be told how far from there the photo was taken"
    return {"name": name, "in": "query", "required": False, "description": described, "schema": {"type": "number"}}


def _refusal(why: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": why, "content": {"application/problem+json": {"schema": schema}}}
