"""Reports on their way to a case: what the log says of each, in any order, until there is enough to open one."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from contracts.base import HEADQUARTERS, Owner, ReportEvent
from contracts.events.reports import (
    FollowUp,
    QuestionAnswered,
    ReportContested,
    ReportSubmission,
    ReportSupported,
    TimeOfDay,
)
from contracts.events.routing import Routing
from contracts.policy.terms import Policy
from contracts.statuses import Status

from casework.domain.case import Case, owed_clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What the citizen said. Longitude and latitude are WGS 84 degrees, `weekdays` ISO days.

    `emergency_like`: the words read like an emergency; `continues` is a closed report this one goes on from.
    """

    category: str
    longitude: float
    latitude: float
    submitted_at: datetime
    occurred_at: datetime | None = None
    weekdays: tuple[int, ...] = ()
    time_of_day: TimeOfDay | None = None
    emergency_like: bool = False
    continues: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """Who answers for the place: whom routing found, else (`routed` is false) headquarters."""

    routed: bool
    owner: Owner
    boundary_version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What is known of one report: each part as it was said first, None until then.

    `handed_to`: the instance that goes on with its case (docs/decisions/0100).
    """

    report_id: UUID
    submission: Submission | None = None
    assignment: Assignment | None = None
    handed_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedFollowUp:
    """Something a citizen said after sending: once per report, kind and sender, whatever comes again.

    `kind` is the event's type, `cause` the id of the event that said it first. `sender` tells a support by one from
    that by another, a contest from the next, since each decision can be contested, and (by its question) an answer from
    the next; else it is empty. `applied` once the case knows it.
    """

    report_id: UUID
    kind: str
    sender: str
    said_at: datetime
    cause: UUID
    applied: bool = False

    @property
    def key(self) -> tuple[UUID, str, str]:
        return self.report_id, self.kind, self.sender


def apply(report: Report, event: ReportEvent) -> Report:
    """The report after an event: the same where it says nothing new, or nothing about the place as submitted."""
    match event:
        case ReportSubmission() if report.submission is None:
            return replace(report, submission=_submission(event))
        # A corrected place is routed again, but by then there is a case.
        case Routing(place_version=0) if report.assignment is None:
            return replace(report, assignment=_assignment(event))
        case _:
            return report


def recorded_follow_up(event: FollowUp, cause: UUID) -> RecordedFollowUp:
    """A follow-up as it is kept. `cause` is the event's id."""
    return RecordedFollowUp(
        report_id=event.report_id,
        kind=type(event).__name__,
        sender=_sender(event, cause),
        said_at=event.said_at,
        cause=cause,
    )


def _sender(event: FollowUp, cause: UUID) -> str:
    match event:
        case ReportSupported():
            return event.sender
        case ReportContested():
            return str(cause)
        case QuestionAnswered():
            return str(event.question)
        case _:
            return ""


def new_case(report_id: UUID, submission: Submission, owner: Owner, number: str, at: datetime, terms: Policy) -> Case:
    """The first state of the case of a report. `number` is its case number, `at` the moment it opens.

    It is due when the citizen was told, whether or not the monitor's word on that has been read.
    """
    case = Case(
        report_id=report_id,
        number=number,
        version=1,
        status=Status.NEW,
        round=1,
        category=submission.category,
        longitude=submission.longitude,
        latitude=submission.latitude,
        owner=owner,
        supporters=0,
        submitted_at=submission.submitted_at,
        changed_at=at,
        running_since=submission.submitted_at,
        occurred_at=submission.occurred_at,
        weekdays=submission.weekdays,
        time_of_day=submission.time_of_day,
        emergency_like=submission.emergency_like,
        continues=submission.continues,
    )
    owed = owed_clock(case, terms)
    return replace(case, next_due_at=owed.due_at if owed else None)


def _submission(event: ReportSubmission) -> Submission:
    """What a newer writer says that we can't read is left out."""
    known = (name for name in Submission.__dataclass_fields__ if hasattr(event, name))
    return Submission(**{name: getattr(event, name) for name in known})


def _assignment(event: Routing) -> Assignment:
    if event.owner == HEADQUARTERS:
        return Assignment(routed=False, owner=HEADQUARTERS)
    return Assignment(routed=True, owner=event.owner, boundary_version=event.boundary_version)
