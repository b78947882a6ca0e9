"""Intake's rules: who a report is, whether it can be taken, what is said about it, and how much one sender may send.

Pure functions: time, secrets and randomness come in as arguments.
"""

import base64
import hashlib
import hmac
import math
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from uuid import UUID

from contracts.events.reports import ReportContent, ReportSubmitted
from contracts.policy.categories import Catalogue, Category
from contracts.policy.terms import Promise
from contracts.statuses import LABELS, Language, Status

from intake.forms import EMAIL, EXPECTED, Links, Receipt, ReportForm, Wrong

OLDEST, AHEAD = timedelta(days=30), timedelta(minutes=5)
PLACE_METRES = 50
CLAIMED_SECONDS = 600
"""How long a key stays with a report that the log did not confirm: time enough to repeat it."""
WRITTEN_SECONDS = 86400
"""How long a repeat of a written report is answered without writing it again."""
KEY = re.compile(rb"[\x21-\x7e]{16,255}")
"""What an Idempotency-Key may be: 16 to 255 visible ASCII characters."""
NOTE: dict[Language, str] = {
    "pl": "To nie jest kanał alarmowy. W nagłym zagrożeniu dzwoń pod 112.",
    "en": "This is not an emergency channel. In an emergency call 112.",
}
# Marks that turn the direction of text, and the second block of control characters: they only hide what is written.
_INVISIBLE = re.compile("[\u0080-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class Identities:
    """Everything that is derived and never stored. The same input gives the same identity, for ever."""

    def __init__(self, secret: bytes, receipt_secret: bytes) -> None:
        self._secret, self._receipt_secret = secret, receipt_secret
        self._key_of = lru_cache(maxsize=4)(lambda day: self._mac(b"day", day.isoformat().encode()))

    def report_id(self, key: bytes, body: bytes) -> UUID:
        """The id of the report that this body under this Idempotency-Key makes."""
        return UUID(bytes=self._mac(b"report", key, hashlib.sha256(body).digest())[:16], version=4)

    def receipt(self, report_id: UUID) -> str:
        """128 bits that only the one who reports has, as 22 characters of url-safe base64."""
        digest = hmac.digest(self._receipt_secret, b"receipt\0" + report_id.bytes, "sha256")
        return base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()

    def owns(self, receipt: str, report_id: UUID) -> bool:
        return hmac.compare_digest(receipt.encode(), self.receipt(report_id).encode())

    def supporter(self, sender: str, report_id: UUID) -> str:
        """Tells repeats by one sender on one report apart. Across reports nothing connects the same sender."""
        return self._mac(b"supporter", sender.encode(), str(report_id).encode()).hex()

    def counter(self, sender: str, at: datetime, *what: str) -> str:
        """The name of what a sender's doings are counted under, for one day; no address can be read from it."""
        return hmac.digest(self._key_of(at.date()), "\0".join((sender, *what)).encode(), "sha256")[:16].hex()

    def claim(self, key: bytes, body: bytes, at: datetime) -> "Claim":
        return Claim(self._mac(b"key", key)[:16].hex(), hashlib.sha256(body).hexdigest(), at)

    def _mac(self, *parts: bytes) -> bytes:
        # All but the last are free of NUL, so no two lists of parts make the same message.
        return hmac.digest(self._secret, b"\0".join(parts), "sha256")


@dataclass(frozen=True, slots=True)
class Claim:
    """An Idempotency-Key in use: its name, the hash of the body it came with, and when it came first."""

    name: str
    body: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Allowance:
    """So many within so many seconds, counted under a name. `what` is what a sender is told they have used up."""

    counter: str
    most: int
    seconds: int
    what: str


@dataclass(frozen=True, slots=True)
class Admitted:
    """Go on. `at` is when this report was first sent; `written`: it is on the log already."""

    at: datetime
    written: bool = False


@dataclass(frozen=True, slots=True)
class OtherBody:
    """The Idempotency-Key belongs to another report."""


@dataclass(frozen=True, slots=True)
class Exhausted:
    """The allowance is used up for so many seconds more."""

    what: str
    seconds: int


Verdict = Admitted | OtherBody | Exhausted


def report_allowances(
    identities: Identities, sender: str, form: ReportForm, at: datetime, *, per_place: int, per_hour: int, per_day: int
) -> list[Allowance]:
    """How many reports one sender may send: of one category in one place a day, in an hour, and in a day."""

    def counter(*what: str) -> str:
        return identities.counter(sender, at, *what)

    here = counter("place", form.category, place(form.longitude, form.latitude))
    return [
        Allowance(here, per_place, day(at), "from your address this was reported here today"),
        Allowance(counter("hour"), per_hour, hour(at), "too many reports from your address this hour"),
        Allowance(counter("day"), per_day, day(at), "too many reports from your address today"),
    ]


def follow_up_allowance(identities: Identities, sender: str, at: datetime, per_hour: int) -> Allowance:
    """How many follow-ups one sender may send in an hour."""
    told = "too many messages about reports from your address this hour"
    return Allowance(identities.counter(sender, at, "follow-up"), per_hour, hour(at), told)


def hour(at: datetime) -> int:
    """Seconds an allowance per hour lasts: no longer than the name of its counter does."""
    return min(3600, day(at))


def day(at: datetime) -> int:
    """Seconds until the names of counters change (midnight in UTC)."""
    return 86400 - (at.hour * 3600 + at.minute * 60 + at.second)


def place(longitude: float, latitude: float) -> str:
    """The cell of about 50 by 50 m a position lies in."""
    degree = 111_320 / PLACE_METRES
    row = math.floor(latitude * degree)
    return f"{row}/{math.floor(longitude * degree * math.cos(math.radians(row / degree)))}"


def described(form: ReportForm) -> str | None:
    """The citizen's words without what can't be seen; None where nothing is left."""
    return _INVISIBLE.sub("", form.description or "").strip() or None


def wrongs(form: ReportForm, catalogue: Catalogue, at: datetime) -> list[Wrong]:
    """Everything about a well-formed report that keeps it from being taken."""
    found = []
    category = catalogue.by_code.get(form.category)
    if category is None:
        found.append(Wrong("category", f"no category in force; expected {EXPECTED['category']}"))
    elif category.description and described(form) is None:
        found.append(
            Wrong("description", "required for this category: say what happens there, in up to 500 characters")
        )
    if form.occurred_at is not None and not at - OLDEST <= form.occurred_at <= at + AHEAD:
        found.append(Wrong("occurred_at", f"expected {EXPECTED['occurred_at']}"))
    # A pattern's end also matches before a last line break, which has no business in an address.
    if form.contact is not None and not re.fullmatch(EMAIL.rstrip("$"), form.contact.email):
        found.append(Wrong("contact.email", f"expected {EXPECTED['contact.email']}"))
    return found


def submitted(form: ReportForm, report_id: UUID, receipt: str, at: datetime) -> ReportSubmitted:
    """The fact that a report exists, without words and without contact."""
    return ReportSubmitted(
        report_id=report_id,
        category=form.category,
        longitude=form.longitude,
        latitude=form.latitude,
        submitted_at=at,
        occurred_at=form.occurred_at,
        weekdays=tuple(sorted(set(form.weekdays))),
        time_of_day=form.time_of_day,
        language=form.language,
        receipt_sha256=hashlib.sha256(receipt.encode()).hexdigest(),
        has_content=described(form) is not None,
        has_contact=form.contact is not None,
    )


def content(form: ReportForm, report_id: UUID) -> ReportContent | None:
    """The citizen's words for their own topic; None where there are none."""
    words = described(form)
    return None if words is None else ReportContent(report_id=report_id, description=words)


def answer(event: ReportSubmitted, category: Category, receipt: str, promise: Promise, map_url: str) -> Receipt:
    """What the one who reports is told."""
    return Receipt(
        report_id=event.report_id,
        receipt=receipt,
        status=Status.NEW,
        status_label=LABELS[Status.NEW][event.language],
        category=event.category,
        category_name=category.name(event.language),
        submitted_at=event.submitted_at,
        take_up_by=promise.take_up_by,
        verify_by=promise.verify_by,
        links=Links(
            status=f"{map_url.rstrip('/')}/v1/receipts/{receipt}",
            support=f"/v1/reports/{event.report_id}/support",
            contest=f"/v1/receipts/{receipt}/contest",
            erasure=f"/v1/receipts/{receipt}/erasure",
        ),
        note=NOTE[event.language],
    )
