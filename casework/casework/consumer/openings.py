"""Openings: a report becomes a case once it is submitted and routed, or known to be unroutable."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from contracts.envelope import Envelope
from contracts.events.reports import ReportSubmission
from contracts.events.routing import Routing
from contracts.policy.regions import NATION, Region
from contracts.policy.terms import Policy

from casework.consumer.arrivals import Arrival, NumberSeries
from casework.domain import changes, reports
from casework.domain.case import Case
from casework.domain.case_number import year_of
from casework.domain.records import Transition
from casework.domain.reports import Assignment, Report, Submission


def reports_after(known: Mapping[UUID, Report], arrivals: Sequence[Arrival]) -> dict[UUID, Report]:
    """What is known of the reports once the batch has been read. `known` holds each report of the batch."""
    after = dict(known)
    for arrival in arrivals:
        after[arrival.report_id] = reports.apply(after[arrival.report_id], arrival.event)
    return after


def repeats(known: Mapping[UUID, Report], after: Mapping[UUID, Report], arrivals: Sequence[Arrival]) -> int:
    """How many submissions and first routings of the batch said what was known already; `after` it has been read."""
    said = Counter[type](
        ReportSubmission if isinstance(arrival.event, ReportSubmission) else Routing
        for arrival in arrivals
        if isinstance(arrival.event, ReportSubmission)
        or (isinstance(arrival.event, Routing) and arrival.event.place_version == 0)
    )
    new = sum(
        (report.submission is not known[report_id].submission) + (report.assignment is not known[report_id].assignment)
        for report_id, report in after.items()
    )
    return said.total() - new


def numbers_needed(
    known: Mapping[UUID, Report],
    cases: Mapping[UUID, Case],
    arrivals: Sequence[Arrival],
    region: Region = NATION,
) -> Counter[NumberSeries]:
    """How many case numbers of each garrison and year the cases take that the batch opens."""
    ready = _ready(reports_after(known, arrivals), cases, region)
    return Counter(_series(submission, assignment) for _, submission, assignment in ready)


def openings(
    after: Mapping[UUID, Report],
    cases: Mapping[UUID, Case],
    numbers: Mapping[NumberSeries, Sequence[str]],
    arrivals: Sequence[Arrival],
    at: datetime,
    terms: Policy,
    region: Region = NATION,
) -> list[Transition]:
    """A case for each report of this instance that has all it takes and none yet, in the order of the reports' ids.

    `after` are the reports once the batch has been read, `numbers` as many as `numbers_needed` said.
    """
    causes = _causes(arrivals)
    unused = {series: iter(claimed) for series, claimed in numbers.items()}
    opened = []
    for report_id, submission, assignment in _ready(after, cases, region):
        number = next(unused[_series(submission, assignment)])
        case = reports.new_case(report_id, submission, assignment.owner, number, at, terms)
        event = changes.opened(case, routed=assignment.routed, boundary_version=assignment.boundary_version)
        opened.append(Transition(event=event, after=case, cause=causes.get(report_id)))
    return opened


def _ready(
    after: Mapping[UUID, Report], cases: Mapping[UUID, Case], region: Region
) -> list[tuple[UUID, Submission, Assignment]]:
    return [
        (report_id, report.submission, report.assignment)
        for report_id, report in sorted(after.items())
        if report.submission and report.assignment and report_id not in cases and report.handed_to is None
        if region.answers_for(report.assignment.owner.garrison, report.submission.submitted_at)
    ]


def _series(submission: Submission, assignment: Assignment) -> NumberSeries:
    return assignment.owner.garrison, year_of(submission.submitted_at)


def _causes(arrivals: Sequence[Arrival]) -> dict[UUID, Envelope]:
    """Of each report the last event of the batch that may have completed it."""
    return {
        arrival.report_id: arrival.envelope
        for arrival in arrivals
        if isinstance(arrival.event, ReportSubmission | Routing)
    }
