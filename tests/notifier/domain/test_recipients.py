"""How long what can wait waits: digests and quiet hours."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from notifier.domain.recipients import Delay, Entry, QuietHours


def at(text: str) -> datetime:
    """A wall-clock time in Warsaw."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Warsaw"))


@pytest.mark.parametrize(
    ("since", "until", "decided", "leaves"),
    [
        ("22:00:00", "06:00:00", "2026-11-23T21:54:00", "2026-11-23T21:59:00"),
        ("22:00:00", "06:00:00", "2026-11-23T21:55:00", "2026-11-24T06:00:00"),
        ("22:00:00", "06:00:00", "2026-11-24T03:00:00", "2026-11-24T06:00:00"),
        ("22:00:00", "06:00:00", "2026-11-24T05:58:00", "2026-11-24T06:03:00"),
        ("12:00:00", "13:00:00", "2026-11-24T12:10:00", "2026-11-24T13:00:00"),
        ("12:00:00", "13:00:00", "2026-11-24T12:56:00", "2026-11-24T13:01:00"),
        ("22:00:00", "06:00:00", "2026-10-24T23:00:00", "2026-10-25T06:00:00"),  # the clocks go back that night
    ],
)
def test_what_can_wait_waits_for_the_end_of_quiet_hours(since: str, until: str, decided: str, leaves: str) -> None:
    quiet = QuietHours(since=time.fromisoformat(since), until=time.fromisoformat(until))
    entry = Entry(digest=Delay(minutes=5), quiet=quiet)
    assert entry.due_at(at(decided), digest=True) == at(leaves)
    assert entry.due_at(at(decided), digest=False) == at(decided)


def test_a_digest_without_quiet_hours_leaves_when_it_is_collected() -> None:
    entry = Entry(digest=Delay(minutes=1, seconds=30))
    assert entry.due_at(at("2026-11-24T03:00:00"), digest=True) - at("2026-11-24T03:00:00") == timedelta(seconds=90)
