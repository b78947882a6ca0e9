"""Each change of a case as a pure function: from the state before to the event that publishes it.

Every function takes the state of the case, the role that acts and the moment `at`, and raises NotPermitted or
NotAllowed where the table of rules does not allow the change. What it raises beside that stands with it. Changes that
bring in another agency, unit or case are in `handovers`.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from contracts.base import POLAND
from contracts.events import cases
from contracts.events.cases import CaseChange, Executor, Role
from contracts.policy.categories import catalogue_at
from contracts.statuses import Status

from casework.domain.case import Case
from casework.domain.checks import Finding, SiteCheck, public_answer, require_checked_at, require_checks
from casework.domain.rules import Change, Refused, status_after

E = TypeVar("E", bound=CaseChange)
TASK_WITHIN = timedelta(days=366)
"""How far ahead somebody may be sent to look; a later time is a slip of the hand."""


def opened(case: Case, *, routed: bool, boundary_version: str | None) -> cases.CaseOpened:
    """The event of a new case, whose state is version 1. `routed` is false where nobody was found to answer for it."""
    return cases.CaseOpened(**_state(case), routed=routed, boundary_version=boundary_version)


def taken_up(case: Case, actor: Role, at: datetime) -> cases.CaseTakenUp:
    """Somebody read the report and will check: verification begins."""
    return change_event(cases.CaseTakenUp, Change.TAKE_UP, case, actor, at)


def checked(case: Case, actor: Role, at: datetime, *, checked_at: datetime, finding: Finding) -> cases.CheckRecorded:
    """Somebody was there. Raises Refused for a check in the future or before the report."""
    status_after(case, Change.CHECK, actor)
    require_checked_at(case, checked_at, at)
    return change_event(
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
    """It is true. `checks` are all of the case; those of this round make the public answer."""
    return change_event(cases.CaseConfirmed, Change.CONFIRM, case, actor, at, answer=public_answer(case, checks))


def unconfirmed(
    case: Case, actor: Role, at: datetime, checks: Sequence[SiteCheck], *, needed: int, reason: str | None
) -> cases.CaseUnconfirmed:
    """It was not found. Raises Refused when fewer than `needed` checks carry that and no reason is given."""
    answer = public_answer(case, checks)
    event = change_event(cases.CaseUnconfirmed, Change.UNCONFIRM, case, actor, at, answer=answer)
    require_checks(case, checks, needed, reason)
    return event


def rejected(case: Case, actor: Role, at: datetime, checks: Sequence[SiteCheck]) -> cases.CaseRejected:
    """It was a joke or a mistake."""
    return change_event(cases.CaseRejected, Change.REJECT, case, actor, at, answer=public_answer(case, checks))


def eliminated(case: Case, actor: Role, at: datetime) -> cases.CaseEliminated:
    """The threat is gone; a referral that was open ends with it."""
    ended = {"referral": case.referrals, "referral_id": case.referral_id, "agency": case.agency}
    return change_event(cases.CaseEliminated, Change.ELIMINATE, case, actor, at, **(ended if case.referral_id else {}))


def reopened(case: Case, actor: Role, at: datetime) -> cases.CaseReopened:
    """A closed case is verified again, in its next round."""
    return change_event(
        cases.CaseReopened, Change.REOPEN, case, actor, at, round=case.round + 1, contested=case.contested
    )


def upheld(case: Case, actor: Role, at: datetime) -> cases.DecisionUpheld:
    """The contested decision stands; it can't be contested again."""
    return change_event(cases.DecisionUpheld, Change.UPHOLD, case, actor, at)


def asked(case: Case, actor: Role, at: datetime) -> cases.QuestionAsked:
    """The one who reported is asked something."""
    return change_event(cases.QuestionAsked, Change.ASK, case, actor, at, question=case.questions + 1)


def tasked(case: Case, actor: Role, at: datetime, *, executor: Executor, due_at: datetime) -> cases.CaseTasked:
    """Somebody is sent to look. Raises Refused for a `due_at` that has passed or lies beyond `TASK_WITHIN`."""
    status_after(case, Change.TASK, actor)
    if due_at <= at:
        raise Refused("due_at", "has passed")
    if due_at > at + TASK_WITHIN:
        raise Refused("due_at", f"lies more than {TASK_WITHIN.days} days ahead")
    return change_event(cases.CaseTasked, Change.TASK, case, actor, at, executor=executor, due_at=due_at)


def corrected(
    case: Case, actor: Role, at: datetime, *, category: str | None, place: tuple[float, float] | None
) -> cases.CaseCorrected:
    """Another category, another place (longitude, latitude in WGS 84 degrees), or both.

    Raises Refused for a category that is not in force at `at`, a place outside Poland, or when nothing is corrected.
    """
    status_after(case, Change.CORRECT, actor)
    longitude, latitude = place or (case.longitude, case.latitude)
    moved = (longitude, latitude) != (case.longitude, case.latitude)
    west, south, east, north = POLAND
    if category is not None and category != case.category and category not in catalogue_at(at).by_code:
        raise Refused("category", "is none of the categories in force")
    if not (west <= longitude <= east and south <= latitude <= north):
        raise Refused("longitude", "the place lies outside Poland")
    if not moved and category in {None, case.category}:
        raise Refused("category", "nothing is corrected: name another category or another place")
    return change_event(
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


def supported(case: Case, at: datetime) -> cases.CaseSupported:
    """Somebody else saw the same."""
    return change_event(cases.CaseSupported, Change.SUPPORT, case, Role.SYSTEM, at, supporters=case.supporters + 1)


def change_event(kind: type[E], change: Change, case: Case, actor: Role, at: datetime, **more: Any) -> E:
    """The event of a change: the state of the case at its next version, with what `more` changes of it or adds.

    Raises NotPermitted or NotAllowed where the table of rules does not allow the change.
    """
    status = status_after(case, change, actor)
    # A case's times never run backwards, whichever machine's clock dated the last one.
    changed_at = max(at, case.changed_at)
    running_since = case.running_since
    if status is not case.status:
        running_since = changed_at if status is Status.VERIFICATION else None
    after = _state(case) | {
        "version": case.version + 1,
        "status": status,
        "changed_at": changed_at,
        "running_since": running_since,
        "actor": actor,
    }
    return kind(**(after | more))


def _state(case: Case) -> dict[str, Any]:
    """What every event of a case carries."""
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
        "running_since": case.running_since,
    }
