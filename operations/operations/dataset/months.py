"""Months as datasets are named by them: in UTC, like the months of `/v1/statistics/months`."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

SETTLING = timedelta(days=1)
"""What was changed in a month's last minutes is on the log by then, but for an outage longer than a day."""


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month of a year."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"

    @property
    def begins(self) -> datetime:
        """Its first instant."""
        return datetime(self.year, self.number, 1, tzinfo=UTC)

    @property
    def ends(self) -> datetime:
        """The first instant after it."""
        year, number = divmod(self.year * 12 + self.number, 12)
        return datetime(year, number + 1, 1, tzinfo=UTC)

    @property
    def settled(self) -> datetime:
        """From when on its dataset may be made."""
        return self.ends + SETTLING

    def holds(self, instant: datetime) -> bool:
        """Whether an instant lies in it."""
        return self.begins <= instant < self.ends


def month_named(text: str) -> Month:
    """2026-10 as a month. Raises ValueError saying what to write."""
    match = re.fullmatch(r"(20[0-9]{2})-(0[1-9]|1[0-2])", text)
    if not match:
        raise ValueError(f"MONTH: {text!r} is no month: write year and month, like 2026-10")
    return Month(int(match[1]), int(match[2]))
