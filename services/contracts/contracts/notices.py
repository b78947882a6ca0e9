"""What the notifier did: told somebody, could not, or cannot know. Never an address: the unit's or agency's code."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from contracts.base import Code, Event, Instant, Name, Version


class Channel(StrEnum):
    EMAIL = "email"
    WEBHOOK = "webhook"
    LOG = "log"
    TOPIC = "topic"


class Audience(StrEnum):
    """Who a notice is for."""

    UNIT = "unit"
    GARRISON = "garrison"
    HEADQUARTERS = "headquarters"
    AGENCY = "agency"
    CITIZEN = "citizen"


class NoticeEvent(Event, frozen=True, kw_only=True):
    """The fate of one notice. `recipient` is a unit's, garrison's or agency's code, None for a citizen.

    A digest tells of several reports: then `report_id` is None and the notice's own id is the key.
    """

    notice_id: UUID
    report_id: UUID | None = None
    rule: Code
    channel: Channel
    audience: Audience
    recipient: Code | None = None
    attempt: Version
    at: Instant

    @property
    def key(self) -> str:
        return str(self.report_id or self.notice_id)


class NoticeSent(NoticeEvent, frozen=True, kw_only=True):
    """The next system took it: the mail server, the agency's address, the log."""


class NoticeUncertain(NoticeEvent, frozen=True, kw_only=True):
    """The connection ended after the message was handed over and before it was acknowledged: it may have arrived."""


class NoticeFailed(NoticeEvent, frozen=True, kw_only=True):
    """It was refused for good, or every attempt is used up."""

    reason: Annotated[Name, Meta(description="what the other side said, without addresses")]
