"""Who is told what: one table from event to audience.

Pure rules. What a citizen hears hangs on more than one event, so `reports` works that out with the rules below.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts import cases, clocks
from contracts.base import HEADQUARTERS, Event, Owner, ReportEvent
from contracts.cases import CaseChange
from contracts.clocks import Clock, ClockEvent, ClockStopped, Step, step_id
from contracts.envelope import Envelope
from contracts.notices import Audience
from contracts.referrals import ReferralMade
from contracts.terms import Policy

from notifier.notices import Facts, Matter, Notice, Withdrawal

OF_THE_OWNER = frozenset(
    {Matter.CASE_OPENED, Matter.CASE_TRANSFERRED, Matter.CASE_REOPENED, Matter.CASE_RETURNED, Matter.REVIEW_DUE}
)
"""Matters that concern a unit only while the case is its own: once the case is another's they are not sent any more."""


@dataclass(frozen=True, slots=True)
class Rule:
    """On an event (`when` it also holds of it) somebody is told of a matter: in the next digest, or at once."""

    event: type[Event]
    matter: Matter
    audience: Audience
    digest: bool = False
    when: Callable[[Any], bool] = lambda event: True


def _review(step: clocks.DeadlineApproaching) -> bool:
    return step.clock is Clock.REVIEW


_UNIT, _CITIZEN = Audience.UNIT, Audience.CITIZEN
RULES: tuple[Rule, ...] = (
    Rule(cases.CaseOpened, Matter.CASE_OPENED, _UNIT, digest=True, when=lambda case: case.routed),
    Rule(cases.CaseOpened, Matter.CASE_UNROUTED, Audience.HEADQUARTERS, when=lambda case: not case.routed),
    Rule(cases.CaseTransferred, Matter.CASE_TRANSFERRED, _UNIT, digest=True),
    Rule(cases.CaseReopened, Matter.CASE_REOPENED, _UNIT, digest=True),
    Rule(cases.CaseReturned, Matter.CASE_RETURNED, _UNIT, digest=True, when=lambda case: case.declined),
    Rule(cases.CaseReferred, Matter.CASE_REFERRED, Audience.AGENCY),
    Rule(clocks.DeadlineApproaching, Matter.DEADLINE_APPROACHING, _UNIT, digest=True, when=lambda c: not _review(c)),
    Rule(clocks.DeadlineApproaching, Matter.REVIEW_DUE, _UNIT, digest=True, when=_review),
    Rule(clocks.DeadlineMissed, Matter.DEADLINE_MISSED, _UNIT),
    Rule(clocks.DeadlineEscalated, Matter.DEADLINE_ESCALATED, Audience.GARRISON, when=lambda c: c.to == "garrison"),
    Rule(
        clocks.DeadlineEscalated,
        Matter.DEADLINE_ESCALATED,
        Audience.HEADQUARTERS,
        when=lambda c: c.to == "headquarters",
    ),
    Rule(cases.CaseTakenUp, Matter.TAKEN_UP, _CITIZEN),
    Rule(cases.CaseConfirmed, Matter.CONFIRMED, _CITIZEN),
    Rule(cases.CaseUnconfirmed, Matter.UNCONFIRMED, _CITIZEN),
    Rule(cases.CaseRejected, Matter.REJECTED, _CITIZEN),
    Rule(cases.CaseReferred, Matter.REFERRED, _CITIZEN),
    Rule(cases.CaseEliminated, Matter.ELIMINATED, _CITIZEN),
    Rule(cases.CasesMerged, Matter.MERGED, _CITIZEN),
)


def notices(envelope: Envelope, policy: Policy) -> Iterator[Notice]:
    """Whom the event concerns, in the order of the table; a citizen too, whether or not one can be told."""
    event = envelope.data
    for rule in RULES:
        if isinstance(event, ReportEvent) and type(event) is rule.event and rule.when(event):
            audience, recipient = _recipient(rule.audience, event)
            yield Notice(
                cause=_cause(envelope),
                report_id=event.report_id,
                matter=rule.matter,
                audience=audience,
                recipient=recipient,
                digest=rule.digest,
                version=event.version if isinstance(event, CaseChange) else 0,
                facts=_facts(event, policy),
            )


