"""What one instance of casework says to another whose case it is from now on (docs/decisions/0100)."""

from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from contracts.base import (
    Code,
    Count,
    DueInstant,
    Instant,
    Latitude,
    Longitude,
    Name,
    Owner,
    ReportEvent,
    Version,
)
from contracts.events.cases import Executor, Role
from contracts.events.reports import TimeOfDay, Weekday
from contracts.statuses import Status


class HandedCheck(msgspec.Struct, frozen=True, kw_only=True):
    """A check on site, without who made it."""

    number: Version
    round: Version
    checked_at: Instant
    finding: Literal["found", "not_found"]


class HandedReferral(msgspec.Struct, frozen=True, kw_only=True):
    """A referral that has ended, so that an answer that comes late is known to belong to one."""

    referral_id: UUID
    number: Version
    agency: Code
    made_at: Instant
    acknowledged_at: Instant | None = None
    ended_at: Instant
    outcome: Code
    responsible_agency: Name | None = None


class AppliedFollowUp(msgspec.Struct, frozen=True, kw_only=True):
    """Something a citizen said that the case knows already. `sender` tells repeats apart, `cause` is the event's id."""

    kind: Code
    sender: Annotated[str, Meta(pattern=r"^[0-9a-f-]{0,64}$")]
    said_at: Instant
    cause: UUID


class CaseHandedOver(ReportEvent, frozen=True, kw_only=True):
    """The whole state of a case at the `version` of its transfer: the instance `to` goes on with the next one.

    Nobody's words and nobody's name: the citizen's are said again on `content`, officers' stay where they are.
    """

    to: Code
    version: Version
    changed_at: Instant
    case_number: Code
    status: Status
    round: Version
    category: Code
    longitude: Longitude
    latitude: Latitude
    owner: Owner
    previous: Owner
    by_routing: bool = False
    actor: Role = Role.SYSTEM
    supporters: Count
    submitted_at: Instant
    running_since: Instant | None = None
    occurred_at: Instant | None = None
    weekdays: tuple[Weekday, ...] = ()
    time_of_day: TimeOfDay | None = None
    contested: bool = False
    upheld_round: Count = 0
    questions: Count = 0
    answered: Count = 0
    withdrawn: bool = False
    erased: bool = False
    emergency_like: bool = False
    continues: UUID | None = None
    executor: Executor | None = None
    task_due_at: DueInstant | None = None
    checks: tuple[HandedCheck, ...] = ()
    referrals: tuple[HandedReferral, ...] = ()
    follow_ups: tuple[AppliedFollowUp, ...] = ()
