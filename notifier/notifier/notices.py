"""A notice: something to tell somebody, and what it is about. Never a citizen's words or contact."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid5

from contracts.clocks import Clock
from contracts.notices import Audience, Channel


class Matter(StrEnum):
    """What a notice is about; each has its words in `texts`."""

    CASE_OPENED = "case-opened"
    CASE_UNROUTED = "case-unrouted"
    CASE_TRANSFERRED = "case-transferred"
    CASE_REOPENED = "case-reopened"
    CASE_RETURNED = "case-returned"
    CASE_REFERRED = "case-referred"
    DEADLINE_APPROACHING = "deadline-approaching"
    DEADLINE_MISSED = "deadline-missed"
    DEADLINE_ESCALATED = "deadline-escalated"
    MISS_WITHDRAWN = "miss-withdrawn"
    REVIEW_DUE = "review-due"
    CONFIRM_ADDRESS = "confirm-address"
    TAKEN_UP = "taken-up"
    CONFIRMED = "confirmed"
    UNCONFIRMED = "unconfirmed"
    REJECTED = "rejected"
    REFERRED = "referred"
    ELIMINATED = "eliminated"
    MERGED = "merged"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the words of a notice need to know."""

    case_number: str | None = None
    category: str | None = None
    unit_name: str | None = None
    clock: Clock | None = None
    due_at: datetime | None = None
    longitude: float | None = None
    latitude: float | None = None
    agency: str | None = None
    checks: int | None = None
    found: int | None = None
    last_check_on: date | None = None
    into_number: str | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell somebody. `recipient` is a code, None for the citizen of the report.

    `version` is the case version it tells of, 0 where it tells of something else.
    """

    cause: UUID
    report_id: UUID
    matter: Matter
    audience: Audience
    recipient: str | None
    digest: bool
    version: int
    facts: Facts


@dataclass(frozen=True, slots=True)
class Addressed:
    """A notice with a channel and the time it should leave."""

    notice: Notice
    channel: Channel
    due_at: datetime

    @property
    def id(self) -> UUID:
        return notice_id(self.notice.cause, self.notice.recipient, self.channel)


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Steps of a clock that need not be told any more, the warning first; who was told of a miss gets `correction`."""

    steps: tuple[UUID, ...]
    correction: Notice | None


def notice_id(cause: UUID, recipient: str | None, channel: Channel) -> UUID:
    """The same event tells the same recipient by the same channel once, however often it comes."""
    return uuid5(cause, f"{recipient or 'citizen'}/{channel}")
