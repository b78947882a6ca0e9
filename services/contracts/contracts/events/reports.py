"""What a citizen says: the report itself, the words and contact beside it, and what follows after sending."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from contracts.base import Code, Instant, Latitude, Longitude, Name, ReportEvent, Sha256, Text, Version
from contracts.statuses import Language

Weekday = Annotated[int, Meta(ge=1, le=7, description="ISO weekday: 1 is Monday")]


class TimeOfDay(StrEnum):
    """When it happens, in Europe/Warsaw local time."""

    MORNING = "morning"  # 06-12
    AFTERNOON = "afternoon"  # 12-18
    EVENING = "evening"  # 18-22
    NIGHT = "night"  # 22-06


class ReportSubmission(ReportEvent, frozen=True, kw_only=True):
    """That a report exists, of what category and where: what every reader of it may rely on for ever."""

    category: Code
    longitude: Longitude
    latitude: Latitude
    submitted_at: Instant


class ReportSubmitted(ReportSubmission, frozen=True, kw_only=True):
    """A report exists, because this is on the log. It carries no words and no contact.

    Of several under one report id the first on the log counts, for whoever reads it. `emergency_like`: its words read
    like an emergency, and were sent all the same (`policy.emergency`). `continues` is a closed report this one goes on
    from, as its sender says.
    """

    occurred_at: Instant | None = None
    weekdays: tuple[Weekday, ...] = ()
    time_of_day: TimeOfDay | None = None
    language: Language = "pl"
    receipt_sha256: Sha256
    has_content: bool = False
    has_contact: bool = False
    emergency_like: bool = False
    continues: UUID | None = None


PHOTO_WAITS = timedelta(hours=24)
"""How long a photo is kept for a report that names it; whatever is older, no report can name any more."""


class ReportContent(ReportEvent, frozen=True, kw_only=True):
    """The citizen's words and the names of their photos in the store; a tombstone under the same key erases both."""

    description: Text | None = None
    photos: tuple[Name, ...] = ()


class FollowUpWords(ReportEvent, frozen=True, kw_only=True):
    """What a citizen wrote with a follow-up, `follow_up` by its id; a tombstone under the same key erases it."""

    follow_up: UUID
    text: Text

    @property
    def key(self) -> str:
        """Not the report's, whose words are kept under that."""
        return f"{self.report_id}/{self.follow_up}"


class ReportContact(ReportEvent, frozen=True, kw_only=True):
    """A contact, sealed so that only the notifier can open it; a tombstone under the same key erases it.

    `sealed` is the base64 of a libsodium sealed box over JSON `{"email": …}`.
    """

    sealed: Annotated[str, Meta(max_length=2000, pattern=r"^[A-Za-z0-9+/=]*$")]
    language: Language = "pl"


class FollowUp(ReportEvent, frozen=True, kw_only=True):
    """Something a citizen says after sending."""

    said_at: Instant


class ReportSupported(FollowUp, frozen=True, kw_only=True):
    """Somebody else sees the same. `sender` tells repeats by one sender on one report apart, and nothing more."""

    sender: Sha256


class ReportContested(FollowUp, frozen=True, kw_only=True):
    """The one who reported says it is still there, or that the decision is wrong. A reason is FollowUpWords."""

    has_words: bool = False


class ReportWithdrawn(FollowUp, frozen=True, kw_only=True):
    """The one who reported takes it back. What the police know by then stays known: the coordinator decides."""


class QuestionAnswered(FollowUp, frozen=True, kw_only=True):
    """The one who reported answers the nth question of the case; the answer is FollowUpWords."""

    question: Version


class ErasureRequested(FollowUp, frozen=True, kw_only=True):
    """The one who reported asks that their words and contact be erased; the case itself stays."""


FOLLOW_UPS = (ReportSupported, ReportContested, ReportWithdrawn, QuestionAnswered, ErasureRequested)
"""Everything a citizen can say after sending."""


def as_report_id(text: str) -> UUID | None:
    """The report id a key spells, or None where it spells none."""
    try:
        return UUID(text)
    except ValueError:
        return None
