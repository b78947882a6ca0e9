"""What officers send with a change."""

from datetime import datetime
from typing import Annotated

from contracts.base import TEXT_MAX as WORDS_MAX
from contracts.events.cases import Executor
from contracts.values.instants import parse_instant
from contracts.values.texts import CODE_POINTS, one_form_within
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from casework.domain.checks import Finding

TEXT_MAX = 4000
"""Characters of officers' words, as people count them."""
REPORTER_MAX = WORDS_MAX
"""Characters of what is written to the one who reported, who may write as much."""


def _words(text: str) -> str:
    return one_form_within(text, TEXT_MAX)


def _reason(text: str) -> str:
    if len(text) < 3:
        raise ValueError("expected a reason in words")
    return text


def _to_reporter(text: str) -> str:
    if len(words := one_form_within(text, REPORTER_MAX)) < 3:
        raise ValueError("expected something in words")
    return words


Instant = Annotated[datetime, BeforeValidator(parse_instant), Field(description="RFC 3339 with zone, 2000 to 2099")]
FreeText = Annotated[str, Field(max_length=TEXT_MAX * CODE_POINTS), AfterValidator(_words)]
Reason = Annotated[FreeText, Field(min_length=3), AfterValidator(_reason)]


class NoteBody(BaseModel):
    """Officers' words about a change. They stay in the case's history and are passed on to nobody else."""

    note: FreeText | None = None


class CheckBody(NoteBody):
    """When somebody was there, and whether they found it."""

    checked_at: Instant
    finding: Finding


class UnconfirmBody(NoteBody):
    """Why it counts as not confirmed, where the checks alone don't say it."""

    reason: FreeText | None = Field(default=None, description="needed where the checks are not enough")


class ReferBody(NoteBody):
    """Which agency is asked."""

    agency: str = Field(description="the agency's code, such as `road-manager`")


class TaskBody(NoteBody):
    """Who goes, and until when."""

    executor: Executor | None = Field(default=None, description="whoever usually goes for this category, if left out")
    due_at: Instant


class CorrectBody(NoteBody):
    """The right category, the right place (WGS 84 degrees), or both."""

    category: str | None = None
    longitude: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)] | None = None
    latitude: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)] | None = None


class ReporterBody(BaseModel):
    """What is written to the one who reported, who reads it on their receipt's page; please, no names."""

    text: Annotated[str, Field(max_length=REPORTER_MAX * CODE_POINTS), AfterValidator(_to_reporter)]


class TransferBody(BaseModel):
    """Who is to answer, and why."""

    to: str = Field(
        description="the code of a unit, station, beat or area, with its garrison (`OPO/R1`) where several have it;"
        " `KGP` for headquarters",
        max_length=129,
    )
    reason: Reason


class MergeBody(BaseModel):
    """The case that goes on for both, and why."""

    into: str = Field(
        description="number or report id of the open case that goes on for both",
        max_length=64,
        pattern="^[A-Za-z0-9-]+$",
    )
    reason: FreeText | None = None
