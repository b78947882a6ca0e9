"""What casework says: every change of a case, in one order per report, each with the state after it.

Because each change carries the whole state (status, place, owner, supporters), a reader that missed the reason still
knows the result; because each carries `version`, it knows which result is newest.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from contracts.base import (
    Code,
    Count,
    DueInstant,
    Instant,
    Latitude,
    Longitude,
    Name,
    Owner,
    ReportEvent,
    Text,
    Version,
)
from contracts.statuses import Status


class Role(StrEnum):
    """Who made a change. `system` for what follows from other events, `agency` for a partner's answer."""

    SYSTEM = "system"
    BEAT_OFFICER = "beat_officer"
    COORDINATOR = "coordinator"
    GARRISON = "garrison"
    HEADQUARTERS = "headquarters"
    AGENCY = "agency"


class Executor(StrEnum):
    """Who is sent to look: the beat officer by default, others by category."""

    BEAT_OFFICER = "beat_officer"
    PATROL = "patrol"
    TRAFFIC = "traffic"
    CRIMINAL = "criminal"
    JUVENILE = "juvenile"
    WATER = "water"


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The public answer of a decision, made from the checks, without names: how many, how many found it, the last.

    `checked_on` are the days somebody was there, in Poland, each once, in their order; an older writer names none.
    """

    checks: Count
    found: Count
    last_check_on: date | None = None
    checked_on: tuple[date, ...] = ()


class CaseChange(ReportEvent, frozen=True, kw_only=True):
    """A change of a case and the state after it. `version` counts 1, 2, 3 … without a gap.

    `running_since` is when the clock of a new case (take-up) or of one in verification began to count: where another
    case ended in this one, the older of both, so that a merger ends nobody's promise. None in other statuses.
    """

    version: Version
    changed_at: Instant
    case_number: Code
    status: Status
    round: Version = 1
    category: Code
    longitude: Longitude
    latitude: Latitude
    owner: Owner
    supporters: Count = 0
    submitted_at: Instant
    running_since: Instant | None = None
    actor: Role = Role.SYSTEM


class CaseOpened(CaseChange, frozen=True, kw_only=True):
    """The report has a case: with the unit routing found, or with headquarters when it found none."""

    routed: bool
    boundary_version: Code | None = None


class CaseTakenUp(CaseChange, frozen=True, kw_only=True):
    """Somebody read it and will check: verification runs."""


class CaseTasked(CaseChange, frozen=True, kw_only=True):
    """Somebody is sent to look, until `due_at`."""

    executor: Executor
    due_at: DueInstant


class CheckRecorded(CaseChange, frozen=True, kw_only=True):
    """Somebody was there. `number` counts the checks of the case."""

    number: Version
    checked_at: Instant
    finding: Literal["found", "not_found"]


class QuestionAsked(CaseChange, frozen=True, kw_only=True):
    """The one who reported is asked something. `question` counts those of the case; its words are WordsToReporter."""

    question: Version


class CaseDecided(CaseChange, frozen=True, kw_only=True):
    """Verification ended."""

    answer: Answer


class CaseConfirmed(CaseDecided, frozen=True, kw_only=True):
    """It is true, and the police work to remove it."""


class CaseUnconfirmed(CaseDecided, frozen=True, kw_only=True):
    """It was not found."""


class CaseRejected(CaseDecided, frozen=True, kw_only=True):
    """A joke or a mistake."""


class CaseReferred(CaseChange, frozen=True, kw_only=True):
    """Another agency is asked to remove it; `referral` counts the referrals of the case.

    `acknowledge_days`: what it has agreed with this agency, where that is not as the national terms have it.
    """

    referral_id: UUID
    referral: Version
    agency: Code
    acknowledge_days: Annotated[int, Meta(ge=1, le=90)] | None = None


class CaseAcknowledged(CaseChange, frozen=True, kw_only=True):
    """The agency said it has the referral; the status stays."""

    referral_id: UUID
    referral: Version
    agency: Code


class CaseReturned(CaseChange, frozen=True, kw_only=True):
    """The referral ended without removal: the agency declined, or the coordinator took the case back."""

    referral_id: UUID
    referral: Version
    agency: Code
    declined: bool = False


class CaseEliminated(CaseChange, frozen=True, kw_only=True):
    """The threat is gone. `referral` says which referral ended with it, if one was open, and `agency` whose it was."""

    referral: Version | None = None
    referral_id: UUID | None = None
    agency: Code | None = None


class CaseTransferred(CaseChange, frozen=True, kw_only=True):
    """Another unit or beat answers from now on; no clock restarts."""

    previous: Owner
    by_routing: bool = False


class CaseCorrected(CaseChange, frozen=True, kw_only=True):
    """Category or place were wrong; the old ones are kept here. A corrected place is routed again, once."""

    previous_category: Code
    previous_longitude: Longitude
    previous_latitude: Latitude
    place_corrected: bool = False


class CaseReopened(CaseChange, frozen=True, kw_only=True):
    """A closed case is verified again: the next verification round begins."""

    contested: bool = False


class DecisionUpheld(CaseChange, frozen=True, kw_only=True):
    """A contested decision stands; why is said to the one who reported in WordsToReporter."""


class CaseSupported(CaseChange, frozen=True, kw_only=True):
    """Somebody else saw the same; `supporters` counts them. `absorbed`: the report whose case ended in this one."""

    absorbed: UUID | None = None


class CasesMerged(CaseChange, frozen=True, kw_only=True):
    """This case ended in another one, which goes on for both."""

    into: UUID
    into_number: Name


class WordsToReporter(ReportEvent, frozen=True, kw_only=True):
    """What an officer wrote to the one who reported with the change of this `version`; a tombstone erases it."""

    version: Version
    text: Text

    @property
    def key(self) -> str:
        """One of its own for each, so that a compacted topic keeps them all."""
        return f"{self.report_id}/{self.version}"


CHANGES = (
    CaseOpened,
    CaseTakenUp,
    CaseTasked,
    CheckRecorded,
    QuestionAsked,
    CaseConfirmed,
    CaseUnconfirmed,
    CaseRejected,
    CaseReferred,
    CaseAcknowledged,
    CaseReturned,
    CaseEliminated,
    CaseTransferred,
    CaseCorrected,
    CaseReopened,
    DecisionUpheld,
    CaseSupported,
    CasesMerged,
)
"""Every change there is."""
