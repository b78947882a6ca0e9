"""What is said to other agencies and what they answer. Each agency has a topic of its own in each direction."""

from typing import Literal
from uuid import UUID

from contracts.base import Code, DueInstant, Instant, Latitude, Longitude, Name, ReportEvent


class Referral(ReportEvent, frozen=True, kw_only=True):
    """Something that is said to an agency about a threat handed to it."""

    referral_id: UUID
    agency: Code


class ReferralMade(Referral, frozen=True, kw_only=True):
    """A confirmed threat is handed to an agency: where and what, never the citizen's words or contact."""

    case_number: Code
    category: Code
    longitude: Longitude
    latitude: Latitude
    referred_at: Instant
    acknowledge_by: DueInstant
    unit: Code
    unit_name: Name


class ReferralWithdrawn(Referral, frozen=True, kw_only=True):
    """Nothing is left for the agency to do: the unit took the threat back, or it is gone. Later answers are noted."""

    case_number: Code
    withdrawn_at: Instant
    reason: Literal["taken_back", "eliminated"]


class ReferralAnswer(ReportEvent, frozen=True, kw_only=True):
    """An agency's word on a referral made to it.

    `agency`: who answered, where the notifier passes it on; on an agency's own topic the topic alone says so.
    """

    referral_id: UUID
    answered_at: Instant
    agency: Code | None = None


class ReferralAcknowledged(ReferralAnswer, frozen=True, kw_only=True):
    """The agency has it."""


class ReferralProgressed(ReferralAnswer, frozen=True, kw_only=True):
    """The agency works on it, so it has it: said first, it acknowledges, too."""


class ReferralDeclined(ReferralAnswer, frozen=True, kw_only=True):
    """Not this agency's. It names who answers, because "not ours" alone helps nobody."""

    responsible_agency: Name


class ReferralClosed(ReferralAnswer, frozen=True, kw_only=True):
    """The agency removed the threat."""


ANSWERS = (ReferralAcknowledged, ReferralProgressed, ReferralDeclined, ReferralClosed)
"""What an agency can answer."""
