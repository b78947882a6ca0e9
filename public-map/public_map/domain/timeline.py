"""The statuses of a report in time, as the holder of its receipt sees them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.events.cases import Answer, CaseChange, CaseDecided
from contracts.statuses import Status


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """The status a report had from `at` on, and the answer that came with it."""

    status: Status
    at: datetime
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class CaseVersion:
    """One version of a case and what it adds to the timeline; (report, version) is its key."""

    report_id: UUID
    version: int
    entry: TimelineEntry


def case_version(change: CaseChange) -> CaseVersion:
    """What a change of a case adds to the timeline of its report."""
    answer = change.answer if isinstance(change, CaseDecided) else None
    return CaseVersion(change.report_id, change.version, TimelineEntry(change.status, change.changed_at, answer))


def status_changes(entries: Sequence[TimelineEntry]) -> list[TimelineEntry]:
    """Those of the entries, in the order of versions, at which the status changed."""
    return [
        entry for number, entry in enumerate(entries) if number == 0 or entry.status is not entries[number - 1].status
    ]
