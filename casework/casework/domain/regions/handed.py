"""What is handed over of a case to the instance that goes on with it, and the case that instance makes of it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import msgspec
from contracts.events.cases import CaseChange, CaseTransferred
from contracts.events.regions.handovers import AppliedFollowUp, CaseHandedOver, HandedCheck, HandedReferral
from contracts.policy.regions import Region
from contracts.policy.terms import Policy

from casework.domain.case import Case, owed_clock
from casework.domain.rules import Refused

NOT_HERE = "elsewhere"
"""Stands for the officer of a check that another instance's history names."""
_RENAMED = {"case_number": "number"}
_OF_CASE = set(Case.__dataclass_fields__)


def leaves(region: Region, event: CaseTransferred) -> bool:
    """Whether the transfer takes the case to another instance."""
    return not region.answers_for(event.owner.garrison, event.submitted_at)


def written_here(region: Region, event: CaseChange) -> bool:
    """Whether a change of a case is this instance's own: whoever has the case writes the transfer, too."""
    owner = event.previous if isinstance(event, CaseTransferred) else event.owner
    return region.answers_for(owner.garrison, event.submitted_at)


def require_free(case: Case, others_ended_in_it: bool) -> None:
    """Raises Refused for a case that has to stay: what comes later is known to one store alone."""
    if case.referral_id is not None:
        raise Refused("to", "is another region's, and an agency has the case: take it back first")
    if others_ended_in_it:
        raise Refused("to", "is another region's, and other cases ended in this one: it stays where they are")


def handed_over(
    after: Case,
    event: CaseTransferred,
    to: str,
    checks: Sequence[HandedCheck],
    referrals: Sequence[HandedReferral],
    follow_ups: Sequence[AppliedFollowUp],
) -> CaseHandedOver:
    """The state `after` the transfer, for the instance `to`."""
    of_case: dict[str, Any] = {
        name: getattr(after, _RENAMED.get(name, name), None) for name in CaseHandedOver.__struct_fields__
    }
    beside: dict[str, Any] = {
        "to": to,
        "previous": event.previous,
        "by_routing": event.by_routing,
        "actor": event.actor,
        "checks": tuple(checks),
        "referrals": tuple(referrals),
        "follow_ups": tuple(follow_ups),
    }
    return CaseHandedOver(**of_case | beside)


def received(event: CaseHandedOver, terms: Policy) -> Case:
    """The case as this instance goes on with it; it is due as it was."""
    fields = {_RENAMED.get(name, name): getattr(event, name) for name in event.__struct_fields__}
    own = {name: value for name, value in fields.items() if name in _OF_CASE}
    case = Case(**own | {"checks": len(event.checks), "referrals": len(event.referrals)})
    owed = owed_clock(case, terms)
    return replace(case, next_due_at=owed.due_at if owed else None)


def entry(event: CaseHandedOver) -> dict[str, Any]:
    """The history's first entry here, by column: the transfer, whose `previous` owner has what was before."""
    return {
        "report_id": event.report_id,
        "version": event.version,
        "what": CaseTransferred.__name__,
        "at": event.changed_at,
        "role": event.actor,
        "detail": {"previous": msgspec.to_builtins(event.previous), "by_routing": event.by_routing},
    }
