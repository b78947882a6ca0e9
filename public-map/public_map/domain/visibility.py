"""For how long the state after a change of a case is on the public map."""

import calendar
from dataclasses import dataclass
from datetime import date, datetime
from typing import assert_never
from zoneinfo import ZoneInfo

from contracts.cases import CaseChange, CasesMerged
from contracts.categories import Category, category
from contracts.statuses import Status
from contracts.terms import WARSAW, Length, due_at

UNCONFIRMED_FOR = Length(days=7)
_ONCE_CONFIRMED = frozenset({Status.CONFIRMED, Status.REFERRED, Status.ELIMINATED})


@dataclass(frozen=True, slots=True)
class Window:
    """The report is on the map, to the end at `until` (None: as long as it stays as it is)."""

    until: datetime | None

    def open_at(self, at: datetime) -> bool:
        """Whether it is on the map at an instant."""
        return self.until is None or at < self.until


def window(change: CaseChange) -> Window | None:
    """For how long the state after a change is public; None when it never is."""
    if isinstance(change, CasesMerged) or not is_public(category(change.category), change.status):
        return None
    match change.status:
        case Status.NEW | Status.VERIFICATION | Status.CONFIRMED | Status.REFERRED:
            return Window(None)
        case Status.UNCONFIRMED:
            return Window(due_at(change.changed_at, UNCONFIRMED_FOR, "calendar"))
        case Status.ELIMINATED:
            return Window(month_after(change.changed_at))
        case Status.REJECTED:
            return None
        case _:
            assert_never(change.status)


def is_public(of: Category | None, status: Status) -> bool:
    """Whether the public sees a category in a status at all. What this catalogue does not know is not shown."""
    if of is None:
        return False
    match of.public:
        case "always":
            return True
        case "confirmed":
            return status in _ONCE_CONFIRMED
        case "never":
            return False
        case _:
            assert_never(of.public)


def month_after(start: datetime) -> datetime:
    """The same wall-clock time in Warsaw a calendar month later; where the month is shorter, on its last day."""
    local = start.astimezone(WARSAW)
    year, month = (local.year, local.month + 1) if local.month < 12 else (local.year + 1, 1)
    day = min(local.day, calendar.monthrange(year, month)[1])
    later = datetime.combine(date(year, month, day), local.time(), tzinfo=WARSAW)
    return later.astimezone(ZoneInfo("UTC")).astimezone(start.tzinfo)
