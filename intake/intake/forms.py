"""What a citizen fills in and what they get back, and what to say of a form that is not as it should be."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from contracts.base import POLAND, Instant, Text
from contracts.events.reports import TimeOfDay, Weekday
from contracts.statuses import Language, Status
from msgspec import Meta

_WEST, _SOUTH, _EAST, _NORTH = POLAND
# The shape browsers accept, with a dot in the domain; nothing in it can break out of a mail header.
EMAIL = (
    r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@"
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$"
)


class ContactForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How to reach the one who reports. It is sealed at once; only the notifier can open it."""

    email: Annotated[str, Meta(max_length=254, pattern=EMAIL, examples=["name@example.org"])]


class ReportForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A report as it is sent. Not an emergency channel: in an emergency call 112."""

    category: Annotated[str, Meta(min_length=1, max_length=64, description="a code from GET /v1/categories")]
    longitude: Annotated[float, Meta(ge=_WEST, le=_EAST, description="WGS 84, degrees east")]
    latitude: Annotated[float, Meta(ge=_SOUTH, le=_NORTH, description="WGS 84, degrees north")]
    occurred_at: Annotated[
        Instant | None, Meta(description="RFC 3339 with zone; at most 30 days ago and 5 minutes ahead")
    ] = None
    weekdays: Annotated[tuple[Weekday, ...], Meta(max_length=7, description="when it happens again and again")] = ()
    time_of_day: TimeOfDay | None = None
    description: Annotated[Text | None, Meta(description="required by some categories; never shown to the public")] = (
        None
    )
    contact: ContactForm | None = None
    language: Annotated[Language, Meta(description="of the answer and of messages to the contact")] = "pl"


class Links(msgspec.Struct, frozen=True, kw_only=True):
    """Where to go on. `status` is a page to open; to the others one posts."""

    status: str
    support: str
    contest: str
    erasure: str


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What a citizen gets. `receipt` is theirs alone: who has it can follow and contest the report.

    `verify_by` is the latest instant a decision is due, if the report is taken up on the last day.
    """

    report_id: UUID
    receipt: str
    status: Status
    status_label: str
    category: str
    category_name: str
    submitted_at: datetime
    take_up_by: datetime
    verify_by: datetime
    links: Links
    note: str


@dataclass(frozen=True, slots=True)
class Wrong:
    """A field and what to do about it; what was sent is never repeated, since it may be a person's words."""

    field: str
    detail: str


class Malformed(Exception):
    """Not JSON at all."""


class Invalid(Exception):
    """JSON, but not this form."""

    def __init__(self, *wrongs: Wrong) -> None:
        super().__init__("; ".join(f"{wrong.field}: {wrong.detail}" for wrong in wrongs))
        self.wrongs = wrongs


EXPECTED = {
    "category": "a code from GET /v1/categories, such as speeding",
    "longitude": f"a number of degrees east in WGS 84, from {_WEST} to {_EAST}",
    "latitude": f"a number of degrees north in WGS 84, from {_SOUTH} to {_NORTH}",
    "occurred_at": "a time with zone such as 2026-05-04T18:30:00+02:00, at most 30 days ago and 5 minutes ahead",
    "weekdays": "a list of at most 7 whole numbers, 1 for Monday to 7 for Sunday",
    "time_of_day": f"one of {', '.join(TimeOfDay)}",
    "description": "text of at most 500 characters, without control characters",
    "contact": 'an object such as {"email": "name@example.org"}',
    "contact.email": "an e-mail address such as name@example.org",
    "language": "pl or en",
}
_FORM = msgspec.json.Decoder(ReportForm)
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<name>.*?)`(?: - at `\$\.(?P<within>contact)`)?", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(?P<name>\w+)`(?: - at `\$\.(?P<within>contact)`)?")
_PLACE = re.compile(r" - at `\$\.(?P<path>[a-z_.]+)(?:\[.*\])?`$")


def read(body: bytes) -> ReportForm:
    """The form in a body. Raises Malformed for what is no JSON, Invalid for what is no such form."""
    try:
        return _FORM.decode(body)
    except msgspec.ValidationError as wrong:
        raise Invalid(_explained(str(wrong))) from None
    except UnicodeDecodeError:
        raise Malformed("it is not UTF-8") from None
    except RecursionError:
        raise Malformed("it is nested too deeply") from None
    except msgspec.DecodeError as wrong:
        raise Malformed(str(wrong)) from None


def _explained(text: str) -> Wrong:
    """msgspec names the field inside its message and may quote the value: keep the one, replace the other."""
    if found := _UNKNOWN.fullmatch(text):
        known = ContactForm.__struct_fields__ if found["within"] else ReportForm.__struct_fields__
        name = "".join(each for each in found["name"] if each.isprintable())[:64]
        return Wrong(_path(found["within"], name), f"no such field; leave it out (there are {', '.join(known)})")
    if found := _MISSING.fullmatch(text):
        field = _path(found["within"], found["name"])
        return Wrong(field, f"required: {EXPECTED[field]}")
    if (found := _PLACE.search(text)) and found["path"] in EXPECTED:
        return Wrong(found["path"], f"expected {EXPECTED[found['path']]}")
    return Wrong("body", 'expected a JSON object such as {"category": "speeding", "longitude": 21.0, "latitude": 52.2}')


def _path(within: str | None, name: str) -> str:
    return f"{within}.{name}" if within else name
