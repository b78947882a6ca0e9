"""What stands in the timeline of a receipt."""

from datetime import UTC, datetime, timedelta

from contracts.statuses import Status
from public_map.domain.timeline import TimelineEntry, status_changes

BEGAN = datetime(2026, 11, 2, 9, 47, 13, tzinfo=UTC)


def test_only_changes_of_status_stand_in_the_timeline() -> None:
    statuses = [
        Status.NEW,
        Status.NEW,
        Status.VERIFICATION,
        Status.VERIFICATION,
        Status.UNCONFIRMED,
        Status.VERIFICATION,
    ]
    entries = [TimelineEntry(status, BEGAN + timedelta(seconds=number)) for number, status in enumerate(statuses)]
    assert [entries.index(entry) for entry in status_changes(entries)] == [0, 2, 4, 5]
