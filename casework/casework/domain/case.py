"""The state of a case, and the state each event leaves it in."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from contracts.base import Owner
from contracts.events import cases
from contracts.events.cases import CaseChange, Executor
from contracts.events.clocks import Clock, ClockState
from contracts.events.reports import TimeOfDay
from contracts.policy.terms import Policy
from contracts.statuses import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The state of one case. Longitude and latitude are WGS 84 degrees, times are instants with a zone.

    `round` counts verifications from 1, `supporters` those who saw the same. `referral_id`, `agency` and `acknowledged`
    belong to the referral that is open, if any. `place_pending` is the version that corrected the place while routing
    has not answered yet whose the new place is. `merged_into` is the report whose case goes on for this one.
    `questions` counts what the reporter was asked, `answered` what of it they answered; `withdrawn` once they took the
    report back, `erased` once they had their words erased. `upheld_round` is the round whose contested decision the
    coordinator upheld last, 0 for none.
    `running_since` is when the take-up or verification that is owed began to count, `next_due_at` the earliest deadline
    of the clocks that run, which the store of clocks keeps once the case is open.
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
    upheld_round: int = 0
    questions: int = 0
    answered: int = 0
    withdrawn: bool = False
    erased: bool = False
    emergency_like: bool = False
    continues: UUID | None = None
    place_pending: int | None = None
    checks: int = 0
    referrals: int = 0
    referral_id: UUID | None = None
    agency: str | None = None
    acknowledged: bool = False
    executor: Executor | None = None
    task_due_at: datetime | None = None
    merged_into: UUID | None = None
    running_since: datetime | None = None
    next_due_at: datetime | None = None

    @classmethod
    def of(cls, fields: Mapping[str, Any]) -> "Case":
        """A case from its fields by name, among them its owner's; what else there is does not matter."""
        own = {name: fields[name] for name in cls.__dataclass_fields__ if name in fields}
        return cls(
            **own
            | {
                "status": Status(fields["status"]),
                "owner": owner_from(fields),
                "weekdays": tuple(fields["weekdays"]),
                "time_of_day": TimeOfDay(fields["time_of_day"]) if fields["time_of_day"] else None,
                "executor": Executor(fields["executor"]) if fields["executor"] else None,
            }
        )

    @property
    def fields(self) -> dict[str, Any]:
        """The fields by name, the owner's in place of the owner."""
        own = {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "owner"}
        return own | msgspec.structs.asdict(self.owner)


def owner_from(fields: Mapping[str, Any]) -> Owner:
    """The owner from its fields by name, among whatever else."""
    return Owner(**{name: fields[name] for name in Owner.__struct_fields__})


def owed_clock(case: Case, terms: Policy) -> ClockState | None:
    """The clock of the take-up or verification a case owes, as the SLA monitor reckons it from `running_since`.

    None where neither is owed, or no terms were in force.
    """
    clock = {Status.NEW: Clock.TAKE_UP, Status.VERIFICATION: Clock.VERIFICATION}.get(case.status)
    since = case.running_since
    if clock is None or since is None:
        return None
    try:
        due_at = terms.terms_at(since).due_at(clock, case.category, since)
    except LookupError:
        return None
    cycle = 1 if clock is Clock.TAKE_UP else case.round
    return ClockState(report_id=case.report_id, clock=clock, cycle=cycle, started_at=since, due_at=due_at)


def apply(case: Case, event: CaseChange) -> Case:
    """The state of a case after an event that was decided on the state `case`."""
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
        running_since=event.running_since,
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
        case cases.DecisionUpheld():
            return replace(case, contested=False, upheld_round=event.round)
        case cases.QuestionAsked():
            return replace(case, questions=event.question)
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
