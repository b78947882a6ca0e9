"""How much one sender may send, and whether something that was sent is admitted."""

import math
from dataclasses import dataclass, field
from datetime import datetime

from intake.domain.forms import ReportForm
from intake.domain.identity import Identities

GRID_METRES = 50
KEY_PENDING_SECONDS = 600
"""How long a key stays with a report that the log did not acknowledge: time enough to repeat it."""
KEY_ACKNOWLEDGED_SECONDS = 86400
"""How long a repeat of a report on the log is answered without writing it again."""
DISTRUSTED_SECONDS = 60
"""How long a memory that was away, or is new, is not taken at its word: each reader of the log is there by then."""


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most `maximum` uses within `seconds`, counted under the name `counter`; `message` is told who is over it."""

    counter: str
    maximum: int
    seconds: int
    message: str


@dataclass(frozen=True, slots=True)
class Admitted:
    """Go on. `submitted_at` is when this was first sent; `acknowledged`: the log has it already.

    `certain`: a key that is new was never used. Otherwise memory may have forgotten, and the log decides.
    """

    submitted_at: datetime
    acknowledged: bool = False
    certain: bool = field(default=True, compare=False)  # of the memory that says it


@dataclass(frozen=True, slots=True)
class KeyConflict:
    """The Idempotency-Key belongs to another report."""


@dataclass(frozen=True, slots=True)
class LimitExceeded:
    """A limit is used up for so many seconds more; `message` says which."""

    message: str
    retry_after_seconds: int


Admission = Admitted | KeyConflict | LimitExceeded


def report_limits(
    identities: Identities, sender: str, form: ReportForm, at: datetime, *, per_place: int, per_hour: int, per_day: int
) -> list[RateLimit]:
    """How many reports one sender may send: of one category in one grid cell a day, in an hour, and in a day."""

    def counter(*subject: str) -> str:
        return identities.counter(sender, at, *subject)

    here = counter("grid-cell", form.category, grid_cell(form.longitude, form.latitude))
    hour, day = seconds_of_hour(at), seconds_of_day(at)
    return [
        RateLimit(here, per_place, day, "from your address this was reported here today"),
        RateLimit(counter("hour"), per_hour, hour, "too many reports from your address this hour"),
        RateLimit(counter("day"), per_day, day, "too many reports from your address today"),
    ]


def follow_up_limit(identities: Identities, sender: str, at: datetime, per_hour: int) -> RateLimit:
    """How many follow-ups one sender may send in an hour."""
    message = "too many messages about reports from your address this hour"
    return RateLimit(identities.counter(sender, at, "follow-up"), per_hour, seconds_of_hour(at), message)


def photo_limit(identities: Identities, sender: str, at: datetime, per_hour: int) -> RateLimit:
    """How many photos one sender may send in an hour."""
    message = "too many photos from your address this hour"
    return RateLimit(identities.counter(sender, at, "photo"), per_hour, seconds_of_hour(at), message)


def refusal_limit(identities: Identities, sender: str, at: datetime, per_hour: int) -> RateLimit:
    """How often one sender may be refused in an hour before nothing of theirs is read any more."""
    message = "too much from your address this hour that could not be taken"
    return RateLimit(identities.counter(sender, at, "refusal"), per_hour, seconds_of_hour(at), message)


def seconds_of_hour(at: datetime) -> int:
    """Seconds a limit per hour lasts: no longer than the name of its counter does."""
    return min(3600, seconds_of_day(at))


def seconds_of_day(at: datetime) -> int:
    """Seconds a limit per day lasts, until the names of counters change (midnight in UTC)."""
    return 86400 - (at.hour * 3600 + at.minute * 60 + at.second)


def grid_cell(longitude: float, latitude: float) -> str:
    """The cell of about 50 by 50 m that a position (WGS 84 degrees) lies in; 111,320 m are a degree of latitude."""
    degree = 111_320 / GRID_METRES
    row = math.floor(latitude * degree)
    return f"{row}/{math.floor(longitude * degree * math.cos(math.radians(row / degree)))}"
