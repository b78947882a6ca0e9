"""What officers send and see of rosters and alarms."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from contracts.addresses import MAX_ADDRESS, email_address
from contracts.statuses import Status
from contracts.values.texts import one_line_within
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from casework.api.bodies import Instant
from casework.domain.duty.rosters import Kind

_NAME_MAX = 255


def _subject(text: str) -> str:
    return one_line_within(text, _NAME_MAX)


Subject = Annotated[
    str,
    Field(max_length=_NAME_MAX, description="an officer, as their token names them (`sub`)"),
    AfterValidator(_subject),
]
Address = Annotated[
    str,
    Field(max_length=MAX_ADDRESS, description="where urgent messages go; left out, by the desk's own channels"),
    AfterValidator(email_address),
]


class ShiftBody(BaseModel):
    """Who has duty, from when to when."""

    officer: Subject
    email: Address | None = None
    starts_at: Instant
    ends_at: Instant


class DeputyBody(ShiftBody):
    """Who stands in for whom, from when to when: may do what they may, and gets their messages."""

    principal: Subject


class DutyEntry(BaseModel):
    """A line of a roster: a turn of duty, or the time somebody stands in for the `principal`."""

    model_config = ConfigDict(from_attributes=True)

    entry_id: UUID
    kind: Kind
    officer: str
    principal: str | None
    email: str | None
    starts_at: datetime
    ends_at: datetime


class OnDutyNow(BaseModel):
    """Who has duty until when; `instead_of` whom, where it is a deputy. Without `email` the desk's channels serve."""

    model_config = ConfigDict(from_attributes=True)

    officer: str
    email: str | None
    until: datetime
    instead_of: str | None


class DutyChange(BaseModel):
    """Who changed what of the roster."""

    at: datetime
    officer: str
    role: str
    what: str
    detail: dict[str, Any]


class Roster(BaseModel):
    """A desk's roster: what holds and what is to come, who has duty now, and the latest changes, newest first.

    `keeps`: whether this officer may change it.
    """

    garrison: str
    unit: str
    version: int
    keeps: bool
    on_duty: OnDutyNow | None
    entries: list[DutyEntry]
    changes: list[DutyChange]


class AlarmCase(BaseModel):
    """A case of the surge, where it is in sight."""

    report_id: UUID
    number: str
    category: str
    status: Status


class Alarm(BaseModel):
    """Many reports came to one place within minutes. `told`: how far up the chain of command it has gone."""

    surge_id: UUID
    garrison: str
    unit: str
    unit_name: str
    longitude: float
    latitude: float
    reports: int
    first_at: datetime
    last_at: datetime
    raised_at: datetime
    told: str
    escalate_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    acknowledged_role: str | None
    cases: list[AlarmCase]


class Alarms(BaseModel):
    """Those that nobody has acknowledged, then the others of the last day, newest first."""

    alarms: list[Alarm]
