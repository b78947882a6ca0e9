"""Follow-ups: "me too", "still there", an answer, "not any more", "erase my words": each once, whenever it is read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid5

from contracts.envelope import Envelope
from contracts.events.cases import Role
from contracts.events.reports import (
    ErasureRequested,
    FollowUp,
    QuestionAnswered,
    ReportContested,
    ReportSupported,
    ReportWithdrawn,
)
from contracts.policy.visibility import counts_support
from contracts.statuses import CLOSED

from casework.consumer.arrivals import Arrival, FollowUpKey, Outcome, Step
from casework.domain.case import Case, apply
from casework.domain.changes import supported
from casework.domain.records import Remark, Transition
from casework.domain.reports import RecordedFollowUp, recorded_follow_up


def follow_up_keys(arrivals: Sequence[Arrival]) -> list[FollowUpKey]:
    """What tells repeats of the batch's follow-ups: report, kind, sender."""
    events = ((arrival.event, arrival.envelope.id) for arrival in arrivals)
    return [recorded_follow_up(event, cause).key for event, cause in events if isinstance(event, FollowUp)]


def new_follow_ups(
    known: Mapping[FollowUpKey, RecordedFollowUp], arrivals: Sequence[Arrival]
) -> dict[FollowUpKey, RecordedFollowUp]:
    """The follow-ups of the batch that were not known, each once: the first in its order counts."""
    new: dict[FollowUpKey, RecordedFollowUp] = {}
    for arrival in arrivals:
        if isinstance(arrival.event, FollowUp):
            said = recorded_follow_up(arrival.event, arrival.envelope.id)
            if said.key not in known:
                new.setdefault(said.key, said)
    return new


def unapplied(follow_ups: Iterable[RecordedFollowUp], cases: Mapping[UUID, Case]) -> list[RecordedFollowUp]:
    """Those that reports with a case still wait to have applied, in the order they were said."""
    waiting = (said for said in follow_ups if not said.applied and said.report_id in cases)
    return sorted(waiting, key=lambda said: (said.said_at, said.cause))


def erasures(new: Iterable[RecordedFollowUp]) -> list[UUID]:
    """The reports whose citizens ask for the first time that their words be erased: at once, with or without a case."""
    return sorted(said.report_id for said in new if said.kind == ErasureRequested.__name__)


def follow_up_steps(waiting: Sequence[RecordedFollowUp], arrivals: Sequence[Arrival], at: datetime) -> list[Step]:
    """A step for each follow-up to be applied, in the order given."""
    causes = {arrival.envelope.id: arrival.envelope for arrival in arrivals}
    return [partial(_followed_up, said, causes.get(said.cause), at) for said in waiting]


def _followed_up(said: RecordedFollowUp, cause: Envelope | None, at: datetime, cases: Mapping[UUID, Case]) -> Outcome:
    """A support changes the case where it counts; whether a contest reopens the case is the coordinator's to decide."""
    case = _surviving(cases, said.report_id)
    detail: dict[str, Any] = {}
    if said.kind == ReportSupported.__name__:
        if counts_support(case.category, case.status):
            event = supported(case, at)
            after = apply(case, event)
            return Outcome(after, Transition(event=event, after=after, cause=cause))
        detail = {"counted": False}
    if said.kind == ReportContested.__name__:
        return _contested(said, case)
    own = said.report_id == case.report_id  # what another reporter says, whose case ended in this one, is a remark
    if said.kind == ReportWithdrawn.__name__ and own:
        case = replace(case, withdrawn=True)
    if said.kind == ErasureRequested.__name__ and own:
        case = replace(case, erased=True)
    if said.kind == QuestionAnswered.__name__:
        question = int(said.sender)
        detail = {"question": question}
        if own and question <= case.questions:
            case = replace(case, answered=case.answered + 1)
        else:
            detail["counted"] = False
    return Outcome(case, _remark(said, case, said.cause, detail))


def _contested(said: RecordedFollowUp, case: Case) -> Outcome:
    """A contest counts against the decision that stood when it was made, once; else it is remarked, once a status.

    A decision that was contested and upheld is contested no more.
    """
    if case.status in CLOSED and said.said_at >= case.changed_at and case.upheld_round != case.round:
        if case.contested:
            return Outcome(case)
        return Outcome(replace(case, contested=True), _remark(said, case, said.cause, {}))
    cause = uuid5(case.report_id, f"contest/{case.round}/{case.status}")
    return Outcome(case, _remark(said, case, cause, {"counted": False}))


def _remark(said: RecordedFollowUp, case: Case, cause: UUID, detail: dict[str, Any]) -> Remark:
    return Remark(
        report_id=case.report_id, what=said.kind, role=Role.SYSTEM, at=said.said_at, cause=cause, detail=detail
    )


def _surviving(cases: Mapping[UUID, Case], report_id: UUID) -> Case:
    """The case that goes on for a report: its own, or the one that ended in."""
    case = cases[report_id]
    while case.merged_into is not None:
        case = cases[case.merged_into]
    return case
