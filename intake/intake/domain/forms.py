"""What a citizen fills in: a report, with or without a contact."""

from typing import Annotated
from uuid import UUID

import msgspec
from contracts.addresses import MAX_ADDRESS
from contracts.base import POLAND, TEXT_MAX, Instant
from contracts.events.reports import TimeOfDay, Weekday
from contracts.statuses import Language
from contracts.values.texts import CODE_POINTS, GIVEN_PATTERN
from msgspec import Meta

from intake.domain.photos import MOST, TOKEN_LENGTH

WEST, SOUTH, EAST, NORTH = POLAND
Words = Annotated[
    str,
    Meta(
        max_length=TEXT_MAX * CODE_POINTS,
        pattern=GIVEN_PATTERN,
        description=f"at most {TEXT_MAX} characters as people count them; required by some categories; never public",
    ),
]

PhotoToken = Annotated[str, Meta(min_length=TOKEN_LENGTH, max_length=TOKEN_LENGTH, pattern="^[A-Za-z0-9_-]*$")]


class ContactForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How to reach the one who reports. It is sealed at once; only the notifier can open it."""

    email: Annotated[
        str,
        Meta(
            max_length=MAX_ADDRESS,
            pattern=r"^[^@]+@[^@]+\.[^@]+$",
            description="one plain e-mail address",
            examples=["name@example.org"],
            extra_json_schema={"format": "idn-email"},
        ),
    ]


class ReportForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A report as it is sent. Not an emergency channel: in an emergency call 112."""

    category: Annotated[str, Meta(min_length=1, max_length=64, description="a code from GET /v1/categories")]
    longitude: Annotated[float, Meta(ge=WEST, le=EAST, description="WGS 84, degrees east")]
    latitude: Annotated[float, Meta(ge=SOUTH, le=NORTH, description="WGS 84, degrees north")]
    occurred_at: Annotated[
        Instant | None, Meta(description="RFC 3339 with zone; at most 30 days ago and 5 minutes ahead")
    ] = None
    weekdays: Annotated[tuple[Weekday, ...], Meta(max_length=7, description="when it happens again and again")] = ()
    time_of_day: TimeOfDay | None = None
    description: Words | None = None
    contact: ContactForm | None = None
    photos: Annotated[
        tuple[PhotoToken, ...],
        Meta(max_length=MOST, description="as POST /v1/photos answered, within a day; officers alone see them"),
    ] = ()
    continues: Annotated[UUID | None, Meta(description="the closed report this one goes on from")] = None
    language: Annotated[Language, Meta(description="of the answer and of messages to the contact")] = "pl"
