"""Officers: which cases their role lets them see, and what they ask a list of cases for.

Row-level security says of the roles the same in SQL; a test compares.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, StrEnum
from typing import Annotated
from uuid import UUID

import msgspec
from contracts.base import HEADQUARTERS, Owner
from contracts.events.cases import Role
from contracts.statuses import Status

_HEXADECIMAL = re.compile("[0-9A-Fa-f-]+")


class Scope(StrEnum):
    """How far a role sees."""

    UNIT = "unit"
    GARRISON = "garrison"
    COUNTRY = "country"


SCOPES: dict[Role, Scope] = {
    Role.BEAT_OFFICER: Scope.UNIT,
    Role.COORDINATOR: Scope.UNIT,
    Role.GARRISON: Scope.GARRISON,
    Role.HEADQUARTERS: Scope.COUNTRY,
}
"""The roles officers have, with what each sees. Who is not here is no officer."""


@dataclass(frozen=True, slots=True)
class Officer:
    """Who asks. `garrison` is there for all but headquarters, `unit` for whoever sees one; all places are codes.

    A unit's code is its garrison's own: without the garrison it names nobody. `deputy_of`: whom they stand in for now,
    with whose role.
    """

    subject: str
    role: Role
    garrison: str | None = None
    unit: str | None = None
    beat: str | None = None
    deputy_of: str | None = None


class Order(Enum):
    """What a list is sorted by: fields of its cases, of which the last tells them apart. Only NEWEST falls."""

    NEWEST = ("submitted_at", "report_id")
    DUE = ("due_order", "report_id")
    NUMBER = ("number",)
    ID = ("report_id",)


class Position(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The case a page of a list ended at: its report, and what else that list is sorted by.

    `due_order` is its place in the queue: its deadline, or before all others where contested, after them without one.
    """

    report_id: UUID
    submitted_at: datetime | None = None
    due_order: datetime | None = None
    number: Annotated[str, msgspec.Meta(pattern="^[0-9A-Z-]+$")] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFilter:
    """What a list is asked for; None asks for nothing in particular.

    `queue` asks for what there is to do, by what is due next: open cases, and decided ones that are contested.
    `query` is how a case number or a report id begins, `after` the position the page before ended at.
    """

    statuses: Sequence[Status] | None = None
    overdue: bool | None = None
    queue: bool = False
    garrison: str | None = None
    unit: str | None = None
    beat: str | None = None
    category: str | None = None
    query: str | None = None
    after: Position | None = None

    @property
    def order(self) -> Order:
        """What the list is sorted by: no garrison's code is all hexadecimal, so no number begins as an id does."""
        if self.query is not None:
            return Order.ID if _HEXADECIMAL.fullmatch(self.query) else Order.NUMBER
        return Order.DUE if self.overdue or self.queue else Order.NEWEST


def sees(officer: Officer, owner: Owner) -> bool:
    """Whether the cases of an owner are in the officer's sight."""
    match SCOPES.get(officer.role):
        case Scope.COUNTRY:
            return True
        case Scope.GARRISON:
            return officer.garrison == owner.garrison
        case Scope.UNIT:
            return (officer.garrison, officer.unit) == (owner.garrison, owner.unit)
        case None:
            return False


def reads_words(officer: Officer, owner: Owner) -> bool:
    """Whether the officer may read the citizen's words: who works the case may, not who oversees it."""
    works = SCOPES.get(officer.role) is Scope.UNIT
    works = works or (officer.role is Role.HEADQUARTERS and owner.unit == HEADQUARTERS.unit)
    return works and sees(officer, owner)
