"""What officers see over HTTP: the lists' summaries, a case with all that is known, and what a change led to."""

from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.agencies import AgencyChannel
from contracts.events.cases import Executor, Role
from contracts.events.reports import TimeOfDay
from contracts.statuses import Status
from pydantic import BaseModel, ConfigDict, Field

from casework.domain.checks import Finding
from casework.domain.rules import Change


class CaseOwner(BaseModel):
    """Who answers for a case. All but `unit_name` are codes; `district` is the leaf district of its place."""

    model_config = ConfigDict(from_attributes=True)

    garrison: str
    unit: str
    unit_name: str
    station: str | None
    beat: str | None
    district: str | None


class CaseSummary(BaseModel):
    """A case in a list. `due_at`: the next deadline of a clock that runs; `overdue`: that has passed.

    `questions` were put to the reporter, of which `answered` are; `withdrawn`: the reporter took the report back.
    """

    report_id: UUID
    number: str
    version: int
    status: Status
    category: str
    longitude: float
    latitude: float
    owner: CaseOwner
    supporters: int
    contested: bool
    emergency_like: bool
    questions: int
    answered: int
    withdrawn: bool
    submitted_at: datetime
    changed_at: datetime
    due_at: datetime | None
    overdue: bool


class CasePage(BaseModel):
    """Newest first, overdue ones and the queue by what is due next, those searched for by number or id. `next` asks for
    what follows; None at the end.
    """

    cases: list[CaseSummary]
    next: str | None


class SimilarCase(CaseSummary):
    """A case that may be the same as another one, so many `metres` from it."""

    metres: float


class SimilarCases(BaseModel):
    """Those that may be the same, the nearest first."""

    cases: list[SimilarCase]


class HistoryEntry(BaseModel):
    """Something that happened. Only published changes have a `version`."""

    version: int | None
    what: str
    at: datetime
    role: str
    officer: str | None
    note: str | None
    detail: dict[str, Any]


class CheckDetail(BaseModel):
    """A check on site. `number` counts those of the case, `round` says which verification it belongs to."""

    number: int
    round: int
    checked_at: datetime
    officer: str
    finding: Finding
    note: str | None


class ClockDetail(BaseModel):
    """A clock of the case. `cycle`: the nth run of its kind. `missed`, `escalated_to`: what still stands."""

    clock: str
    cycle: int
    started_at: datetime
    due_at: datetime
    warned: bool
    missed: bool
    escalated_to: str | None
    stopped_at: datetime | None
    outcome: str | None


class ReferralDetail(BaseModel):
    """A referral to another agency. `number` counts those of the case."""

    referral_id: UUID
    number: int
    agency: str
    channel: AgencyChannel | None = Field(
        description="how the agency is reached now; null where it is not known any more"
    )
    made_at: datetime
    acknowledged_at: datetime | None
    ended_at: datetime | None
    outcome: str | None
    responsible_agency: str | None = Field(description="whom the agency named when it declined")


class FollowUpText(BaseModel):
    """What a citizen wrote with something said after sending. `question`: the number of the one it answers, if any."""

    what: str
    said_at: datetime | None
    question: int | None
    text: str


class RelatedCase(BaseModel):
    """Another case, in sight, that this one goes on from, or that goes on from this one."""

    report_id: UUID
    number: str
    status: Status


class CitizenWords(BaseModel):
    """What the citizen wrote, and references of their photos; both empty once `erased`."""

    description: str | None
    photos: list[str]
    erased: bool


class Named(BaseModel):
    """An agency, or a district with its full code."""

    code: str
    name: str


class CaseDetail(CaseSummary):
    """A case with everything that is known of it. `allowed`: what this officer may do to it now."""

    round: int
    occurred_at: datetime | None
    weekdays: list[int]
    time_of_day: TimeOfDay | None
    executor: Executor | None
    task_due_at: datetime | None
    merged_into: UUID | None
    district_name: str | None = Field(description="the district of its place in words, where it is known now")
    allowed: list[Change]
    proposed_agencies: list[Named] = Field(description="whom it could be referred to, by its kind and place")
    likely_agency: str | None = Field(description="of these the one to ask: whom a decline named, else the usual one")
    history: list[HistoryEntry]
    checks: list[CheckDetail]
    clocks: list[ClockDetail]
    referrals: list[ReferralDetail]
    continues: UUID | None = Field(description="the closed report this one goes on from, as its sender says")
    earlier: RelatedCase | None = Field(description="the case of that one, where it is in sight")
    later: list[RelatedCase] = Field(description="cases in sight that go on from this one, the newest first")
    words: CitizenWords | None = Field(description="None if there are none, or this officer may not read them")
    said_after: list[FollowUpText] = Field(description="reasons and answers, for whoever may read the words")


class ChangeResult(BaseModel):
    """The case after a change. One that was transferred may be out of sight now."""

    report_id: UUID
    number: str
    version: int
    status: Status
    owner: CaseOwner
    changed_at: datetime
    allowed: list[Change]


class SignedIn(BaseModel):
    """The officer a token names. `unit_name` and `garrison_name` in words, where the districts know them.

    `deputy_of`: for whom they stand in now, with whose role.
    """

    subject: str
    role: Role
    garrison: str | None
    unit: str | None
    beat: str | None
    unit_name: str | None
    garrison_name: str | None
    deputy_of: str | None


class Agencies(BaseModel):
    """Those there are, by name."""

    agencies: list[Named]


class DistrictsFound(BaseModel):
    """Those whose code or name begins as asked, a handful at most."""

    districts: list[Named]


class UnitWorkload(BaseModel):
    """What a unit has to do, by status; how much of it is overdue, and since when the longest."""

    garrison: str
    unit: str
    unit_name: str
    new: int
    verification: int
    confirmed: int
    referred: int
    contested: int
    overdue: int
    overdue_since: datetime | None


class Workload(BaseModel):
    """The units in sight that have something to do, those with most overdue first."""

    units: list[UnitWorkload]
