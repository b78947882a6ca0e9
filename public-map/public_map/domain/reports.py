"""What public-map knows of a report: as sent, routed, a case or imported, each from the event that says it best.

`apply` gives the same report in whatever order, and however often, its events come.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

from contracts.base import Owner, ReportEvent
from contracts.events.cases import CaseChange, CasesMerged
from contracts.events.public import ReportImported
from contracts.events.reports import ReportSubmitted
from contracts.events.routing import Routing
from contracts.statuses import Status

from public_map.domain.precision import precision_after


@dataclass(frozen=True, slots=True, order=True)
class ResponsibleUnit:
    """The police unit that answers for a report, by codes and name."""

    garrison: str
    unit: str
    unit_name: str


class Account(Protocol):
    """What one kind of event says of a report. Of two accounts the one with the lower rank counts."""

    @property
    def rank(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class Submission:
    """The report as it was sent. Of several under one id the first on the log counts, as for everybody."""

    submitted_at: datetime
    category: str
    receipt_sha256: str


@dataclass(frozen=True, slots=True)
class RoutedUnit:
    """Who answers as routing says, until the case says it better. The newest place counts."""

    place_version: int
    responsible: ResponsibleUnit

    @property
    def rank(self) -> tuple[int, ResponsibleUnit]:
        return -self.place_version, self.responsible


@dataclass(frozen=True, slots=True)
class CaseState:
    """The case after a change. The newest version counts."""

    version: int
    status: Status
    case_number: str
    category: str
    submitted_at: datetime
    responsible: ResponsibleUnit
    supporters: int

    @property
    def rank(self) -> int:
        return -self.version


@dataclass(frozen=True, slots=True)
class Continuation:
    """The case that goes on for one that ended in it, whatever comes after."""

    report_id: UUID
    case_number: str

    @property
    def rank(self) -> tuple[str, UUID]:
        return self.case_number, self.report_id


@dataclass(frozen=True, slots=True)
class ImportedState:
    """That another system said something of it. The newest version counts; `digest` is of what it said."""

    version: int
    digest: str

    @property
    def rank(self) -> tuple[int, str]:
        return -self.version, self.digest


@dataclass(frozen=True, slots=True)
class Report:
    """All that is known of a report. No position: the public one is in the public report, the true one nowhere here.

    `precision_m` is how exactly that one is shown, for ever: the coarsest, in metres, of all categories it had.
    """

    report_id: UUID
    submission: Submission | None = None
    routed: RoutedUnit | None = None
    case: CaseState | None = None
    continues_as: Continuation | None = None
    precision_m: int = 0
    imported: ImportedState | None = None

    @property
    def state(self) -> tuple[CaseState | None, Continuation | None, ImportedState | None]:
        """What decides whether, and how, everyone sees it."""
        return self.case, self.continues_as, self.imported


def apply(report: Report, event: ReportEvent) -> Report:
    """The report after an event about it; equal to the one before where the event says nothing better."""
    if isinstance(event, CaseChange | ReportImported):
        report = replace(report, precision_m=precision_after(report.precision_m, event))
    match event:
        case ReportSubmitted():
            sent = Submission(event.submitted_at, event.category, event.receipt_sha256)
            return replace(report, submission=report.submission or sent)
        case Routing():
            routed = RoutedUnit(event.place_version, _responsible(event.owner))
            return replace(report, routed=_better(report.routed, routed))
        case CasesMerged():
            into = Continuation(event.into, event.into_number)
            ended = replace(report, continues_as=_better(report.continues_as, into))
            return replace(ended, case=_better(report.case, _case_state(event)))
        case CaseChange():
            return replace(report, case=_better(report.case, _case_state(event)))
        case ReportImported():
            return replace(report, imported=_better(report.imported, ImportedState(event.version, event.digest)))
        case _:
            return report


_A = TypeVar("_A", bound=Account)


def _better(known: _A | None, new: _A) -> _A:
    return new if known is None or new.rank < known.rank else known


def _case_state(change: CaseChange) -> CaseState:
    return CaseState(
        version=change.version,
        status=change.status,
        case_number=change.case_number,
        category=change.category,
        submitted_at=change.submitted_at,
        responsible=_responsible(change.owner),
        supporters=change.supporters,
    )


def _responsible(owner: Owner) -> ResponsibleUnit:
    return ResponsibleUnit(owner.garrison, owner.unit, owner.unit_name)
