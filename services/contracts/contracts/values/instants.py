"""Which instants there are for us: those that every zone, PostgreSQL and ordinary arithmetic carry.

Everything that is said to have happened lies before `LATEST`; what is reckoned from it, such as a deadline, still lies
before `LATEST_DUE`, so that no sum of an admitted instant and a term is one that isn't.
"""

from datetime import UTC, datetime, timedelta

import msgspec

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)
LAST = LATEST - timedelta(seconds=1)
LATEST_DUE = datetime(2200, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=1)
"""How far the clock of whoever says that something has happened may be fast: beyond that it has not happened."""
_OFFSET = timedelta(hours=16)
"""Beyond it PostgreSQL reads no zone; none is further than 14 hours from UTC."""
_EXPECTED = "a time with zone from 2000 to 2099, such as 2026-05-04T18:30:00+02:00"


def is_instant(at: datetime, latest: datetime = LATEST) -> bool:
    """Whether a time has a zone that there can be, and lies in the range, `latest` not included."""
    if at.tzinfo is not UTC:  # what is decoded is nearly always in it, and to ask takes longer than the rest
        offset = at.utcoffset()
        if offset is None or abs(offset) >= _OFFSET:
            return False
    return EARLIEST <= at < latest


def parse_instant(text: str) -> datetime:
    """The instant an RFC 3339 text says. Raises ValueError that says what is expected."""
    try:
        at = msgspec.convert(text, datetime)
    except msgspec.ValidationError:
        raise ValueError(f"expected {_EXPECTED}") from None
    if not is_instant(at):
        raise ValueError(f"expected {_EXPECTED}")
    return at


def nearest_instant(at: datetime) -> datetime:
    """An instant as it is, or the end of the range beyond which it lies."""
    return min(max(at, EARLIEST), LAST)
