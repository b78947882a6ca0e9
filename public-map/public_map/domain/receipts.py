"""What the holder of a receipt may know: the report by the best account of it, its timeline and its clocks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts.events.cases import DecisionUpheld, QuestionAsked
from contracts.events.clocks import Clock, ClockState
from contracts.events.reports import ErasureRequested, QuestionAnswered, ReportContested, ReportWithdrawn
from contracts.statuses import CLOSED, OPEN, Status

from public_map.domain.conversation import Letter, Said
from public_map.domain.reports import Report, ResponsibleUnit, Submission
from public_map.domain.timeline import TimelineEntry, status_changes

# A review only reminds officers.
_FOR_CITIZENS = frozenset({Clock.TAKE_UP, Clock.VERIFICATION, Clock.ACKNOWLEDGEMENT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What the one who reported was asked, and when they answered. `text` is None once it was erased."""

    number: int
    asked_at: datetime
    text: str | None
    answered_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Upheld:
    """That a contested decision stands, and what the coordinator wrote of it: None until it is read, or once erased."""

    at: datetime
    text: str | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """A report somebody holds the receipt of, at an instant of the database's clock.

    `case_entries` are those of its case in the order of versions, `clocks` in the order they were started, `letters`
    what officers wrote to its holder in the order of versions, `said` what the holder said.
    """

    report: Report
    submission: Submission
    case_entries: Sequence[TimelineEntry]
    clocks: Sequence[ClockState]
    at: datetime
    letters: Sequence[Letter] = ()
    said: Sequence[Said] = ()

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

    @property
    def withdrawn_at(self) -> datetime | None:
        """When its holder took the report back."""
        return self._first(ReportWithdrawn)

    @property
    def erased_at(self) -> datetime | None:
        """When its holder asked that their words be erased: nothing they would write is kept any more."""
        return self._first(ErasureRequested)

    @property
    def questions(self) -> list[Question]:
        """What its holder was asked, in order. A question whose words are still to come is not asked yet."""
        answers = {said.question: said.first_at for said in self.said if said.what == QuestionAnswered.__name__}
        return [
            Question(
                number=letter.question,
                asked_at=letter.written_at,
                text=letter.words,
                answered_at=answers.get(letter.question),
            )
            for letter in self.letters
            if letter.what == QuestionAsked.__name__ and letter.question and letter.written_at
            if letter.words or letter.erased
        ]

    @property
    def may_answer(self) -> bool:
        """Whether an answer would help: the case is worked on, and what is written would be kept."""
        return self.status in OPEN and self.report.continues_as is None and self.erased_at is None

    @property
    def decided_at(self) -> datetime | None:
        """Since when the decision stands that closed the case; None while it is open."""
        return self.timeline[-1].at if self.status in CLOSED and self.report.continues_as is None else None

    @property
    def contested_at(self) -> datetime | None:
        """When its holder said of the decision that stands that it is still there."""
        decided_at = self.decided_at
        last = next((said.last_at for said in self.said if said.what == ReportContested.__name__), None)
        return last if decided_at and last and last >= decided_at else None

    @property
    def may_contest(self) -> bool:
        """Whether it would count: once against each decision, the one that stands when it is said."""
        return self.decided_at is not None and self.contested_at is None

    @property
    def upheld(self) -> Upheld | None:
        """What the coordinator answered to the contest of the decision that stands."""
        decided_at = self.decided_at
        answers = [
            Upheld(at=letter.written_at, text=letter.words)
            for letter in self.letters
            if letter.what == DecisionUpheld.__name__ and letter.written_at
            if decided_at and letter.written_at >= decided_at
        ]
        return answers[-1] if answers else None

    def _first(self, kind: type) -> datetime | None:
        return next((said.first_at for said in self.said if said.what == kind.__name__), None)
