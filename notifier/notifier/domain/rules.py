"""Who is given which notice: one table from event to audience.

What a citizen is told hangs on more than one event, so `reports` works that out with the rules below.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from contracts.base import HEADQUARTERS, Event, Owner, ReportEvent
from contracts.envelope import Envelope, follows
from contracts.events.cases import (
    CaseChange,
    CaseConfirmed,
    CaseEliminated,
    CaseOpened,
    CaseReferred,
    CaseRejected,
    CaseReopened,
    CaseReturned,
    CasesMerged,
    CaseTakenUp,
    CaseTransferred,
    CaseUnconfirmed,
    QuestionAsked,
    Role,
)
from contracts.events.clocks import (
    Clock,
    ClockStopped,
    DeadlineApproaching,
    DeadlineEscalated,
    DeadlineMissed,
    Step,
    step_id,
)
from contracts.events.duty.surges import SurgeEscalated, SurgeRaised
from contracts.events.notices import Audience
from contracts.events.routing import ReportRouted, ReportUnroutable, Routing
from contracts.policy.terms import Policy

from notifier.domain.details import details_of, for_agency
from notifier.domain.notices import Details, Notice, NoticeKind


@dataclass(frozen=True, slots=True)
class Rule:
    """After an event (`when` it also holds of it) an audience is given a notice: in the next digest, or at once."""

    event: type[Event]
    kind: NoticeKind
    audience: Audience
    digest: bool = False
    when: Callable[[Any], bool] = lambda event: True


def _emergency_like(routed: Routing) -> bool:
    return routed.emergency_like


def _routed(opened: CaseOpened) -> bool:
    return opened.routed


def _unrouted(opened: CaseOpened) -> bool:
    return not opened.routed


def _declined(returned: CaseReturned) -> bool:
    return returned.declined


def _taken_back(returned: CaseReturned) -> bool:
    return not returned.declined


def _ends_a_referral(eliminated: CaseEliminated) -> bool:
    return eliminated.agency is not None and eliminated.actor is not Role.AGENCY


def _review(approaching: DeadlineApproaching) -> bool:
    return approaching.clock is Clock.REVIEW


def _no_review(approaching: DeadlineApproaching) -> bool:
    return approaching.clock is not Clock.REVIEW


def _to_garrison(escalated: DeadlineEscalated | SurgeEscalated) -> bool:
    return escalated.to == "garrison"


def _to_headquarters(escalated: DeadlineEscalated | SurgeEscalated) -> bool:
    return escalated.to == "headquarters"


_UNIT, _GARRISON, _HEADQUARTERS = Audience.UNIT, Audience.GARRISON, Audience.HEADQUARTERS
_AGENCY, _CITIZEN = Audience.AGENCY, Audience.CITIZEN
# fmt: off
RULES: tuple[Rule, ...] = (
    #    after                notice                           to              digest       when
    Rule(ReportRouted,        NoticeKind.EMERGENCY,            _UNIT,                       when=_emergency_like),
    Rule(ReportUnroutable,    NoticeKind.EMERGENCY,            _HEADQUARTERS,               when=_emergency_like),
    Rule(CaseOpened,          NoticeKind.CASE_OPENED,          _UNIT,          digest=True, when=_routed),
    Rule(CaseOpened,          NoticeKind.CASE_UNROUTED,        _HEADQUARTERS,               when=_unrouted),
    Rule(CaseTransferred,     NoticeKind.CASE_TRANSFERRED,     _UNIT,          digest=True),
    Rule(CaseReopened,        NoticeKind.CASE_REOPENED,        _UNIT,          digest=True),
    Rule(CaseReturned,        NoticeKind.CASE_RETURNED,        _UNIT,          digest=True, when=_declined),
    Rule(CaseReferred,        NoticeKind.CASE_REFERRED,        _AGENCY),
    Rule(CaseReturned,        NoticeKind.REFERRAL_WITHDRAWN,   _AGENCY,                     when=_taken_back),
    Rule(CaseEliminated,      NoticeKind.REFERRAL_WITHDRAWN,   _AGENCY,                     when=_ends_a_referral),
    Rule(DeadlineApproaching, NoticeKind.DEADLINE_APPROACHING, _UNIT,          digest=True, when=_no_review),
    Rule(DeadlineApproaching, NoticeKind.REVIEW_DUE,           _UNIT,          digest=True, when=_review),
    Rule(DeadlineMissed,      NoticeKind.DEADLINE_MISSED,      _UNIT),
    Rule(DeadlineEscalated,   NoticeKind.DEADLINE_ESCALATED,   _GARRISON,                   when=_to_garrison),
    Rule(DeadlineEscalated,   NoticeKind.DEADLINE_ESCALATED,   _HEADQUARTERS,               when=_to_headquarters),
    Rule(SurgeRaised,         NoticeKind.SURGE_RAISED,         _UNIT),
    Rule(SurgeEscalated,      NoticeKind.SURGE_ESCALATED,      _GARRISON,                   when=_to_garrison),
    Rule(SurgeEscalated,      NoticeKind.SURGE_ESCALATED,      _HEADQUARTERS,               when=_to_headquarters),
    Rule(CaseTakenUp,         NoticeKind.TAKEN_UP,             _CITIZEN),
    Rule(CaseConfirmed,       NoticeKind.CONFIRMED,            _CITIZEN),
    Rule(CaseUnconfirmed,     NoticeKind.UNCONFIRMED,          _CITIZEN),
    Rule(CaseRejected,        NoticeKind.REJECTED,             _CITIZEN),
    Rule(CaseReferred,        NoticeKind.REFERRED,             _CITIZEN),
    Rule(CaseEliminated,      NoticeKind.ELIMINATED,           _CITIZEN),
    Rule(CasesMerged,         NoticeKind.MERGED,               _CITIZEN),
    Rule(QuestionAsked,       NoticeKind.QUESTION,             _CITIZEN),
)
# fmt: on
"""A withdrawn miss (`withdrawals`) and the question whether a citizen may be written to (`reports`) follow from more
than one event, and a letter from how its agency is reached (`effects`), so they are no rows here."""

OWNER_KINDS = frozenset(
    {
        NoticeKind.CASE_OPENED,
        NoticeKind.CASE_TRANSFERRED,
        NoticeKind.CASE_REOPENED,
        NoticeKind.CASE_RETURNED,
        NoticeKind.REVIEW_DUE,
    }
)
"""Kinds that concern a unit only while the case is its own: once the case is another's they are not sent any more."""


