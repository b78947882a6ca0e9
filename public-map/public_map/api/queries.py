"""What readers of the map may ask, and how a parameter that makes no sense is answered."""

import math
from dataclasses import replace
from datetime import datetime
from typing import Annotated

from contracts.policy.categories import category
from contracts.statuses import Language, Status
from contracts.values.instants import parse_instant
from fastapi import Header
from pydantic import BaseModel, BeforeValidator, Field
from web.problems import Problem

from public_map.api.cursor import decode_cursor
from public_map.domain.queries import WORLD, BoundingBox, ReportFilter

AcceptLanguage = Annotated[str | None, Header(include_in_schema=False)]
_STATUSES = frozenset(status.value for status in Status)


class FilterQuery(BaseModel):
    """Which reports are wanted; lists as repeated parameters or with commas."""

    category: list[str] = Field(default=[], description="codes of categories; all when left out")
    status: list[str] = Field(default=[], description="statuses; all when left out")
    since: Annotated[datetime, BeforeValidator(parse_instant)] | None = Field(
        default=None, description="changed in this hour or later (RFC 3339, with zone)"
    )


class MapQuery(FilterQuery):
    """The parameters of the GeoJSON."""

    bbox: str | None = Field(default=None, description="west,south,east,north in WGS 84 degrees")
    next: str | None = Field(default=None, description="the `next` of the page before")
    limit: Annotated[int, Field(ge=1, le=2000, description="reports per page")] = 1000
    language: Language | None = None


def report_filter(query: FilterQuery) -> ReportFilter:
    """The parameters as a filter. Raises Problem 422 naming the one that makes no sense."""
    categories = listed(query.category)
    for code in categories:
        if category(code) is None:
            raise unknown_category(code)
    statuses = listed(query.status)
    if unknown := [code for code in statuses if code not in _STATUSES]:
        raise invalid_parameter("status", f"{unknown[0]!r} is none of {', '.join(Status)}")
    return ReportFilter(WORLD, categories, tuple(Status(code) for code in statuses), query.since)


def page_filter(query: MapQuery) -> ReportFilter:
    """The parameters of a page as a filter. Raises Problem 422 naming the one that makes no sense."""
    box = box_of(query.bbox) if query.bbox is not None else WORLD
    try:
        after = decode_cursor(query.next) if query.next is not None else None
    except ValueError:
        raise invalid_parameter("next", "not a `next` that was given out; leave it out to begin") from None
    return replace(report_filter(query), box=box, after=after)


def unknown_category(code: str) -> Problem:
    """The answer to a category that no catalogue has."""
    return invalid_parameter("category", f"{code!r} is no category; intake's GET /v1/categories lists them")


def invalid_parameter(name: str, detail: str) -> Problem:
    """422, naming a query parameter and what to do about it."""
    errors = [{"field": name, "detail": detail}]
    return Problem(422, "The request is not as documented", f"{name}: {detail}", errors=errors)


def listed(values: list[str]) -> tuple[str, ...]:
    """The values of a list, which come as repeated parameters or with commas."""
    return tuple(part.strip() for value in values for part in value.split(",") if part.strip())


def box_of(text: str) -> BoundingBox:
    """The box a parameter `bbox` names. Raises Problem 422."""
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise invalid_parameter("bbox", "give four numbers: west,south,east,north") from None
    if not all(math.isfinite(number) for number in (west, south, east, north)):
        raise invalid_parameter("bbox", "give four finite numbers")
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise invalid_parameter("bbox", "west must not exceed east, nor south north; degrees of WGS 84")
    return west, south, east, north
