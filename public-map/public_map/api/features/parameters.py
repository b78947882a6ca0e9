"""What is asked of items: a box, a time, a page."""

import math
from dataclasses import replace
from datetime import datetime
from typing import Annotated

from contracts.statuses import Language
from contracts.values.instants import EARLIEST, LAST, parse_instant
from pydantic import BaseModel, Field

from public_map.api.cursor import decode_cursor
from public_map.api.open_data.parameters import CODE
from public_map.api.queries import FilterQuery, invalid_parameter, report_filter
from public_map.domain.queries import BoundingBox, ReportFilter, Span

MOST = 2000


class ItemsQuery(FilterQuery):
    """The parameters of the standard; the map's filters are properties of the features."""

    bbox: str | None = Field(
        default=None,
        description="west,south,east,north in WGS 84 degrees, perhaps with heights between",
    )
    datetime: str | None = Field(
        default=None,
        description="when it was sent: an instant, or from/to, either of them open as `..` or empty",
    )
    limit: Annotated[int, Field(ge=1, description=f"features per page; beyond {MOST} there are {MOST}")] = 100
    next: str | None = Field(default=None, description="where the page before ended: use its link as it is")
    unit: str | None = Field(default=None, pattern=CODE, description="a unit's code, like KMP-1661")
    imported: bool | None = Field(default=None, description="true: another system's, kept as history; false: our own")
    language: Language | None = Field(default=None, description="of names; by default as Accept-Language says")


class ItemQuery(BaseModel):
    """The parameters of one feature."""

    language: Language | None = Field(default=None, description="of names; by default as Accept-Language says")


def items_filter(query: ItemsQuery) -> ReportFilter:
    """The parameters as a filter. Raises Problem 422 naming the one that makes no sense."""
    wanted = replace(report_filter(query), unit=query.unit, imported=query.imported)
    if query.bbox is not None:
        wanted = replace(wanted, box=box_of(query.bbox))
    if query.datetime is not None:
        wanted = replace(wanted, submitted=span_of(query.datetime))
    try:
        return replace(wanted, after=decode_cursor(query.next)) if query.next is not None else wanted
    except ValueError:
        raise invalid_parameter("next", "not one that was given out; leave it out to begin") from None


def box_of(text: str) -> BoundingBox:
    """The box that is meant, heights left out; across the 180th meridian its west exceeds its east. Raises Problem."""
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) == 6:
        numbers = numbers[:2] + numbers[3:5]
    if len(numbers) != 4 or not all(map(math.isfinite, numbers)):
        raise invalid_parameter("bbox", "give four numbers, or six with heights: west,south,east,north")
    west, south, east, north = numbers
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
        raise invalid_parameter("bbox", "south must not exceed north; degrees of WGS 84")
    return west, south, east, north


def span_of(text: str) -> Span:
    """From when to when, of an instant or an interval of RFC 3339. Raises Problem 422."""
    first, slash, last = text.partition("/")
    try:
        begin = _end(first, EARLIEST, open_ended=bool(slash))
        end = _end(last, LAST, open_ended=True) if slash else begin
    except ValueError as wrong:
        raise invalid_parameter("datetime", f"{wrong}, or two of them as from/to, `..` for an open end") from None
    if end < begin:
        raise invalid_parameter("datetime", "it ends before it begins")
    return begin, end


def _end(text: str, otherwise: datetime, *, open_ended: bool) -> datetime:
    return otherwise if open_ended and text in ("", "..") else parse_instant(text)
