"""Each change of a case as a pure function: from the state before to the event that tells it and the state after."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID, uuid5

from contracts import cases
from contracts.base import POLAND, Owner
from contracts.cases import CaseChange, Executor, Role
from contracts.categories import catalogue_at
from contracts.topics import AGENCIES

from casework.checks import Finding, SiteCheck, answer, require_enough, require_time
from casework.domain import Case, Change, Refused, require

E = TypeVar("E", bound=CaseChange)


def opened(case: Case, *, routed: bool, boundary_version: str | None) -> cases.CaseOpened:
    """The event of a new case, whose state is version 1."""
    return cases.CaseOpened(**_state(case), routed=routed, boundary_version=boundary_version)


def taken_up(case: Case, actor: Role, at: datetime) -> cases.CaseTakenUp:
    return _event(cases.CaseTakenUp, Change.TAKE_UP, case, actor, at)


def checked(case: Case, actor: Role, at: datetime, *, checked_at: datetime, finding: Finding) -> cases.CheckRecorded:
    """Raises Refused for a check in the future or before the report."""
    require(case, Change.CHECK, actor)
    require_time(case, checked_at, at)
    return _event(
        cases.CheckRecorded,
        Change.CHECK,
        case,
        actor,
        at,
        number=case.checks + 1,
        checked_at=checked_at,
        finding=finding,
    )


def confirmed(case: Case, actor: Role, at: datetime, checks: Sequence[SiteCheck]) -> cases.CaseConfirmed:
    return _event(cases.CaseConfirmed, Change.CONFIRM, case, actor, at, answer=answer(case, checks))


def unconfirmed(
    case: Case, actor: Role, at: datetime, checks: Sequence[SiteCheck], *, needed: int, reason: str | None
) -> cases.CaseUnconfirmed:
    """Raises Refused when the checks are not enough and no reason is given."""
    event = _event(cases.CaseUnconfirmed, Change.UNCONFIRM, case, actor, at, answer=answer(case, checks))
    require_enough(case, checks, needed, reason)
    return event


def rejected(case: Case, actor: Role, at: datetime, checks: Sequence[SiteCheck]) -> cases.CaseRejected:
    return _event(cases.CaseRejected, Change.REJECT, case, actor, at, answer=answer(case, checks))


def referred(case: Case, actor: Role, at: datetime, *, agency: str) -> cases.CaseReferred:
    """Raises Refused for an agency nobody knows."""
    require(case, Change.REFER, actor)
    if agency not in AGENCIES:
        raise Refused("agency", f"is none of {', '.join(AGENCIES)}")
    number = case.referrals + 1
    return _event(
        cases.CaseReferred,
        Change.REFER,
        case,
        actor,
        at,
        referral_id=uuid5(case.report_id, f"referral/{number}"),
        referral=number,
        agency=agency,
    )


def acknowledged(case: Case, at: datetime) -> cases.CaseAcknowledged:
    return _event(cases.CaseAcknowledged, Change.ACKNOWLEDGE, case, Role.AGENCY, at, **_open_referral(case))


def returned(case: Case, actor: Role, at: datetime) -> cases.CaseReturned:
    """The referral ends: the agency declined, or the coordinator took the case back."""
    require(case, Change.RETURN, actor)
    declined = actor is Role.AGENCY
    return _event(cases.CaseReturned, Change.RETURN, case, actor, at, **_open_referral(case), declined=declined)


def eliminated(case: Case, actor: Role, at: datetime) -> cases.CaseEliminated:
    referral = case.referrals if case.referral_id else None
    return _event(cases.CaseEliminated, Change.ELIMINATE, case, actor, at, referral=referral)


def reopened(case: Case, actor: Role, at: datetime) -> cases.CaseReopened:
    return _event(
        cases.CaseReopened,
        Change.REOPEN,
        case,
        actor,
        at,
        round=case.round + 1,
        contested=case.contested,
    )


def tasked(case: Case, actor: Role, at: datetime, *, executor: Executor, due_at: datetime) -> cases.CaseTasked:
    """Raises Refused for a time that has passed."""
    require(case, Change.TASK, actor)
    if due_at <= at:
        raise Refused("due_at", "has passed")
    return _event(cases.CaseTasked, Change.TASK, case, actor, at, executor=executor, due_at=due_at)


def corrected(
    case: Case, actor: Role, at: datetime, *, category: str | None, place: tuple[float, float] | None
) -> cases.CaseCorrected:
    """Another category, another place (longitude, latitude), or both. Raises Refused for what can't be right."""
    require(case, Change.CORRECT, actor)
    longitude, latitude = place or (case.longitude, case.latitude)
    moved = (longitude, latitude) != (case.longitude, case.latitude)
    west, south, east, north = POLAND
    if category is not None and category != case.category and category not in catalogue_at(at).by_code:
        raise Refused("category", "is none of the categories in force")
    if not (west <= longitude <= east and south <= latitude <= north):
        raise Refused("longitude", "the place lies outside Poland")
    if not moved and category in {None, case.category}:
        raise Refused("category", "nothing is corrected: name another category or another place")
    return _event(
        cases.CaseCorrected,
        Change.CORRECT,
        case,
        actor,
        at,
        category=category or case.category,
        longitude=longitude,
        latitude=latitude,
        previous_category=case.category,
        previous_longitude=case.longitude,
        previous_latitude=case.latitude,
        place_corrected=moved,
    )


