"""Rosters: who is on duty at a desk from when to when, and who stands in for whom."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from contracts.base import HEADQUARTERS
from contracts.events.cases import Role
from contracts.events.duty.rosters import DutyTime

from casework.domain.officers import SCOPES, Officer, Scope
from casework.domain.rules import Refused

LONGEST = timedelta(days=366)
FURTHEST = timedelta(days=2 * 366)
"""How far ahead an entry may begin."""
# Somebody writes down what has just begun, by a clock that shows minutes.
_BEGUN = timedelta(minutes=15)
MOST_ENTRIES = 500
"""Entries of a desk that have not ended: a year of shifts, and some more."""
_FIRST = datetime(2026, 1, 1, tzinfo=UTC)


class Kind(StrEnum):
    """A turn of duty, or the time somebody stands in for somebody else."""

    SHIFT = "shift"
    DEPUTY = "deputy"


def next_version(version: int, at: datetime) -> int:
    """The version of a roster that is changed at an instant: above its last one in this store, and above any other's.

    A garrison may go to another instance (docs/decisions/0100), in whose store its rosters begin. So it is the seconds
    since 2026, and one more than the last where two changes share one.
    """
    return max(version + 1, (at - _FIRST) // timedelta(seconds=1))


@dataclass(frozen=True, slots=True)
class Desk:
    """Whoever has somebody on duty: a unit, a garrison (its code stands twice) or headquarters."""

    garrison: str
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of a roster: from when until when an officer is on duty, or stands in for the `principal`.

    Officers are named as their tokens do (`sub`). Without `email` messages go by the desk's own channels meanwhile.
    """

    entry_id: UUID
    kind: Kind
    officer: str
    principal: str | None = None
    email: str | None = None
    starts_at: datetime
    ends_at: datetime

    def holds(self, at: datetime) -> bool:
        """Whether it is in force at an instant."""
        return self.starts_at <= at < self.ends_at


@dataclass(frozen=True, slots=True)
class OnDuty:
    """Who has duty until when, and for whom, where it is a deputy."""

    officer: str
    email: str | None
    until: datetime
    instead_of: str | None = None


def desk_of(officer: Officer) -> Desk:
    """The desk an officer belongs to."""
    match SCOPES[officer.role]:
        case Scope.UNIT:
            return Desk(officer.garrison or "", officer.unit or "")
        case Scope.GARRISON:
            return Desk(officer.garrison or "", officer.garrison or "")
        case Scope.COUNTRY:
            return Desk(HEADQUARTERS.garrison, HEADQUARTERS.unit)


def keeps_roster(officer: Officer, desk: Desk) -> bool:
    """Whether an officer keeps a desk's roster: the coordinator of a unit, garrison and headquarters their own."""
    return officer.role is not Role.BEAT_OFFICER and officer.role in SCOPES and desk_of(officer) == desk


def as_deputy(officer: Officer, principal: str | None) -> Officer:
    """The officer with what the principal may whom they stand in for, who kept the roster of their own unit."""
    if principal is None or officer.role is not Role.BEAT_OFFICER:
        return officer
    return replace(officer, role=Role.COORDINATOR, deputy_of=principal)


def require_possible(new: Entry, others: Iterable[Entry], at: datetime, by: Officer) -> None:
    """Raises Refused, which names the field, for an entry that does not fit the roster as it is."""
    if new.ends_at <= new.starts_at:
        raise Refused("ends_at", "lies before the beginning")
    if new.starts_at < at - _BEGUN:
        raise Refused("starts_at", "has passed")
    if new.starts_at > at + FURTHEST:
        raise Refused("starts_at", f"lies more than {FURTHEST.days} days ahead")
    if new.ends_at - new.starts_at > LONGEST:
        raise Refused("ends_at", f"is longer than {LONGEST.days} days after the beginning")
    if new.officer == new.principal:
        raise Refused("officer", "stands in for themselves")
    if new.kind is Kind.DEPUTY and by.deputy_of is not None:
        raise Refused("principal", "is not for a deputy to name: only who has the role may")
    same = [one for one in others if one.kind is new.kind and one.principal == new.principal and one.ends_at > at]
    for one in same:
        if one.starts_at < new.ends_at and new.starts_at < one.ends_at:
            raise Refused("starts_at", f"{one.officer} has it then already")
    if len(same) >= MOST_ENTRIES:
        raise Refused("starts_at", f"the roster holds {MOST_ENTRIES} lines already")


def on_duty(entries: Sequence[Entry], at: datetime) -> OnDuty | None:
    """Who has duty at an instant: whose turn it is, or who stands in for them."""
    shift = next((one for one in entries if one.kind is Kind.SHIFT and one.holds(at)), None)
    if shift is None:
        return None
    deputy = next((one for one in _deputies(entries, shift) if one.holds(at)), None)
    if deputy is None:
        begins = (one.starts_at for one in _deputies(entries, shift) if one.starts_at > at)
        return OnDuty(shift.officer, shift.email, min([shift.ends_at, *begins]))
    return OnDuty(deputy.officer, deputy.email, min(shift.ends_at, deputy.ends_at), shift.officer)


def times(entries: Sequence[Entry], at: datetime) -> tuple[DutyTime, ...]:
    """To which address messages go from an instant on, and when: without those that have none."""
    edges = sorted({edge for one in entries for edge in (one.starts_at, one.ends_at) if edge > at} | {at})
    found = (
        DutyTime(starts_at=begins, ends_at=ends, email=who.email)
        for begins, ends in zip(edges, edges[1:], strict=False)
        if (who := on_duty(entries, begins)) is not None and who.email is not None
    )
    return tuple(_joined(found))


def _deputies(entries: Iterable[Entry], shift: Entry) -> list[Entry]:
    return [one for one in entries if one.kind is Kind.DEPUTY and one.principal == shift.officer]


def _joined(found: Iterable[DutyTime]) -> Iterator[DutyTime]:
    """The same, where one follows the other without a gap to the same address in one."""
    last: DutyTime | None = None
    for time in found:
        if last is not None and (last.ends_at, last.email) == (time.starts_at, time.email):
            last = DutyTime(starts_at=last.starts_at, ends_at=time.ends_at, email=time.email)
            continue
        if last is not None:
            yield last
        last = time
    if last is not None:
        yield last