def notices(envelope: Envelope, policy: Policy) -> Iterator[Notice]:
    """The notices an event gives rise to, in the order of the table; the citizen's whether or not one left a contact.

    Raises LookupError for a case change from before the first terms.
    """
    event = envelope.data
    for rule in RULES:
        if isinstance(event, ReportEvent) and type(event) is rule.event and rule.when(event):
            audience, recipient = _recipient(rule.audience, event)
            yield Notice(
                cause=_cause_for(envelope, audience),
                report_id=event.report_id,
                kind=rule.kind,
                audience=audience,
                recipient=recipient,
                digest=rule.digest,
                version=event.version if isinstance(event, CaseChange) else 0,
                details=_details(rule.audience, event, policy),
                escalation=_garrison_step(event) if isinstance(event, DeadlineEscalated) else None,
            )


def _details(audience: Audience, event: Any, policy: Policy) -> Details:
    details = details_of(event, policy)
    return for_agency(details, event, policy) if audience is Audience.AGENCY else details


def letter_to_print(notice: Notice, event: Any) -> Notice:
    """What the unit is given where an agency is written to on paper: the letter, which it prints and sends."""
    audience, recipient = _recipient(Audience.UNIT, event)
    return replace(notice, kind=NoticeKind.LETTER_TO_PRINT, audience=audience, recipient=recipient, digest=True)


def cause_of(envelope: Envelope) -> UUID:
    """The id of the event; a clock's step is known by what it is, so that the clock's stop can name it too, and of
    several routings of a report each has an id, but one alarm is enough.
    """
    event = envelope.data
    match event:
        case Routing():
            return follows(event.report_id, "emergency")
        case DeadlineApproaching():
            step = Step.APPROACHING
        case DeadlineMissed():
            step = Step.MISSED
        case DeadlineEscalated(to=to):
            step = Step.GARRISON if to == "garrison" else Step.HEADQUARTERS
        case ClockStopped():
            step = Step.STOPPED
        case _:
            return envelope.id
    return step_id(event.report_id, event.clock, event.cycle, step)


def _cause_for(envelope: Envelope, audience: Audience) -> UUID:
    """Where headquarters are the garrison too, both steps are one escalation: theirs since the first, so that it stands
    where the second alone is withdrawn."""
    event = envelope.data
    if isinstance(event, DeadlineEscalated) and audience is Audience.HEADQUARTERS and _is_garrison(event.owner):
        return _garrison_step(event)
    return cause_of(envelope)


def _garrison_step(event: DeadlineEscalated) -> UUID:
    """The escalation that comes first, by which both are known."""
    return step_id(event.report_id, event.clock, event.cycle, Step.GARRISON)


def _recipient(audience: Audience, event: Any) -> tuple[Audience, str | None]:
    owner: Owner = event.owner
    if audience is Audience.CITIZEN:
        return audience, None
    if audience is Audience.AGENCY:
        return audience, event.agency
    # What nobody else answers for is headquarters', at every level.
    if audience is Audience.HEADQUARTERS or owner.unit == HEADQUARTERS.unit:
        return Audience.HEADQUARTERS, HEADQUARTERS.unit
    if audience is Audience.GARRISON and _is_garrison(owner):
        return Audience.HEADQUARTERS, HEADQUARTERS.unit
    return audience, owner.garrison if audience is Audience.GARRISON else owner.unit


def _is_garrison(owner: Owner) -> bool:
    """Whether headquarters are the garrison of this owner, or the owner itself."""
    return HEADQUARTERS.unit in (owner.garrison, owner.unit)
