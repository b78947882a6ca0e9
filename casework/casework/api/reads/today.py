"""What a beat officer takes along: today's checks, without a citizen's words, for they stay on a phone for a while."""

from datetime import datetime

from chassis.postgres import database_time
from contracts.events.reports import TimeOfDay
from fastapi import APIRouter
from pydantic import BaseModel

from casework.api.dependencies import CurrentOfficer, FromApplication
from casework.api.schemas import CaseSummary
from casework.domain.checks import end_of_day
from casework.store.identity import set_identity
from casework.store.queries.today import list_today

router = APIRouter(prefix="/v1", tags=["desk"])


class TodayCase(CaseSummary):
    """A case somebody is to look at today, and the days and hours the reporter named. `until`: by when."""

    weekdays: list[int]
    time_of_day: TimeOfDay | None
    task_due_at: datetime | None
    checks: int
    until: datetime


class Today(BaseModel):
    """Today's checks."""

    cases: list[TodayCase]


@router.get("/today")
def read_today(given: FromApplication, officer: CurrentOfficer) -> Today:
    """What is to be looked at by the end of today in Poland in your beat, and what is late, by when it is due."""
    with given.database.transaction() as connection:
        set_identity(connection, officer)
        rows = list_today(connection, officer, end_of_day(database_time(connection)))
    return Today(cases=[TodayCase.model_validate(row) for row in rows])
