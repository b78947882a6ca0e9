"""What officers send and see over HTTP: the bodies of changes, the list's lines, and a case with all that is known."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from contracts.cases import Executor
from contracts.reports import TimeOfDay
from contracts.statuses import Status
from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from casework.checks import Finding
from casework.domain import Change

# PostgreSQL refuses NUL in text, and terminals obey the rest of what is left out here.
_WRITTEN = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
Written = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000, pattern=_WRITTEN)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=4000, pattern=_WRITTEN)]


class Note(BaseModel):
    """Officers' words about a change. They stay in the case's history and are told to nobody else."""

    note: Written | None = None


class CheckBody(Note):
    checked_at: AwareDatetime
    finding: Finding


class UnconfirmBody(Note):
    reason: Written | None = Field(default=None, description="needed where the checks are not enough")


class ReferBody(Note):
    agency: str = Field(description="the agency's code, such as `road-manager`")


class TaskBody(Note):
    executor: Executor | None = Field(default=None, description="whoever usually goes for this category, if left out")
    due_at: AwareDatetime


class CorrectBody(Note):
    category: str | None = None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None


class TransferBody(BaseModel):
    to: str = Field(description="the code of a unit, station, beat or area; `KGP` for headquarters")
    reason: Reason


class MergeBody(BaseModel):
    into: str = Field(
        description="number or report id of the open case that goes on for both",
        max_length=64,
        pattern="^[A-Za-z0-9-]+$",
    )
    reason: Written | None = None


class OwnerCard(BaseModel):
    garrison: str
    unit: str
    unit_name: str
    station: str | None
    beat: str | None
    district: str | None


class Line(BaseModel):
    """A case in a list. `due_at`: the next deadline of a clock that runs; `overdue`: that has passed."""

    report_id: UUID
    number: str
    version: int
    status: Status
    category: str
    longitude: float
    latitude: float
    owner: OwnerCard
    supporters: int
    contested: bool
    submitted_at: datetime
    changed_at: datetime
    due_at: datetime | None
    overdue: bool


class Page(BaseModel):
    """Newest first. `next` asks for what follows; None at the end."""

    cases: list[Line]
    next: str | None


class Entry(BaseModel):
    """Something that happened. Only published changes have a `version`."""

    version: int | None
    what: str
    at: datetime
    role: str
    officer: str | None
    note: str | None
    detail: dict[str, Any]


class CheckCard(BaseModel):
    number: int
    round: int
    checked_at: datetime
    officer: str
    finding: Finding
    note: str | None


class ClockCard(BaseModel):
    clock: str
    cycle: int
    started_at: datetime
    due_at: datetime
    warned: bool
    missed: bool
    escalated_to: str | None
    stopped_at: datetime | None
    outcome: str | None


class ReferralCard(BaseModel):
    referral_id: UUID
    number: int
    agency: str
    made_at: datetime
    acknowledged_at: datetime | None
    ended_at: datetime | None
    outcome: str | None
    responsible_agency: str | None = Field(description="whom the agency named when it declined")


class WordsCard(BaseModel):
    description: str | None
    photos: list[str]
    erased: bool


class Card(Line):
    """A case with everything that is known of it. `allowed`: what this officer may do to it now."""

    round: int
    occurred_at: datetime | None
    weekdays: list[int]
    time_of_day: TimeOfDay | None
    executor: Executor | None
    task_due_at: datetime | None
    merged_into: UUID | None
    allowed: list[Change]
    history: list[Entry]
    checks: list[CheckCard]
    clocks: list[ClockCard]
    referrals: list[ReferralCard]
    words: WordsCard | None = Field(description="None if there are none, or this officer may not read them")


class Done(BaseModel):
    """The case after a change. A case that was handed over may be out of sight now."""

    report_id: UUID
    number: str
    version: int
    status: Status
    owner: OwnerCard
    changed_at: datetime
    allowed: list[Change]
