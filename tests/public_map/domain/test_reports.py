"""What is known of a report is the same in whatever order, and however often, its events come."""

from datetime import UTC, datetime, timedelta
from functools import reduce

from contracts.base import ReportEvent
from contracts.events.cases import CaseConfirmed, CaseOpened, CasesMerged, CaseTakenUp
from contracts.events.reports import ReportSubmitted
from contracts.events.routing import Reason, ReportUnroutable
from contracts.statuses import Status
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from public_map.domain.reports import Continuation, Report, apply
from support.events import report_id
from support.public_map.public_lives import Life

SENT_AT = datetime(2026, 11, 2, 9, 47, 13, tzinfo=UTC)


def life_events() -> list[ReportEvent]:
    """Everything that can be said twice is: a submission repeated later, a place routed twice."""
    life = Life(1, SENT_AT)
    submitted, routed = life.submitted(), life.routed()
    unroutable = ReportUnroutable(
        report_id=life.id,
        longitude=18.9,
        latitude=54.9,
        category="parking",
        submitted_at=SENT_AT,
        reason=Reason.OUTSIDE,
    )
    return [
        submitted,
        replace(submitted, submitted_at=SENT_AT + timedelta(seconds=7)),
        unroutable,
        routed,
        replace(routed, place_version=2),
        *[life.change(kind) for kind in (CaseOpened, CaseTakenUp, CaseConfirmed, CasesMerged)],
    ]


@given(st.permutations(life_events() * 2))
def test_any_order_and_any_number_of_times_give_the_same_report(events: list[ReportEvent]) -> None:
    """Submissions keep the order of their topic, read from its start as often as may be: the first of them counts."""
    first_read = next(index for index, event in enumerate(events) if isinstance(event, ReportSubmitted))
    first_on_log = events.index(life_events()[0])
    events[first_read], events[first_on_log] = events[first_on_log], events[first_read]
    report = reduce(apply, events, Report(report_id(1)))
    assert report.submission
    assert report.submission.submitted_at == SENT_AT
    assert report.routed
    assert (report.routed.place_version, report.routed.responsible.garrison) == (2, "OPO")
    assert report.case
    assert (report.case.version, report.case.status) == (4, Status.CONFIRMED)
    assert report.continues_as == Continuation(report_id(9000), "OPO-26-009000-Z")


def test_of_two_units_for_one_place_the_same_counts_whichever_is_read_first() -> None:
    unroutable, routed = life_events()[2:4]
    there, back = (reduce(apply, pair, Report(report_id(1))) for pair in ([routed, unroutable], [unroutable, routed]))
    assert there == back
