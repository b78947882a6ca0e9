"""What a batch of events changes in what public-map knows, and in what everyone sees."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.base import ReportEvent
from contracts.events.cases import CaseChange
from contracts.events.clocks import ClockEvent, ClockState, merge_clocks
from contracts.events.public import PublicReport, ReportImported
from contracts.policy.visibility import window

from public_map.domain.precision import State, public_report
from public_map.domain.reports import Report, apply
from public_map.domain.timeline import CaseVersion, case_version


@dataclass(frozen=True, slots=True)
class Publication:
    """A report everyone sees, until an instant or (None) for as long as its case stays as it is."""

    report: PublicReport
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Effects:
    """What to write, as whole rows.

    `case_versions` may be known already. Of `withdrawn` some were never public: only the table can tell.
    """

    reports: Sequence[Report]
    case_versions: Sequence[CaseVersion]
    clocks: Sequence[ClockState]
    published: Sequence[Publication]
    withdrawn: Sequence[UUID]


def effects(
    reports: Mapping[UUID, Report],
    clocks: Iterable[ClockState],
    events: Sequence[ReportEvent],
    at: datetime,
) -> Effects:
    """What events change at an instant, given every report they are about and every clock of those clocks ran for."""
    later = dict(reports)
    for event in events:
        later[event.report_id] = apply(later[event.report_id], event)
    changed = [report for report_id, report in later.items() if report != reports[report_id]]
    changes = [event for event in events if isinstance(event, CaseChange)]
    states = newest(event for event in events if isinstance(event, CaseChange | ReportImported))
    published, withdrawn = _publications(reports, changed, states, at)
    return Effects(
        reports=changed,
        case_versions=[case_version(change) for change in changes],
        clocks=merge_clocks(clocks, [event for event in events if isinstance(event, ClockEvent)]),
        published=published,
        withdrawn=withdrawn,
    )


def newest(changes: Iterable[State]) -> dict[UUID, State]:
    """Of each report the state with the highest version."""
    found: dict[UUID, State] = {}
    for change in changes:
        if change.report_id not in found or change.version > found[change.report_id].version:
            found[change.report_id] = change
    return found


def _publications(
    before: Mapping[UUID, Report], changed: Sequence[Report], newest_changes: Mapping[UUID, State], at: datetime
) -> tuple[list[Publication], list[UUID]]:
    """What everyone sees from now on of the reports that changed, and those that nobody sees any more.

    A case that ended in another one is never seen again, in whatever order its changes come.
    """
    published: list[Publication] = []
    withdrawn: list[UUID] = []
    for report in changed:
        change, was = newest_changes.get(report.report_id), before[report.report_id]
        if change is None or report.state == was.state:
            continue
        visible = None
        if report.continues_as is None:
            visible = window(change.category, change.status, change.changed_at)
        if visible and visible.open_at(at):
            published.append(Publication(public_report(change, report.precision_m), visible.until))
        else:
            withdrawn.append(report.report_id)
    return published, withdrawn
