"""Why a body is no report that can be taken: each field that is wrong, and what to do about it."""

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from contracts.addresses import email_address
from contracts.base import TEXT_MAX
from contracts.events.reports import TimeOfDay
from contracts.policy.categories import Catalogue
from contracts.values.texts import one_form_within

from intake.domain.forms import EAST, NORTH, SOUTH, WEST, ContactForm, ReportForm
from intake.domain.photos import MOST, BadToken, PhotoTokens

OLDEST, AHEAD = timedelta(days=30), timedelta(minutes=5)
"""How long ago something may have happened, and how far a clock of the sender's may be fast."""
EXPECTED = {
    "category": "a code from GET /v1/categories, such as speeding",
    "longitude": f"a number of degrees east in WGS 84, from {WEST} to {EAST}",
    "latitude": f"a number of degrees north in WGS 84, from {SOUTH} to {NORTH}",
    "occurred_at": "a time with zone such as 2026-05-04T18:30:00+02:00, at most 30 days ago and 5 minutes ahead",
    "weekdays": "a list of at most 7 whole numbers, 1 for Monday to 7 for Sunday",
    "time_of_day": f"one of {', '.join(TimeOfDay)}",
    "description": "text of at most 500 characters, without control characters",
    "contact": 'an object such as {"email": "name@example.org"}',
    "contact.email": "one plain e-mail address such as name@example.org, without a display name",
    "photos": f"a list of at most {MOST} tokens, as POST /v1/photos answered them",
    "continues": "the report_id of a closed report",
    "language": "pl, en, uk, de or cs",
}
"""What each field has to be, in words that follow "expected" or "required:"."""
_FORM = msgspec.json.Decoder(ReportForm)
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<name>.*?)`(?: - at `\$\.(?P<within>contact)`)?", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(?P<name>\w+)`(?: - at `\$\.(?P<within>contact)`)?")
_PATH = re.compile(r"(?P<path>[a-z_.]+)(?:\[[^\]]*\])*`")
_AT = " - at `$."


@dataclass(frozen=True, slots=True)
class FieldError:
    """A field and what to do about it; what was sent is never repeated, since it may be a person's words."""

    field: str
    detail: str


class NotJson(Exception):
    """The body is no JSON; the text says why."""


class InvalidForm(Exception):
    """JSON, but no report that can be taken."""

    def __init__(self, *errors: FieldError) -> None:
        super().__init__("; ".join(f"{error.field}: {error.detail}" for error in errors))
        self.errors = errors


def decode_form(body: bytes) -> ReportForm:
    """The form in a body. Raises NotJson for what is no JSON, InvalidForm for what is no such form."""
    try:
        form = _FORM.decode(body)
        json.loads(body, object_pairs_hook=_once)
        return form
    except msgspec.ValidationError as error:
        raise InvalidForm(_field_error(str(error))) from None
    except UnicodeDecodeError:
        raise NotJson("it is not UTF-8") from None
    except RecursionError:
        raise NotJson("it is nested too deeply") from None
    except msgspec.DecodeError as error:
        raise NotJson(str(error)) from None


def checked_form(form: ReportForm, catalogue: Catalogue, at: datetime) -> ReportForm:
    """A well-formed report that can be taken at an instant, its text and its address in their one form.

    Raises InvalidForm that names everything that is wrong.
    """
    errors, description, contact = [], None, form.contact
    try:
        description = one_form_within(form.description or "", TEXT_MAX) or None
    except ValueError as wrong:
        errors.append(FieldError("description", f"{wrong}; expected {EXPECTED['description']}"))
    category = catalogue.by_code.get(form.category)
    if category is None:
        errors.append(FieldError("category", f"no category in force; expected {EXPECTED['category']}"))
    elif category.description and description is None and not errors:
        errors.append(
            FieldError("description", "required for this category: say what happens there, in up to 500 characters")
        )
    if form.occurred_at is not None and not at - OLDEST <= form.occurred_at <= at + AHEAD:
        errors.append(FieldError("occurred_at", f"expected {EXPECTED['occurred_at']}"))
    try:
        contact = contact and ContactForm(email=email_address(contact.email))
    except ValueError:
        errors.append(FieldError("contact.email", f"expected {EXPECTED['contact.email']}"))
    if errors:
        raise InvalidForm(*errors)
    return msgspec.structs.replace(form, description=description, contact=contact)


def photo_names(form: ReportForm, tokens: PhotoTokens, at: datetime) -> tuple[str, ...]:
    """What the photos of a report are called in the store, each once. Raises InvalidForm for a token that is none."""
    try:
        return tuple(dict.fromkeys(tokens.named(token, at) for token in form.photos))
    except BadToken as wrong:
        raise InvalidForm(FieldError("photos", str(wrong))) from None


def _once(members: list[tuple[str, object]]) -> None:
    """Raises InvalidForm for a field that stands there twice: which of the two is meant, nobody knows."""
    names = [name for name, _ in members]
    within = "contact" if names and set(names) <= set(ContactForm.__struct_fields__) else None
    if doubled := [_path(within, name) for name in dict.fromkeys(names) if names.count(name) > 1]:
        raise InvalidForm(*(FieldError(field, "stands there more than once; send it once") for field in doubled))


def _field_error(text: str) -> FieldError:
    """msgspec names the field inside its message and may quote the value: keep the one, replace the other."""
    if found := _UNKNOWN.fullmatch(text):
        known = ContactForm.__struct_fields__ if found["within"] else ReportForm.__struct_fields__
        name = "".join(character for character in found["name"] if character.isprintable())[:64]
        return FieldError(_path(found["within"], name), f"no such field; leave it out (there are {', '.join(known)})")
    if found := _MISSING.fullmatch(text):
        field = _path(found["within"], found["name"])
        return FieldError(field, f"required: {EXPECTED[field]}")
    # The last one, since a value may hold such words, thousands of times.
    if _AT in text and (found := _PATH.fullmatch(text.rpartition(_AT)[2])) and found["path"] in EXPECTED:
        return FieldError(found["path"], f"expected {EXPECTED[found['path']]}")
    example = '{"category": "speeding", "longitude": 21.0, "latitude": 52.2}'
    return FieldError("body", f"expected a JSON object such as {example}")


def _path(within: str | None, name: str) -> str:
    return f"{within}.{name}" if within else name
