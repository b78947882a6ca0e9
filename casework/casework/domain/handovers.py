"""The changes of a case that bring in somebody else: referrals to agencies, transfers to units, mergers with a case.

Like those in `changes`, pure functions to the event that publishes them, held to the table of rules.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import uuid5

from contracts.agencies import Agencies, Agency
from contracts.base import Owner
from contracts.events import cases
from contracts.events.cases import Role
from contracts.events.clocks import ClockState
from contracts.policy.terms import Policy
from contracts.statuses import Status

from casework.domain.case import Case, apply, owed_clock
from casework.domain.changes import change_event
from casework.domain.rules import Change, NotAllowed, Refused, status_after

_WAY = (Status.NEW, Status.VERIFICATION, Status.CONFIRMED, Status.REFERRED)
"""How far an open case is, in order."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Whom a case could be referred to, whom it concerns most closely first. `likely`: the one to ask, where clear."""

    agencies: list[Agency]
    likely: Agency | None


def proposal(case: Case, teryt: str | None, agencies: Agencies, earlier: Sequence[Mapping[str, Any]]) -> Proposal:
    """Whom to refer a case to at a place with this TERYT code, after the `earlier` referrals, in their order.

    An agency that declined last and named another has answered that: it is the one, or nobody where the name is none
    of an agency that is known and has not declined itself. Else it is the first that has not declined.
    """
    declined = {referral["agency"] for referral in earlier if referral["outcome"] == "declined"}
    words = earlier[-1]["responsible_agency"] if earlier else None
    named = agencies.named(words) if words else None
    fitting = [agency for agency in agencies.proposed(case.category, teryt) if agency != named]
    order = [named, *fitting] if named else fitting
    possible = order[:1] if named else [] if words else order
    return Proposal(order, next((agency for agency in possible if agency.code not in declined), None))


def referred(case: Case, actor: Role, at: datetime, *, agency: str, agencies: Agencies) -> cases.CaseReferred:
    """Another agency is asked to remove the threat. Raises Refused for one that there is not, or not any more."""
    status_after(case, Change.REFER, actor)
    if (asked := agencies.find(agency)) is None:
        raise Refused("agency", "is no agency's code")
    if not asked.active:
        raise Refused("agency", f"nothing is handed to {asked.name} any more")
    number = case.referrals + 1
    return change_event(
        cases.CaseReferred,
        Change.REFER,
        case,
        actor,
        at,
        referral_id=uuid5(case.report_id, f"referral/{number}"),
        referral=number,
        agency=agency,
        acknowledge_days=asked.acknowledge_days,
    )


def acknowledged(case: Case, actor: Role, at: datetime) -> cases.CaseAcknowledged:
    """The agency has the open referral: it said so, or a coordinator writes down that it did."""
    return change_event(cases.CaseAcknowledged, Change.ACKNOWLEDGE, case, actor, at, **_open_referral(case))


def returned(case: Case, actor: Role, at: datetime) -> cases.CaseReturned:
    """The open referral ends: the agency declined, or the coordinator took the case back."""
    status_after(case, Change.RETURN, actor)
    declined = actor is Role.AGENCY
    return change_event(cases.CaseReturned, Change.RETURN, case, actor, at, **_open_referral(case), declined=declined)


def only_owner(field: str, owners: Mapping[str, Owner]) -> Owner:
    """The one who is meant, of those who may be, by full code. Raises Refused for nobody and for several.

    An officer's own garrison is not guessed: the case would go where somebody did not mean it to.
    """
    if not owners:
        raise Refused(field, "is no unit, station, beat or area of the current districts")
    if len(owners) > 1:
        raise Refused(field, f"may be several: say which, {' or '.join(owners)}")
    return next(iter(owners.values()))


def transferred(case: Case, actor: Role, at: datetime, *, to: Owner) -> cases.CaseTransferred:
    """Another unit or beat answers from now on. Raises Refused when it does already."""
    status_after(case, Change.TRANSFER, actor)
    if to == case.owner:
        raise Refused("to", "already answers for the case")
    return change_event(
        cases.CaseTransferred,
        Change.TRANSFER,
        case,
        actor,
        at,
        owner=to,
        previous=case.owner,
        by_routing=actor is Role.SYSTEM,
    )


@dataclass(frozen=True, slots=True)
class Merger:
    """What a merger does: to `survivor`, which counts the other case from now on, and to the one that ended in it.

    `earlier` is the survivor's clock where it now has the other's earlier deadline: what is to be merged into the clock
    as the monitor says it, of which some may not have been read.
    """

    survivor: Case
    counted: cases.CaseSupported
    ended: cases.CasesMerged
    earlier: ClockState | None


def merger(case: Case, actor: Role, at: datetime, *, into: Case | None, terms: Policy) -> Merger:
    """The merger of a case into a surviving one, which counts the report and all who saw the same.

    What is owed in both is owed since the older of them. Raises Refused for a survivor that is None, the case itself,
    one that takes no support any more, or one that is less far: what was done would be undone there unseen.
    """
    status_after(case, Change.MERGE, actor)
    if into is None or into.report_id == case.report_id:
        raise Refused("into", "is not another open case")
    more: dict[str, Any] = {"supporters": into.supporters + 1 + case.supporters, "absorbed": case.report_id}
    if into.status is case.status and into.running_since and case.running_since:
        more["running_since"] = min(into.running_since, case.running_since)
    try:
        counted = change_event(cases.CaseSupported, Change.SUPPORT, into, Role.SYSTEM, at, **more)
    except NotAllowed as closed:
        raise Refused("into", "is not another open case") from closed
    if _WAY.index(into.status) < _WAY.index(case.status):
        # Not how far it is: it may be another unit's.
        raise Refused("into", "is less far than this one: merge that one into this one")
    ended = change_event(cases.CasesMerged, Change.MERGE, case, actor, at, into=into.report_id, into_number=into.number)
    return Merger(into, counted, ended, _earlier_clock(into, apply(into, counted), terms))


def _earlier_clock(before: Case, after: Case, terms: Policy) -> ClockState | None:
    if before.running_since is None or before.running_since == after.running_since:
        return None
    clock = owed_clock(after, terms)
    return replace(clock, started_at=before.running_since) if clock else None


def _open_referral(case: Case) -> dict[str, Any]:
    return {"referral_id": case.referral_id, "referral": case.referrals, "agency": case.agency}
