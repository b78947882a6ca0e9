"""Open311 GeoReport v2 in our terms: which requests a query means, how a report stands in its words, what a form says.

Names are those of the specification; `detailed_status` and the like are our extensions of it.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from contracts.events.public import PublicReport
from contracts.policy.categories import Category
from contracts.policy.terms import Policy
from contracts.statuses import OPEN, Language, Status

from public_map.domain.precision import to_the_hour

SPAN = timedelta(days=90)
"""How long the time may be that is asked for, and how far back goes who names none."""
MOST = 1000
"""Requests in one answer."""
IGNORED = frozenset(
    {"jurisdiction_id", "api_key", "address_string", "address_id", "account_id", "device_id", "first_name", "last_name"}
    | {"phone", "zipcode"}
)
"""Fields of a form that clients know and we have no use for. Names and numbers of people are not even read."""
ATTRIBUTES = ("occurred_at", "weekdays", "time_of_day")
"""What every service takes beside the fields of the specification."""
OUR_NAMES = {
    "category": "service_code",
    "longitude": "long",
    "latitude": "lat",
    "contact": "email",
    "contact.email": "email",
    **{name: f"attribute[{name}]" for name in ATTRIBUTES},
}
"""How a field of a report is called in a form."""


_SINGLE = ("occurred_at", "time_of_day")
_DAYS = frozenset("1234567")
_TAKEN = frozenset({"service_code", "lat", "long", "description", "email", "media_url"}) | {
    f"attribute[{name}]" for name in _SINGLE
}


class Answering(StrEnum):
    """What the answer to a new request holds: its id, a token for it, or neither."""

    REALTIME = "realtime"
    BATCH = "batch"
    BLACKBOX = "blackbox"


@dataclass(frozen=True, slots=True)
class WrongField:
    """A field of a form and what to do about it; what was sent is not repeated."""

    field: str
    detail: str


class WrongForm(Exception):
    """A form that is no report; `fields` says why."""

    def __init__(self, *fields: WrongField) -> None:
        super().__init__("; ".join(f"{wrong.field}: {wrong.detail}" for wrong in fields))
        self.fields = fields


def answering(category: Category) -> Answering:
    """Who sent what nobody ever sees gets no id, which would lead nowhere; what is seen later, a token."""
    kinds = {"always": Answering.REALTIME, "confirmed": Answering.BATCH, "never": Answering.BLACKBOX}
    return kinds[category.public]


def window(start: datetime | None, end: datetime | None, at: datetime) -> tuple[datetime, datetime]:
    """From when to when requests are wanted: 90 days beside the one that is named, or up to now.

    Raises ValueError for an end before its start and for more than 90 days.
    """
    if start is None and end is None:
        return at - SPAN, at
    first = start if start is not None else (end or at) - SPAN
    last = end if end is not None else first + SPAN
    if last < first:
        raise ValueError("end_date: it must not lie before start_date")
    if last - first > SPAN:
        raise ValueError("end_date: at most 90 days after start_date; ask for the rest by itself")
    return first, last


def state(status: Status) -> str:
    """`open` or `closed`, the two states there are in the specification."""
    return "open" if status in OPEN else "closed"


def statuses_of(states: Iterable[str]) -> tuple[Status, ...]:
    """Our statuses that are meant by its states; all where none is named. Raises ValueError for any other."""
    wanted = set(states)
    if unknown := wanted - {"open", "closed"}:
        raise ValueError(f"status: {sorted(unknown)[0][:64]!r} is neither open nor closed")
    return tuple(status for status in Status if state(status) in wanted)


def expected_at(policy: Policy, report: PublicReport) -> datetime | None:
    """The latest a decision is due, to the hour: reckoned from what everyone sees, so that it tells nothing more.

    None for a report from before there were terms, and for one that nobody here works on.
    """
    if report.imported:
        return None
    try:
        return to_the_hour(policy.promise(report.category, report.submitted_at).verify_by)
    except LookupError:
        return None


def report_of(fields: Mapping[str, list[str]], language: Language) -> dict[str, Any]:
    """The report a form makes, as intake takes it; what is empty counts as not there.

    Raises WrongForm for what is missing, unknown, or can't be told to intake; intake itself judges the rest.
    """
    given = {name: kept for name, values in fields.items() if (kept := [value for value in values if value.strip()])}
    days = given.pop("attribute[weekdays]", []) + given.pop("attribute[weekdays][]", [])
    wrong = [WrongField(name, "give it once") for name, values in given.items() if len(values) > 1]
    wrong += [WrongField(name[:64], "unknown") for name in given if name not in _TAKEN | IGNORED]
    wrong += [WrongField(name, "is needed") for name in ("service_code", "lat", "long") if name not in given]
    if "media_url" in given:
        wrong.append(WrongField("media_url", "pictures are not fetched from elsewhere; leave it out"))
    numbers = {name: _number(given[name][0]) for name in ("lat", "long") if name in given}
    wrong += [WrongField(name, "a number of degrees in WGS 84") for name, number in numbers.items() if number is None]
    weekdays = [day.strip() for value in days for day in value.split(",")]
    if not all(day in _DAYS for day in weekdays):
        wrong.append(WrongField("attribute[weekdays]", "whole numbers, 1 for Monday to 7 for Sunday"))
    if wrong:
        raise WrongForm(*wrong)
    report: dict[str, Any] = {
        "category": given["service_code"][0],
        "longitude": numbers["long"],
        "latitude": numbers["lat"],
        "language": language,
    }
    for name, field in (("description", "description"), *((name, f"attribute[{name}]") for name in _SINGLE)):
        if field in given:
            report[name] = given[field][0]
    if "email" in given:
        report["contact"] = {"email": given["email"][0]}
    return report | ({"weekdays": [int(day) for day in weekdays]} if weekdays else {})


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
