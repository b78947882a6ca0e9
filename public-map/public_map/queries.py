"""What readers of the map may ask, and how a wrong question is answered."""

import base64
import binascii
import math
from typing import Annotated
from uuid import UUID

from chassis.http import Problem
from contracts.categories import category
from contracts.statuses import Language, Status
from pydantic import AwareDatetime, BaseModel, Field

from public_map.public_reports import WORLD, Wanted

_STATUSES = frozenset(status.value for status in Status)
_LANGUAGES: tuple[Language, ...] = ("pl", "en")


class MapQuery(BaseModel):
    """The parameters of the GeoJSON; lists as repeated parameters or with commas."""

    bbox: str | None = Field(default=None, description="west,south,east,north in WGS 84 degrees")
    category: list[str] = Field(default=[], description="codes of categories; all when left out")
    status: list[str] = Field(default=[], description="statuses; all when left out")
    since: AwareDatetime | None = Field(default=None, description="changed in this hour or later (RFC 3339, with zone)")
    next: str | None = Field(default=None, description="the `next` of the page before")
    limit: Annotated[int, Field(ge=1, le=2000, description="reports per page")] = 1000
    language: Language | None = None


def wanted(query: MapQuery) -> Wanted:
    """The question in checked terms. Raises Problem 422 naming the parameter that makes no sense."""
    categories = _listed(query.category)
    for code in categories:
        if category(code) is None:
            raise unknown_category(code)
    statuses = _listed(query.status)
    if unknown := [each for each in statuses if each not in _STATUSES]:
        raise _wrong("status", f"{unknown[0]!r} is none of {', '.join(Status)}")
    box = _box(query.bbox) if query.bbox is not None else WORLD
    after = _page(query.next) if query.next is not None else None
    return Wanted(box, categories, tuple(Status(each) for each in statuses), query.since, after)


def next_page(last: UUID) -> str:
    """The opaque `next` for what comes after a report."""
    return base64.urlsafe_b64encode(last.bytes).decode().rstrip("=")


def chosen_language(asked: Language | None, accept_language: str | None) -> Language:
    """The language asked for, else the one the reader's program prefers, else Polish."""
    if asked:
        return asked
    ranked: list[tuple[float, Language]] = []
    for part in (accept_language or "").lower().split(","):
        tag, _, quality = part.partition(";q=")
        try:
            rank = float(quality) if quality else 1.0
        except ValueError:
            continue
        ranked += [
            (rank, language) for language in _LANGUAGES if tag.strip().partition("-")[0] == language and rank > 0
        ]
    return max(ranked, key=lambda each: each[0], default=(0.0, _LANGUAGES[0]))[1]


def unknown_category(code: str) -> Problem:
    return _wrong("category", f"{code!r} is no category; intake's GET /v1/categories lists them")


def _wrong(field: str, detail: str) -> Problem:
    errors = [{"field": field, "detail": detail}]
    return Problem(422, "The request is not as documented", f"{field}: {detail}", errors=errors)


def _listed(values: list[str]) -> tuple[str, ...]:
    return tuple(part.strip() for value in values for part in value.split(",") if part.strip())


def _box(text: str) -> tuple[float, float, float, float]:
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise _wrong("bbox", "give four numbers: west,south,east,north") from None
    if not all(math.isfinite(number) for number in (west, south, east, north)):
        raise _wrong("bbox", "give four finite numbers")
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise _wrong("bbox", "west must not exceed east, nor south north; degrees of WGS 84")
    return west, south, east, north


def _page(text: str) -> UUID:
    try:
        return UUID(bytes=base64.b64decode(text + "==", altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        raise _wrong("next", "not a `next` that was given out; leave it out to begin") from None
