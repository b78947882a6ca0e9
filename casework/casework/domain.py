"""The rules of a case: which change is allowed from which status and to whom, as one table, and what it leads to."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from contracts.base import Owner
from contracts.cases import Executor, Role
from contracts.categories import category
from contracts.reports import TimeOfDay
from contracts.statuses import CLOSED, OPEN, Status


class Change(StrEnum):
    """What can be done to a case. The first thirteen are the ways officers change it, as the API spells them."""

    TAKE_UP = "take-up"
    CHECK = "checks"
    CONFIRM = "confirm"
    UNCONFIRM = "unconfirm"
    REJECT = "reject"
    REFER = "refer"
    RETURN = "return"
    ELIMINATE = "eliminate"
    REOPEN = "reopen"
    TASK = "task"
    CORRECT = "correct"
    TRANSFER = "transfer"
    MERGE = "merge"
    ACKNOWLEDGE = "acknowledge"
    SUPPORT = "support"


@dataclass(frozen=True, slots=True)
class Rule:
    """Where a change leads (None: the status stays) and who may make it."""

    to: Status | None
    by: frozenset[Role]


_BEAT, _COORDINATOR, _HEADQUARTERS = Role.BEAT_OFFICER, Role.COORDINATOR, Role.HEADQUARTERS
_AGENCY, _SYSTEM = Role.AGENCY, Role.SYSTEM

_ROWS: tuple[tuple[set[Status] | frozenset[Status], Change, Status | None, set[Role]], ...] = (
    ({Status.NEW}, Change.TAKE_UP, Status.VERIFICATION, {_BEAT, _COORDINATOR}),
    ({Status.NEW, Status.VERIFICATION}, Change.REJECT, Status.REJECTED, {_COORDINATOR}),
    ({Status.VERIFICATION}, Change.CHECK, None, {_BEAT, _COORDINATOR}),
    ({Status.VERIFICATION}, Change.CONFIRM, Status.CONFIRMED, {_BEAT, _COORDINATOR}),
    ({Status.VERIFICATION}, Change.UNCONFIRM, Status.UNCONFIRMED, {_BEAT, _COORDINATOR}),
    ({Status.CONFIRMED}, Change.REFER, Status.REFERRED, {_COORDINATOR}),
    ({Status.CONFIRMED}, Change.ELIMINATE, Status.ELIMINATED, {_COORDINATOR}),
    ({Status.REFERRED}, Change.ELIMINATE, Status.ELIMINATED, {_COORDINATOR, _AGENCY}),
    ({Status.REFERRED}, Change.RETURN, Status.CONFIRMED, {_COORDINATOR, _AGENCY}),
    ({Status.REFERRED}, Change.ACKNOWLEDGE, None, {_AGENCY}),
    (CLOSED, Change.REOPEN, Status.VERIFICATION, {_COORDINATOR}),
    (OPEN, Change.TASK, None, {_COORDINATOR, _HEADQUARTERS}),
    (OPEN, Change.CORRECT, None, {_COORDINATOR, _HEADQUARTERS}),
    # The system transfers a case whose place was corrected into another unit's district.
    (OPEN, Change.TRANSFER, None, {_COORDINATOR, _HEADQUARTERS, _SYSTEM}),
    (OPEN, Change.MERGE, None, {_COORDINATOR, _HEADQUARTERS}),
    (OPEN, Change.SUPPORT, None, {_SYSTEM}),
)
TABLE: dict[tuple[Status, Change], Rule] = {
    (status, change): Rule(to, frozenset(by)) for statuses, change, to, by in _ROWS for status in statuses
}
"""Every allowed change by the status it starts from. What is not here is not allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The state of one case. `referral_id`, `agency` and `acknowledged` speak of the referral that is open, if any.

    `place_pending` is the version that corrected the place while routing has not said yet whose the new place is.
    """

    report_id: UUID
    number: str
    version: int
    status: Status
    round: int
    category: str
    longitude: float
    latitude: float
    owner: Owner
    supporters: int
    submitted_at: datetime
    changed_at: datetime
    occurred_at: datetime | None = None
    weekdays: tuple[int, ...] = ()
    time_of_day: TimeOfDay | None = None
    contested: bool = False
    place_pending: int | None = None
    checks: int = 0
    referrals: int = 0
    referral_id: UUID | None = None
    agency: str | None = None
    acknowledged: bool = False
    executor: Executor | None = None
    task_due_at: datetime | None = None
    merged_into: UUID | None = None


class NotPermitted(Exception):
    """This role never makes this change."""

    def __init__(self, change: Change, role: Role) -> None:
        super().__init__(f"{role} may not {change}")
        self.change, self.role = change, role


class NotAllowed(Exception):
    """The change is not allowed from the status the case has; `allowed` are those that are."""

    def __init__(self, change: Change, case: Case, allowed: tuple[Change, ...]) -> None:
        super().__init__(f"{change} is not allowed from {case.status}")
        self.change, self.case, self.allowed = change, case, allowed


class Refused(Exception):
    """What was said about the change does not do; `field` names the part of it."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(f"{field}: {detail}")
        self.field, self.detail = field, detail


def may(role: Role, change: Change) -> bool:
    """Whether a role ever makes a change, from any status."""
    return any(role in rule.by for (_, made), rule in TABLE.items() if made is change)


def allowed(case: Case, role: Role) -> tuple[Change, ...]:
    """What a role may do to the case now, in the order of Change. Nothing any more once it ended in another case."""
    if case.merged_into is not None:
        return ()
    rules = ((change, TABLE.get((case.status, change))) for change in Change)
    return tuple(change for change, rule in rules if rule is not None and role in rule.by)


def require(case: Case, change: Change, role: Role) -> Status:
    """The status after a change. Raises NotPermitted for the role, NotAllowed for the status."""
    if not may(role, change):
        raise NotPermitted(change, role)
    rule = TABLE.get((case.status, change))
    if rule is None or role not in rule.by or case.merged_into is not None:
        raise NotAllowed(change, case, allowed(case, role))
    return rule.to or case.status


def counts_support(case: Case) -> bool:
    """Whether somebody else can have seen the report on the map, so that their "me too" counts."""
    known = category(case.category)
    shown = known.public if known else "never"
    public = shown == "always" or (shown == "confirmed" and case.status in {Status.CONFIRMED, Status.REFERRED})
    return public and case.status in OPEN and case.merged_into is None
