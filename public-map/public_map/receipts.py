"""What the holder of a receipt is told: how their report stands, since when, until when, and who answers."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from contracts.categories import category
from contracts.clocks import Clock
from contracts.statuses import LABELS, Language, Status
from contracts.terms import Promise
from pydantic import BaseModel, Field

from public_map.domain import Step, status_steps
from public_map.store import Receipt

EMERGENCY: dict[Language, str] = {
    "pl": "To nie jest kanał alarmowy. W nagłej sprawie zadzwoń pod 112.",
    "en": "This is not an emergency channel. In an emergency call 112.",
}
# A review only reminds officers.
_FOR_CITIZENS = frozenset({Clock.TAKE_UP, Clock.VERIFICATION, Clock.ACKNOWLEDGEMENT})


class PublicAnswer(BaseModel):
    checks: int = Field(description="how often somebody was there")
    found: int = Field(description="how often they found it")
    last_check_on: date | None


class TimelineStep(BaseModel):
    status: Status
    status_name: str
    at: datetime
    answer: PublicAnswer | None = Field(default=None, description="what a decision was made from")


class Deadline(BaseModel):
    clock: Clock
    cycle: int
    started_at: datetime
    due_at: datetime
    stopped_at: datetime | None
    outcome: Literal["met", "missed"] | None
    overdue: bool


class Continuation(BaseModel):
    report_id: UUID
    case_number: str


class ReceiptAnswer(BaseModel):
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
    emergency: str


def answer(receipt: Receipt, promise: Promise, language: Language) -> ReceiptAnswer:
    """The tables' rows in the words of a language."""
    row, status = receipt.report, Status(receipt.report["status"])
    of = category(row["category"])
    deadlines = [Deadline(**clock) for clock in receipt.clocks if clock["clock"] in _FOR_CITIZENS]
    due = {deadline.clock: deadline.due_at for deadline in deadlines}  # of the last cycle
    ended = row["merged_into"] is not None
    return ReceiptAnswer(
        **{name: row[name] for name in _AS_THEY_ARE},
        category_name=of.name(language) if of else row["category"],
        status=status,
        status_name=LABELS[status][language],
        take_up_by=due.get(Clock.TAKE_UP, promise.take_up_by),
        verify_by=due.get(Clock.VERIFICATION, promise.verify_by),
        timeline=[_step(step, language) for step in status_steps(receipt.steps)],
        deadlines=deadlines,
        continues_as=Continuation(**_into(row)) if ended else None,
        emergency=EMERGENCY[language],
    )


_AS_THEY_ARE = (
    "report_id",
    "case_number",
    "category",
    "submitted_at",
    "garrison",
    "unit",
    "unit_name",
    "supporters",
)


def _into(row: dict[str, Any]) -> dict[str, Any]:
    return {"report_id": row["merged_into"], "case_number": row["merged_into_number"]}


def _step(step: Step, language: Language) -> TimelineStep:
    given = step.answer and PublicAnswer(
        checks=step.answer.checks, found=step.answer.found, last_check_on=step.answer.last_check_on
    )
    return TimelineStep(status=step.status, status_name=LABELS[step.status][language], at=step.at, answer=given)
