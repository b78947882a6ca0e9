"""Visibility on the public map: which state of a case everyone may see, and for how long."""

import calendar
from dataclasses import dataclass
from datetime import date, datetime
from typing import assert_never
from zoneinfo import ZoneInfo

from contracts.policy.categories import category
from contracts.policy.terms import WARSAW, Length, due_at
from contracts.statuses import OPEN, Status

UNCONFIRMED_FOR = Length(days=7)
"""How long an unconfirmed report stays on the map; an eliminated one stays a calendar month."""

_ONCE_CONFIRMED = frozenset({Status.CONFIRMED, Status.REFERRED, Status.ELIMINATED})


@dataclass(frozen=True, slots=True)
class Window:
    """The report is on the map, to the end at `until` (None: as long as its case stays as it is)."""

    until: datetime | None

    def open_at(self, at: datetime) -> bool:
        """Whether it is on the map at an instant."""
        return self.until is None or at < self.until


def window(category_code: str, status: Status, changed_at: datetime) -> Window | None:
    """For how long a case in a status since `changed_at` is public; None when it never is.

    A case that ended in another one is never public, whatever its status: that is for the caller to know.
    """
    if not is_public(category_code, status):
        return None
    match status:
        case Status.NEW | Status.VERIFICATION | Status.CONFIRMED | Status.REFERRED:
            return Window(None)
        case Status.UNCONFIRMED:
            return Window(due_at(changed_at, UNCONFIRMED_FOR, "calendar"))
        case Status.ELIMINATED:
            return Window(month_after(changed_at))
        case Status.REJECTED:
            return None
        case _:
            assert_never(status)


def is_public(category_code: str, status: Status) -> bool:
    """Whether the public ever sees a case of a category in a status. A code no catalogue knows is never seen."""
    known = category(category_code)
    if known is None or status is Status.REJECTED:
        return False
    match known.public:
        case "always":
            return True
        case "confirmed":
            return status in _ONCE_CONFIRMED
        case "never":
            return False
        case _:
            assert_never(known.public)


def counts_support(category_code: str, status: Status) -> bool:
    """Whether a "me too" counts: somebody else can see the report on the map, and its case is still worked on."""
    return status in OPEN and is_public(category_code, status)


def month_after(start: datetime) -> datetime:
    """The same wall-clock time in Warsaw a calendar month later; where the month is shorter, on its last day."""
    local = start.astimezone(WARSAW)
    year, month = (local.year, local.month + 1) if local.month < 12 else (local.year + 1, 1)
    day = min(local.day, calendar.monthrange(year, month)[1])
    later = datetime.combine(date(year, month, day), local.time(), tzinfo=WARSAW)
    return later.astimezone(ZoneInfo("UTC")).astimezone(start.tzinfo)
