"""The JSON answers. Times are RFC 3339 with zone, positions WGS 84 degrees."""

from datetime import date, datetime
from uuid import UUID

from contracts.events.clocks import Clock, Outcome
from contracts.statuses import Status
from pydantic import BaseModel, Field


class NearbyReport(BaseModel):
    """A public report and how far it is from the position asked about, in metres."""

    report_id: str
    category: str
    status: Status
    status_name: str
    longitude: float
    latitude: float
    distance_m: int
    supporters: int
    submitted_at: str


class Nearby(BaseModel):
    """The public reports within so many metres, the nearest first."""

    within_m: int
    reports: list[NearbyReport]


class PublicAnswer(BaseModel):
    """What a decision was made from, without names."""

    checks: int = Field(description="how often somebody was there")
    found: int = Field(description="how often they found it")
    last_check_on: date | None
    checked_on: list[date] = Field(description="the days somebody was there")


class TimelineStep(BaseModel):
    """The status a report had from an instant on."""

    status: Status
    status_name: str
    at: datetime
    answer: PublicAnswer | None = Field(default=None, description="what a decision was made from")


class Deadline(BaseModel):
    """A clock of the report: met or missed once it stopped, overdue while it runs past its due time."""

    clock: Clock
    cycle: int
    started_at: datetime
    due_at: datetime
    stopped_at: datetime | None
    outcome: Outcome | None
    overdue: bool


class AskedQuestion(BaseModel):
    """What officers asked the one who reported: null once that was erased. It is answered once."""

    question: int
    text: str | None
    asked_at: datetime
    answered_at: datetime | None


class UpheldDecision(BaseModel):
    """What the coordinator answered to "it is still there": the decision stands."""

    at: datetime
    text: str | None


class Continuation(BaseModel):
    """The case that goes on for one that ended in it."""

    report_id: UUID
    case_number: str


class ReceiptAnswer(BaseModel):
    """How the report stands, for whoever holds its receipt."""

    report_id: UUID
    case_number: str | None = Field(description="null until the case is open, a matter of seconds")
    category: str
    category_name: str
    status: Status
    status_name: str
    submitted_at: datetime
    take_up_by: datetime
    verify_by: datetime = Field(description="the latest a decision is due; nearer once the report is taken up")
    garrison: str | None
    unit: str | None = Field(description="who answers; null until the district is found, a matter of seconds")
    unit_name: str | None
    supporters: int = Field(description="how many others saw the same")
    timeline: list[TimelineStep]
    deadlines: list[Deadline] = Field(description="the clocks that ran or run")
    continues_as: Continuation | None = Field(description="the case that goes on for this one")
    questions: list[AskedQuestion] = Field(description="what officers asked, in order")
    may_answer: bool = Field(description="whether a question that is open can still be answered")
    withdrawn_at: datetime | None = Field(description="when the one who reported took the report back")
    erased_at: datetime | None = Field(description="when they had their words erased; they can write no more")
    contested_at: datetime | None = Field(description="when they contested the decision that stands now")
    may_contest: bool = Field(description="whether contesting it counts: once against each decision")
    upheld: UpheldDecision | None = Field(description="the answer to that")
    emergency: str
