"""The route of figures."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated

from chassis.postgres import Database
from contracts.statuses import Status
from contracts.values.instants import parse_instant
from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, BeforeValidator, Field

from public_map.api.queries import box_of, invalid_parameter
from public_map.domain.reading.statistics import MINIMUM, Lasting, Scope, median_hours, share_in_time
from public_map.store.statistics import count_public_reports, list_lasting


class StatisticsQuery(BaseModel):
    """What figures are wanted of: one of box, unit and garrison."""

    bbox: str | None = Field(default=None, description="west,south,east,north in WGS 84 degrees")
    unit: str | None = Field(default=None, max_length=64, description="a unit's code, like KMP-1661")
    garrison: str | None = Field(default=None, max_length=64, description="a garrison's code, like OPO")
    since: Annotated[datetime, BeforeValidator(parse_instant)] | None = Field(
        default=None,
        description="reports that changed in this hour or later; times: of those submitted in its month or later",
    )


class Times(BaseModel):
    """How long something took, in hours of the clock, of the reports everyone could see."""

    median_hours: float | None = Field(description=f"null of fewer than {MINIMUM} reports")
    share_in_time: float | None = Field(description=f"0 to 1; null of fewer than {MINIMUM} reports with a deadline")
    n: int = Field(description="of how many reports")


class Statistics(BaseModel):
    """What is public now, and how long it took the police."""

    reports: int
    by_status: dict[Status, int]
    by_category: dict[str, int]
    take_up: Times = Field(description="from the submission to the take-up")
    decision: Times = Field(description="from the take-up to the decision")


def statistics_routes(database: Database, cache_for: timedelta) -> APIRouter:
    """The route; caches may keep an answer for `cache_for`."""
    routes = APIRouter(tags=["map"])

    @routes.get("/v1/statistics", summary="Counts, and times the police took, of an area, a unit or a garrison")
    def statistics(query: Annotated[StatisticsQuery, Query()], response: Response) -> Statistics:
        """Made of nothing but what everyone can or could see. Of an area the times are of the tiles of zoom 10, some
        24 km wide, that it touches.
        """
        if sum(given is not None for given in (query.bbox, query.unit, query.garrison)) != 1:
            raise invalid_parameter("bbox", "give exactly one of bbox, unit and garrison")
        box = box_of(query.bbox) if query.bbox is not None else None
        scope = Scope(box, query.unit, query.garrison, query.since)
        with database.transaction() as connection:
            counts, lasting = count_public_reports(connection, scope), list_lasting(connection, scope)
        response.headers["Cache-Control"] = f"public, max-age={int(cache_for.total_seconds())}"
        by_status, by_category = Counter[Status](), Counter[str]()
        for (category, status), number in counts.items():
            by_status[status] += number
            by_category[category] += number
        return Statistics(
            reports=by_status.total(),
            by_status=dict(by_status),
            by_category=dict(by_category),
            take_up=times_of(lasting["take_up"]),
            decision=times_of(lasting["decision"]),
        )

    return routes


def times_of(lasting: Sequence[Lasting]) -> Times:
    """What is told of how long something took."""
    count = sum(each.reports for each in lasting)
    return Times(median_hours=median_hours(lasting), share_in_time=share_in_time(lasting), n=count)
