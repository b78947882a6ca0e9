"""What a batch of events changes, and what is announced of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from contracts.base import ReportEvent
from contracts.policy.regions import NATION, Region
from contracts.policy.terms import Policy

from sla_monitor.domain.announcements import Announcement, emit
from sla_monitor.domain.reports import Report, apply


@dataclass(frozen=True, slots=True)
class Effects:
    """Every report of the batch as it is afterwards, what is announced, and how many events said nothing new."""

    reports: Mapping[UUID, Report]
    announcements: Sequence[Announcement]
    repeats: int


def effects(
    reports: Mapping[UUID, Report], events: Sequence[ReportEvent], policy: Policy, region: Region = NATION
) -> Effects:
    """What events change, given every report they are about. Raises Unusable."""
    applied, repeats = dict(reports), 0
    for event in events:
        report = applied[event.report_id]
        applied[event.report_id] = apply(report, event, policy, region)
        repeats += applied[event.report_id] == report
    emitted = {report_id: emit(report, policy) for report_id, report in applied.items()}
    return Effects(
        reports={report_id: report for report_id, (report, _) in emitted.items()},
        announcements=[announcement for _, announcements in emitted.values() for announcement in announcements],
        repeats=repeats,
    )
