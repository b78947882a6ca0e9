"""What became of notices: sent, failed, or not known. Never an address: the unit's or agency's code."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from contracts.base import Code, Event, Instant, Name, Version


class Channel(StrEnum):
    """How a notice reaches its recipient; `topic` is an agency's own."""

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
    """What became of an attempt to send a notice. `recipient`: code of a unit, garrison or agency, None for a citizen.

    `kind` says what it is about (case-opened, deadline-missed …). Several notices sent as one message have the id of
    the first; where they are about several reports `report_id` is None and that id is the key, and where they are of
    several kinds `kind` is "digest".
    """

    notice_id: UUID
    report_id: UUID | None = None
    kind: Code
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