def withdrawal(envelope: Envelope) -> Withdrawal | None:
    """What a stopped clock takes back: the warning, and the miss and all that followed where that was wrong."""
    stop = envelope.data
    if not isinstance(stop, ClockStopped):
        return None
    wrong = (Step.MISSED, Step.GARRISON, Step.HEADQUARTERS) if stop.withdraws_miss else ()
    steps = tuple(step_id(stop.report_id, stop.clock, stop.cycle, step) for step in (Step.APPROACHING, *wrong))
    correction = Notice(
        cause=_cause(envelope),
        report_id=stop.report_id,
        matter=Matter.MISS_WITHDRAWN,
        audience=Audience.UNIT,
        recipient=stop.owner.unit,
        digest=False,
        version=0,
        facts=Facts(unit_name=stop.owner.unit_name, clock=stop.clock, due_at=stop.due_at),
    )
    return Withdrawal(steps, correction if wrong else None)


def acknowledge_by(referred: cases.CaseReferred, policy: Policy) -> datetime:
    """Until when the agency has to say that it has the referral. Raises LookupError before the first terms."""
    terms = policy.terms_at(referred.changed_at)
    return terms.due_at(Clock.ACKNOWLEDGEMENT, referred.category, referred.changed_at)


def referral(referred: cases.CaseReferred, policy: Policy) -> ReferralMade:
    """What the agency reads on its topic."""
    return ReferralMade(
        report_id=referred.report_id,
        referral_id=referred.referral_id,
        agency=referred.agency,
        case_number=referred.case_number,
        category=referred.category,
        longitude=referred.longitude,
        latitude=referred.latitude,
        referred_at=referred.changed_at,
        acknowledge_by=acknowledge_by(referred, policy),
        unit=referred.owner.unit,
        unit_name=referred.owner.unit_name,
    )


def _cause(envelope: Envelope) -> UUID:
    """The id of the event; a clock's step is known by what it is, so that a stop can name it too."""
    event = envelope.data
    match event:
        case clocks.DeadlineApproaching():
            step = Step.APPROACHING
        case clocks.DeadlineMissed():
            step = Step.MISSED
        case clocks.DeadlineEscalated(to=to):
            step = Step.GARRISON if to == "garrison" else Step.HEADQUARTERS
        case clocks.ClockStopped():
            step = Step.STOPPED
        case _:
            return envelope.id
    return step_id(event.report_id, event.clock, event.cycle, step)


def _recipient(audience: Audience, event: Any) -> tuple[Audience, str | None]:
    owner: Owner = event.owner
    if audience is Audience.CITIZEN:
        return audience, None
    if audience is Audience.AGENCY:
        return audience, event.agency
    # What nobody else answers for is headquarters', at every level.
    if audience is Audience.HEADQUARTERS or owner.unit == HEADQUARTERS.unit:
        return Audience.HEADQUARTERS, HEADQUARTERS.unit
    return audience, owner.garrison if audience is Audience.GARRISON else owner.unit


def _facts(event: Any, policy: Policy) -> Facts:
    if isinstance(event, ClockEvent):
        return Facts(unit_name=event.owner.unit_name, clock=event.clock, due_at=event.due_at)
    answer = event.answer if isinstance(event, cases.CaseDecided) else None
    clock, due_at = _deadline(event, policy)
    return Facts(
        case_number=event.case_number,
        category=event.category,
        unit_name=event.owner.unit_name,
        clock=clock,
        due_at=due_at,
        longitude=event.longitude,
        latitude=event.latitude,
        agency=event.agency if isinstance(event, cases.CaseReferred | cases.CaseReturned) else None,
        checks=answer.checks if answer else None,
        found=answer.found if answer else None,
        last_check_on=answer.last_check_on if answer else None,
        into_number=event.into_number if isinstance(event, cases.CasesMerged) else None,
    )


def _deadline(case: CaseChange, policy: Policy) -> tuple[Clock | None, datetime | None]:
    """The deadline a change puts somebody under, as the terms have it; the clock itself is the SLA monitor's."""
    match case:
        case cases.CaseOpened() | cases.CaseTransferred(status="new"):
            clock, start = Clock.TAKE_UP, case.submitted_at
        case cases.CaseTakenUp() | cases.CaseReopened():
            clock, start = Clock.VERIFICATION, case.changed_at
        case cases.CaseReferred():
            return Clock.ACKNOWLEDGEMENT, acknowledge_by(case, policy)
        case _:
            return None, None
    return clock, policy.terms_at(start).due_at(clock, case.category, start)
