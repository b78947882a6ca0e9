"""A notice: one thing to tell one recipient. Never a citizen's words or contact."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum, StrEnum
from uuid import UUID, uuid5

from contracts.events.clocks import Clock
from contracts.events.notices import Audience, Channel


class NoticeKind(StrEnum):
    """What a notice is about, officers' in the order of a digest; each kind has its words in `texts`."""

    EMERGENCY = "emergency"
    EMERGENCY_UNDELIVERED = "emergency-undelivered"
    CASE_OPENED = "case-opened"
    CASE_UNROUTED = "case-unrouted"
    CASE_TRANSFERRED = "case-transferred"
    CASE_REOPENED = "case-reopened"
    CASE_RETURNED = "case-returned"
    LETTER_TO_PRINT = "letter-to-print"
    CASE_REFERRED = "case-referred"
    REFERRAL_WITHDRAWN = "referral-withdrawn"
    DEADLINE_APPROACHING = "deadline-approaching"
    DEADLINE_MISSED = "deadline-missed"
    DEADLINE_ESCALATED = "deadline-escalated"
    MISS_UNDELIVERED = "miss-undelivered"
    MISS_WITHDRAWN = "miss-withdrawn"
    ESCALATION_WITHDRAWN = "escalation-withdrawn"
    REVIEW_DUE = "review-due"
    SURGE_RAISED = "surge-raised"
    SURGE_ESCALATED = "surge-escalated"
    MAILBOX_FAILS = "mailbox-fails"
    DRILL = "drill"
    CONFIRM_ADDRESS = "confirm-address"
    TAKEN_UP = "taken-up"
    CONFIRMED = "confirmed"
    UNCONFIRMED = "unconfirmed"
    REJECTED = "rejected"
    REFERRED = "referred"
    ELIMINATED = "eliminated"
    MERGED = "merged"
    QUESTION = "question"


class Urgency(IntEnum):
    """What leaves before what: emergencies and missed deadlines, what a duty officer has to act on, what can wait."""

    FIRST = 0
    AT_ONCE = 1
    CAN_WAIT = 2


EMERGENCY_KINDS = frozenset({NoticeKind.EMERGENCY, NoticeKind.EMERGENCY_UNDELIVERED})
"""Kinds that are marked urgent, and go up after half a minute."""

_MISSED_KINDS = frozenset({NoticeKind.DEADLINE_MISSED, NoticeKind.DEADLINE_ESCALATED, NoticeKind.MISS_UNDELIVERED})

UNDELIVERED: dict[NoticeKind, NoticeKind] = {
    **dict.fromkeys(_MISSED_KINDS, NoticeKind.MISS_UNDELIVERED),
    **dict.fromkeys(EMERGENCY_KINDS, NoticeKind.EMERGENCY_UNDELIVERED),
}
"""Kinds that go one step up the chain of command where they don't reach who they are for, and as what."""

DEADLINE_KINDS = _MISSED_KINDS | {NoticeKind.MISS_WITHDRAWN, NoticeKind.ESCALATION_WITHDRAWN}
"""Kinds about a deadline, of which one address is told once."""

FIRST_KINDS = DEADLINE_KINDS | EMERGENCY_KINDS
"""Kinds that leave before everything else."""


@dataclass(frozen=True, slots=True)
class Details:
    """What the words of a notice are made of; None where the event does not say it.

    `due_at` is the deadline of `clock`, or until when an address can be confirmed; the place is WGS 84, degrees.
    `said`: what an agency reads of the referral `referral_id`, the JSON of ReferralMade or ReferralWithdrawn.
    """

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
    garrison: str | None = None
    reports: int | None = None
    referral_id: UUID | None = None
    said: str | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell one recipient. `recipient` is a code, None for the citizen of the report.

    `cause` is the id of the event it follows from; `digest` says that it may wait for others to the same recipient;
    `version` is the case version it tells of, 0 where it tells of something else. `escalation` is the same for both
    escalations of one miss, None for all else: who answers at both levels is told of one.
    """

    cause: UUID
    report_id: UUID
    kind: NoticeKind
    audience: Audience
    recipient: str | None
    digest: bool
    version: int
    details: Details
    escalation: UUID | None = None


@dataclass(frozen=True, slots=True)
class ScheduledNotice:
    """A notice with the channel it goes by and the time it should leave."""

    notice: Notice
    channel: Channel
    due_at: datetime

    @property
    def id(self) -> UUID:
        """See `notice_id`."""
        return notice_id(self.notice.cause, self.notice.recipient, self.channel)


def notice_id(cause: UUID, recipient: str | None, channel: Channel) -> UUID:
    """One event notifies one recipient by one channel once, however often it comes: the id shows the repeat."""
    return uuid5(cause, f"{recipient or 'citizen'}/{channel}")