def transferred(case: Case, actor: Role, at: datetime, *, to: Owner) -> cases.CaseTransferred:
    """Raises Refused when the same unit and beat already answer."""
    require(case, Change.TRANSFER, actor)
    if to == case.owner:
        raise Refused("to", "already answers for the case")
    return _event(
        cases.CaseTransferred,
        Change.TRANSFER,
        case,
        actor,
        at,
        owner=to,
        previous=case.owner,
        by_routing=actor is Role.SYSTEM,
    )


def merged(case: Case, actor: Role, at: datetime, *, into: UUID, into_number: str) -> cases.CasesMerged:
    """Raises Refused for a case that would end in itself."""
    require(case, Change.MERGE, actor)
    if into == case.report_id:
        raise Refused("into", "is the case itself")
    return _event(cases.CasesMerged, Change.MERGE, case, actor, at, into=into, into_number=into_number)


def supported(case: Case, at: datetime) -> cases.CaseSupported:
    return _event(cases.CaseSupported, Change.SUPPORT, case, Role.SYSTEM, at, supporters=case.supporters + 1)


def absorbed(survivor: Case) -> cases.CaseSupported:
    """What the surviving case says of a merge; `survivor` is its state after it."""
    return cases.CaseSupported(**_state(survivor))


def after(case: Case, event: CaseChange) -> Case:
    """The state an event leaves behind."""
    case = replace(
        case,
        version=event.version,
        status=event.status,
        round=event.round,
        category=event.category,
        longitude=event.longitude,
        latitude=event.latitude,
        owner=event.owner,
        supporters=event.supporters,
        changed_at=event.changed_at,
    )
    match event:
        case cases.CheckRecorded():
            return replace(case, checks=event.number)
        case cases.CaseReferred():
            return replace(case, referrals=event.referral, referral_id=event.referral_id, agency=event.agency)
        case cases.CaseAcknowledged():
            return replace(case, acknowledged=True)
        case cases.CaseReturned() | cases.CaseEliminated():
            return replace(case, referral_id=None, agency=None, acknowledged=False)
        case cases.CaseReopened():
            return replace(case, contested=False)
        case cases.CaseTasked():
            return replace(case, executor=event.executor, task_due_at=event.due_at)
        case cases.CaseCorrected() if event.place_corrected:
            return replace(case, place_pending=event.version)
        case cases.CaseTransferred():  # whoever was asked whose the new place is has been answered
            return replace(case, place_pending=None)
        case cases.CasesMerged():
            return replace(case, merged_into=event.into, referral_id=None, agency=None, acknowledged=False)
        case _:
            return case


def _event(kind: type[E], change: Change, case: Case, actor: Role, at: datetime, **more: Any) -> E:
    status = require(case, change, actor)
    # A case's times never run backwards, whichever machine's clock told the last one.
    changed_at = max(at, case.changed_at)
    before = _state(case) | {"version": case.version + 1, "status": status, "changed_at": changed_at, "actor": actor}
    return kind(**(before | more))


def _state(case: Case) -> dict[str, Any]:
    return {
        "report_id": case.report_id,
        "version": case.version,
        "changed_at": case.changed_at,
        "case_number": case.number,
        "status": case.status,
        "round": case.round,
        "category": case.category,
        "longitude": case.longitude,
        "latitude": case.latitude,
        "owner": case.owner,
        "supporters": case.supporters,
        "submitted_at": case.submitted_at,
    }


def _open_referral(case: Case) -> dict[str, Any]:
    return {"referral_id": case.referral_id, "referral": case.referrals, "agency": case.agency}
