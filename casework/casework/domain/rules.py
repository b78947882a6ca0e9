"""Which change of a case is allowed from which status and to whom: one table, and the questions it answers.

The statuses are the police map's (guidelines of 2016-2019); the table is docs/architecture.md's in code. Nothing else
decides who may do what: lists of roles and statuses in SQL are held equal to this table by a test.
"""

from dataclasses import dataclass
from enum import StrEnum

from contracts.events.cases import Role
from contracts.statuses import CLOSED, OPEN, Status

from casework.domain.case import Case


class Change(StrEnum):
    """What can be done to a case. The first sixteen are the ways officers change it, as the API spells them."""

    TAKE_UP = "take-up"
    CHECK = "checks"
    CONFIRM = "confirm"
    UNCONFIRM = "unconfirm"
    REJECT = "reject"
    REFER = "refer"
    ACKNOWLEDGE = "acknowledge"
    RETURN = "return"
    ELIMINATE = "eliminate"
    REOPEN = "reopen"
    UPHOLD = "uphold"
    ASK = "ask"
    TASK = "task"
    CORRECT = "correct"
    TRANSFER = "transfer"
    MERGE = "merge"
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
    # The coordinator, where the agency said so by letter or telephone.
    ({Status.REFERRED}, Change.ACKNOWLEDGE, None, {_COORDINATOR, _AGENCY}),
    (CLOSED, Change.REOPEN, Status.VERIFICATION, {_COORDINATOR}),
    (CLOSED, Change.UPHOLD, None, {_COORDINATOR}),
    (OPEN, Change.ASK, None, {_COORDINATOR, _HEADQUARTERS}),
    (OPEN, Change.TASK, None, {_COORDINATOR, _HEADQUARTERS}),
    (OPEN, Change.CORRECT, None, {_COORDINATOR, _HEADQUARTERS}),
    # The system transfers a case whose place was corrected into another unit's district.
    (OPEN, Change.TRANSFER, None, {_COORDINATOR, _HEADQUARTERS, _SYSTEM}),
    # Not once an agency was asked: nobody would tell it. The other case ends in this one, or it is taken back.
    ({Status.NEW, Status.VERIFICATION, Status.CONFIRMED}, Change.MERGE, None, {_COORDINATOR, _HEADQUARTERS}),
    (OPEN, Change.SUPPORT, None, {_SYSTEM}),
)
TABLE: dict[tuple[Status, Change], Rule] = {
    (status, change): Rule(to, frozenset(by)) for statuses, change, to, by in _ROWS for status in statuses
}
"""Every allowed change by the status it starts from. What is not here is not allowed."""


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
    """What was sent about a change can't be right; `field` names the part of it, `detail` what is wrong with it."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(f"{field}: {detail}")
        self.field, self.detail = field, detail


def permits(role: Role, change: Change) -> bool:
    """Whether a role ever makes a change, from any status."""
    return any(role in rule.by for (_, made), rule in TABLE.items() if made is change)


def allowed_changes(case: Case, role: Role) -> tuple[Change, ...]:
    """What a role may do to the case now, in the order of Change. Nothing any more once it ended in another case."""
    if case.merged_into is not None:
        return ()
    rules = ((change, TABLE.get((case.status, change))) for change in Change)
    return tuple(change for change, rule in rules if rule is not None and role in rule.by and _applies(change, case))


def _applies(change: Change, case: Case) -> bool:
    """Whether what was said leaves room for it: a contest, who would keep an answer, no acknowledgement yet."""
    match change:
        case Change.UPHOLD:
            return case.contested
        case Change.ASK:
            return not case.erased
        case Change.ACKNOWLEDGE:
            return not case.acknowledged
        case _:
            return True


def status_after(case: Case, change: Change, role: Role) -> Status:
    """The status a change leads to. Raises NotPermitted for the role, NotAllowed for the status."""
    if not permits(role, change):
        raise NotPermitted(change, role)
    allowed = allowed_changes(case, role)
    if change not in allowed:
        raise NotAllowed(change, case, allowed)
    return TABLE[case.status, change].to or case.status
