"""What the holder of a receipt may know: the report by the best account of it, its timeline and its clocks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts.events.clocks import Clock, ClockState
from contracts.statuses import Status

from public_map.domain.reports import Report, ResponsibleUnit, Submission
from public_map.domain.timeline import TimelineEntry, status_changes

# A review only reminds officers.
_FOR_CITIZENS = frozenset({Clock.TAKE_UP, Clock.VERIFICATION, Clock.ACKNOWLEDGEMENT})


@dataclass(frozen=True, slots=True)
class Receipt:
    """A report somebody holds the receipt of, at an instant of the database's clock.

    `case_entries` are those of its case in the order of versions, `clocks` in the order they were started.
    """

    report: Report
    submission: Submission
    case_entries: Sequence[TimelineEntry]
    clocks: Sequence[ClockState]
    at: datetime

    @property
    def category(self) -> str:
        return (self.report.case or self.submission).category

    @property
    def submitted_at(self) -> datetime:
        return (self.report.case or self.submission).submitted_at

    @property
    def status(self) -> Status:
        return self.report.case.status if self.report.case else Status.NEW

    @property
    def responsible(self) -> ResponsibleUnit | None:
        """Who answers: as the case says, before that as routing says, before that nobody is known."""
        known = self.report.case or self.report.routed
        return known.responsible if known else None

    @property
    def timeline(self) -> list[TimelineEntry]:
        """When the status changed, from the submission on."""
        return status_changes([TimelineEntry(Status.NEW, self.submission.submitted_at), *self.case_entries])

    @property
    def deadlines(self) -> list[ClockState]:
        """The clocks that concern the one who reported."""
        return [state for state in self.clocks if state.clock in _FOR_CITIZENS]

    def overdue(self, state: ClockState) -> bool:
        """Whether a clock runs past its due time."""
        return state.stopped_at is None and state.due_at <= self.at
