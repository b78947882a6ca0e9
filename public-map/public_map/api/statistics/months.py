"""The route of figures month by month."""

from collections import Counter
from datetime import date, timedelta
from typing import Annotated

from chassis.postgres import Database
from contracts.statuses import Status
from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from public_map.api.open_data.parameters import CODE
from public_map.api.open_data.powiats import Powiats
from public_map.api.queries import invalid_parameter
from public_map.api.statistics.routes import Times, times_of
from public_map.domain.reading.statistics import MINIMUM
from public_map.store.statistics import count_by_month, list_lasting_by_month


class MonthsQuery(BaseModel):
    """What the months are wanted of: a unit or a powiat."""

    unit: str | None = Field(default=None, pattern=CODE, description="a unit's code, like KMP-1661")
    powiat: str | None = Field(default=None, pattern="^[0-9]{4}$", description="the four digits of a powiat in TERYT")


class Month(BaseModel):
    """Of the reports submitted in a month (UTC) those that are public now, and how long the police took."""

    month: date = Field(description="its first day")
    reports: int
    by_status: dict[Status, int]
    by_category: dict[str, int]
    take_up: Times | None = Field(description="of all that were public at the time; null for a powiat")
    decision: Times | None = Field(description="as take_up")


class Months(BaseModel):
    """The months with enough reports, in order."""

    minimum: int = Field(description="a month with fewer reports is left out")
    months: list[Month]


def month_routes(database: Database, powiats: Powiats, cache_for: timedelta) -> APIRouter:
    """The route; caches may keep an answer for `cache_for`."""
    routes = APIRouter(tags=["open data"])

    @routes.get("/v1/statistics/months", summary="Counts and times of a unit, or counts of a powiat, month by month")
    def months(query: Annotated[MonthsQuery, Query()], response: Response) -> Months:
        if (query.unit is None) == (query.powiat is None):
            raise invalid_parameter("unit", "give either a unit or a powiat")
        area = powiats.area(query.powiat) if query.powiat is not None else None
        with database.transaction() as connection:
            counted = count_by_month(connection, query.unit, area)
            lasting = list_lasting_by_month(connection, query.unit) if query.unit is not None else None
        response.headers["Cache-Control"] = f"public, max-age={int(cache_for.total_seconds())}"
        found = []
        for month, counts in counted.items():
            by_status, by_category = Counter[Status](), Counter[str]()
            for (category, status), number in counts.items():
                by_status[status] += number
                by_category[category] += number
            if by_status.total() < MINIMUM:
                continue
            took = None if lasting is None else lasting.get(month, {"take_up": [], "decision": []})
            found.append(
                Month(
                    month=month,
                    reports=by_status.total(),
                    by_status=dict(by_status),
                    by_category=dict(by_category),
                    take_up=took and times_of(took["take_up"]),
                    decision=took and times_of(took["decision"]),
                )
            )
        return Months(minimum=MINIMUM, months=found)

    return routes
