"""What a notice says of the case: its number, place and owner, the decision, the deadline that runs now; and what is
said to an agency of its referral.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from contracts.events import cases
from contracts.events.cases import CaseChange
from contracts.events.clocks import Clock, ClockEvent
from contracts.events.duty.surges import SurgeEvent
from contracts.events.referrals import ReferralMade, ReferralWithdrawn
from contracts.events.routing import Routing
from contracts.policy.terms import Policy

from notifier.domain.notices import Details

SaidToAgency = ReferralMade | ReferralWithdrawn


@dataclass(frozen=True, slots=True)
class ReferralState:
    """A referral as far as one event tells of it: when it was made, and what the agency was told then; its ends."""

    referral_id: UUID
    report_id: UUID
    agency: str
    made: ReferralMade | None = None
    acknowledged_at: datetime | None = None
    ended_at: datetime | None = None


def details_of(event: Any, policy: Policy) -> Details:
    """The details of a routing, a change, a clock's step or an alarm. Raises LookupError before the first terms."""
    if isinstance(event, Routing):
        return Details(
            category=event.category,
            unit_name=event.owner.unit_name,
            longitude=event.longitude,
            latitude=event.latitude,
            garrison=event.owner.garrison,
        )
    if isinstance(event, ClockEvent):
        return Details(
            unit_name=event.owner.unit_name, clock=event.clock, due_at=event.due_at, garrison=event.owner.garrison
        )
    if isinstance(event, SurgeEvent):
        return Details(
            unit_name=event.owner.unit_name,
            garrison=event.owner.garrison,
            longitude=event.longitude,
            latitude=event.latitude,
            reports=event.reports,
        )
    answer = event.answer if isinstance(event, cases.CaseDecided) else None
    clock, due_at = _deadline(event, policy)
    return Details(
        case_number=event.case_number,
        category=event.category,
        unit_name=event.owner.unit_name,
        clock=clock,
        due_at=due_at,
        longitude=event.longitude,
        latitude=event.latitude,
        agency=getattr(event, "agency", None),
        garrison=event.owner.garrison,
        checks=answer.checks if answer else None,
        found=answer.found if answer else None,
        last_check_on=answer.last_check_on if answer else None,
        into_number=event.into_number if isinstance(event, cases.CasesMerged) else None,
    )


def for_agency(details: Details, change: CaseChange, policy: Policy) -> Details:
    """The details of a notice to an agency. Raises LookupError before the first terms."""
    said = said_to_agency(change, policy)
    return replace(details, referral_id=said.referral_id, said=msgspec.json.encode(said).decode())


def said_to_agency(change: CaseChange, policy: Policy) -> SaidToAgency:
    """What an agency reads of a change of its referral. Raises LookupError before the first terms."""
    if isinstance(change, cases.CaseReferred):
        return ReferralMade(
            report_id=change.report_id,
            referral_id=change.referral_id,
            agency=change.agency,
            case_number=change.case_number,
            category=change.category,
            longitude=change.longitude,
            latitude=change.latitude,
            referred_at=change.changed_at,
            acknowledge_by=acknowledge_by(change, policy),
            unit=change.owner.unit,
            unit_name=change.owner.unit_name,
        )
    assert isinstance(change, cases.CaseReturned | cases.CaseEliminated)  # by the rules of who is told what
    assert change.referral_id is not None
    assert change.agency is not None
    return ReferralWithdrawn(
        report_id=change.report_id,
        referral_id=change.referral_id,
        agency=change.agency,
        case_number=change.case_number,
        withdrawn_at=change.changed_at,
        reason="eliminated" if isinstance(change, cases.CaseEliminated) else "taken_back",
    )


def referral_state(event: Any, policy: Policy) -> ReferralState | None:
    """What an event tells of a referral; None of any other. Raises LookupError before the first terms."""
    match event:
        case cases.CaseReferred():
            told: dict[str, Any] = {"made": said_to_agency(event, policy)}
        case cases.CaseAcknowledged():
            told = {"acknowledged_at": event.changed_at}
        case cases.CaseReturned() | cases.CaseEliminated(referral_id=UUID(), agency=str()):
            told = {"ended_at": event.changed_at}
        case _:
            return None
    return ReferralState(event.referral_id, event.report_id, event.agency, **told)


def acknowledge_by(referred: cases.CaseReferred, policy: Policy) -> datetime:
    """Until when the agency has to say that it has the referral. Raises LookupError before the first terms."""
    terms = policy.terms_at(referred.changed_at)
    return terms.due_at(Clock.ACKNOWLEDGEMENT, referred.category, referred.changed_at, referred.acknowledge_days)


def verify_by(change: CaseChange, policy: Policy) -> datetime | None:
    """The deadline of the verification that a change begins; None for other changes. Raises LookupError as above."""
    clock, due_at = _deadline(change, policy)
    return due_at if clock is Clock.VERIFICATION else None


def _deadline(case: CaseChange, policy: Policy) -> tuple[Clock | None, datetime | None]:
    """The deadline a change puts somebody under, as the terms have it; the clock itself is the SLA monitor's."""
    handed_on = isinstance(case, cases.CaseTransferred) and case.status == "verification"
    match case:
        case cases.CaseTransferred(status="verification", running_since=datetime() as since):
            clock, start = Clock.VERIFICATION, since
        case cases.CaseOpened() | cases.CaseTransferred(status="new"):
            clock, start = Clock.TAKE_UP, case.running_since or case.submitted_at
        case cases.CaseTakenUp() | cases.CaseReopened():
            clock, start = Clock.VERIFICATION, case.changed_at
        case cases.CaseReferred():
            return Clock.ACKNOWLEDGEMENT, acknowledge_by(case, policy)
        case _:
            # A case is handed on with its deadline; which one that is, only its take-up says (`Report.verify_by`).
            return (Clock.VERIFICATION if handed_on else None), None
    return clock, policy.terms_at(start).due_at(clock, case.category, start)
