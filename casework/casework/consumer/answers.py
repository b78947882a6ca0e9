"""Answers of other agencies to referrals. One counts only from the agency that was asked."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from contracts.envelope import Unusable
from contracts.events.cases import CaseChange, Role
from contracts.events.referrals import (
    ReferralAcknowledged,
    ReferralAnswer,
    ReferralClosed,
    ReferralDeclined,
    ReferralProgressed,
)

from casework.consumer.arrivals import Arrival, Outcome, Step
from casework.domain.case import Case, apply
from casework.domain.changes import eliminated
from casework.domain.handovers import acknowledged, returned
from casework.domain.records import Remark, Transition


def answers_read(arrivals: Sequence[Arrival]) -> list[tuple[UUID, UUID]]:
    """The answers of the batch, by report and event id."""
    read = (arrival for arrival in arrivals if isinstance(arrival.event, ReferralAnswer))
    return [(arrival.report_id, arrival.envelope.id) for arrival in read]


def referrals_answered(arrivals: Sequence[Arrival]) -> list[UUID]:
    """The referrals the batch answers."""
    return [arrival.event.referral_id for arrival in arrivals if isinstance(arrival.event, ReferralAnswer)]


def require_asked(referrals: Mapping[tuple[UUID, UUID], str], arrivals: Sequence[Arrival]) -> None:
    """Raises Unusable for an answer to a referral that was never made to that agency for that report.

    `referrals` says to which agency each was made, by referral and report.
    """
    for arrival in arrivals:
        answer = arrival.event
        if isinstance(answer, ReferralAnswer):
            asked = referrals.get((answer.referral_id, answer.report_id))
            if asked is None or asked != arrival.agency:
                detail = f"no referral {answer.referral_id} of this report was made to this agency"
                raise Unusable("referral", detail)


def answer_steps(recorded: Collection[UUID], arrivals: Sequence[Arrival], at: datetime) -> list[Step]:
    """A step for each answer of the batch that is not in the history yet (`recorded`, by id), in the batch's order."""
    new = {
        arrival.envelope.id: arrival
        for arrival in arrivals
        if isinstance(arrival.event, ReferralAnswer) and arrival.envelope.id not in recorded
    }
    return [partial(_answered, arrival, at) for arrival in new.values()]


def responsible_agencies(arrivals: Sequence[Arrival]) -> list[tuple[UUID, str]]:
    """Whom the agencies that declined named instead, by referral."""
    answers = (arrival.event for arrival in arrivals)
    return [
        (answer.referral_id, answer.responsible_agency) for answer in answers if isinstance(answer, ReferralDeclined)
    ]


def _answered(arrival: Arrival, at: datetime, cases: Mapping[UUID, Case]) -> Outcome:
    """An answer that comes after its referral ended, or asks for nothing new, is only remarked."""
    answer, case = arrival.event, cases[arrival.report_id]
    assert isinstance(answer, ReferralAnswer)
    named = answer.responsible_agency if isinstance(answer, ReferralDeclined) else None
    if event := _event(case, answer, at):
        after = apply(case, event)
        return Outcome(after, Transition(event=event, after=after, note=named, cause=arrival.envelope))
    remark = Remark(
        report_id=case.report_id,
        what=type(answer).__name__,
        role=Role.AGENCY,
        at=min(answer.answered_at, at),  # an agency's clock may be fast
        cause=arrival.envelope.id,
        detail={"referral_id": str(answer.referral_id)} | ({"responsible_agency": named} if named else {}),
    )
    return Outcome(case, remark)


def _event(case: Case, answer: ReferralAnswer, at: datetime) -> CaseChange | None:
    if case.referral_id != answer.referral_id:  # that referral has ended
        return None
    match answer:
        case ReferralAcknowledged() | ReferralProgressed():
            return None if case.acknowledged else acknowledged(case, Role.AGENCY, at)
        case ReferralDeclined():
            return returned(case, Role.AGENCY, at)
        case ReferralClosed():
            return eliminated(case, Role.AGENCY, at)
        case _:
            return None
