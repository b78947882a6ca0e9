"""What of the log is one instance's own: reports of the garrisons it answers for, from when they come to when they go.

A region's instance begins with the routing, so that others' reports cost it nothing; the nation's with the report.
"""

import msgspec
from contracts.base import Event, ReportEvent
from contracts.events.cases import CaseChange, CaseTransferred
from contracts.events.progress import OutboxPublished
from contracts.events.reports import ReportSubmission
from contracts.events.routing import Routing
from contracts.policy.regions import Region
from contracts.topics import CASEWORK


def is_own(region: Region, event: Routing | CaseChange) -> bool:
    """Whether the report is this instance's once the event has been read."""
    return region.answers_for(event.owner.garrison, event.submitted_at)


def concerns(region: Region, event: ReportEvent) -> bool:
    """Whether an event is to be read: the report is, or just was, this instance's, or may still be the nation's."""
    match event:
        case ReportSubmission():
            return region.is_national
        case Routing():
            return region.is_national or is_own(region, event)
        case CaseChange():
            return is_own(region, event) or _leaves(region, event)
        case _:
            return True


def comes_in(region: Region, event: CaseChange) -> bool:
    """Whether the case was another instance's until this change: its earlier ones were not for this one to read."""
    return isinstance(event, CaseTransferred) and is_own(region, event) and not _was_own(region, event)


def progress_of(region: Region, event: Event | None) -> OutboxPublished | None:
    """How far this instance's own casework has published, which stops what is its own; None of any other."""
    if isinstance(event, OutboxPublished) and event.service == region.member(CASEWORK):
        return msgspec.structs.replace(event, service=CASEWORK)
    return None


def _leaves(region: Region, event: CaseChange) -> bool:
    return isinstance(event, CaseTransferred) and _was_own(region, event)


def _was_own(region: Region, event: CaseTransferred) -> bool:
    return region.answers_for(event.previous.garrison, event.submitted_at)
