"""Made-up lives of reports, as routing and casework would tell them, and terms in seconds to run them under."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from contracts.base import Owner, ReportEvent
from contracts.events.cases import (
    Answer,
    CaseAcknowledged,
    CaseChange,
    CaseConfirmed,
    CaseCorrected,
    CaseEliminated,
    CaseOpened,
    CaseReferred,
    CaseRejected,
    CaseReopened,
    CaseReturned,
    CasesMerged,
    CaseSupported,
    CaseTakenUp,
    CaseTransferred,
    CaseUnconfirmed,
    CheckRecorded,
    DecisionUpheld,
    QuestionAsked,
)
from contracts.events.districts import Level
from contracts.events.reports import ReportSubmitted
from contracts.events.routing import Method, ReportRouted
from contracts.policy.terms import Policy
from contracts.statuses import Status
from support.events import OPOLE, SUBMITTED, report_id

PLACE: dict[str, Any] = {"category": "parking", "longitude": 17.92, "latitude": 50.67}
# What can be done with a case in each status, and the status after it (None: the same).
CHANGES: Mapping[Status, Mapping[type[CaseChange], Status | None]] = {
    Status.NEW: {CaseTakenUp: Status.VERIFICATION, CaseRejected: Status.REJECTED},
    Status.VERIFICATION: {
        CheckRecorded: None,
        CaseConfirmed: Status.CONFIRMED,
        CaseUnconfirmed: Status.UNCONFIRMED,
        CaseRejected: Status.REJECTED,
    },
    Status.CONFIRMED: {CaseReferred: Status.REFERRED, CaseEliminated: Status.ELIMINATED},
    Status.REFERRED: {
        CaseAcknowledged: None,
        CaseReturned: Status.CONFIRMED,
        CaseEliminated: Status.ELIMINATED,
    },
    Status.UNCONFIRMED: {CaseReopened: Status.VERIFICATION, DecisionUpheld: None},
    Status.ELIMINATED: {CaseReopened: Status.VERIFICATION, DecisionUpheld: None},
    Status.REJECTED: {CaseReopened: Status.VERIFICATION, DecisionUpheld: None},
}
WHILE_OPEN = (QuestionAsked, CaseTransferred, CaseCorrected, CaseSupported, CasesMerged)


def terms_in_seconds(
    *,
    take_up: float = 10,
    verification: float = 20,
    acknowledgement: float = 15,
    review: float = 30,
    alerts: tuple[float, float, float] = (3, 4, 8),
    garrisons: Mapping[str, tuple[float, float, float]] | None = None,
) -> Policy:
    """Terms that run in seconds. Alerts: the warning before, garrison and headquarters after the deadline."""
    lengths = {"take_up": take_up, "verification": verification, "acknowledgement": acknowledgement, "review": review}
    terms = {name: {"seconds": length} for name, length in lengths.items()}
    since = SUBMITTED - timedelta(days=3650)
    own = {code: _alerts(*their) for code, their in (garrisons or {}).items()}
    return msgspec.convert(
        {
            "terms": [{"version": "seconds", "effective_from": since, **terms}],
            "alerts": _alerts(*alerts) | {"garrison": own},
        },
        Policy,
    )


def _alerts(warning: float, garrison: float, headquarters: float) -> dict[str, Any]:
    lengths = {"warning": warning, "garrison": garrison, "headquarters": headquarters}
    times = {name: {"seconds": length} for name, length in lengths.items()}
    return {"take_up": times, "verification": times, "acknowledgement": times}


class Life:
    """One report's events, in the order they happened. Times are seconds after it was sent."""

    def __init__(self, number: int = 1, *, start: datetime = SUBMITTED, owner: Owner = OPOLE) -> None:
        self.id: UUID = report_id(number)
        self.start, self.owner = start, owner
        self.status, self.round, self.referral, self.merged = Status.NEW, 1, 0, False
        self.changes: list[CaseChange] = []

    @property
    def submitted(self) -> ReportSubmitted:
        return ReportSubmitted(report_id=self.id, submitted_at=self.start, receipt_sha256="0" * 64, **PLACE)

    @property
    def routed(self) -> ReportRouted:
        return ReportRouted(
            report_id=self.id,
            submitted_at=self.start,
            owner=self.owner,
            level=Level.AREA,
            district_name="Opole",
            method=Method.CONTAINS,
            border_m=1200.0,
            boundary_version="1",
            **PLACE,
        )

    @property
    def events(self) -> list[ReportEvent]:
        return [self.submitted, self.routed, *self.changes]

    def possible(self) -> list[type[CaseChange]]:
        """What could happen next; nothing after a merge."""
        if not self.changes:
            return [CaseOpened]
        if self.merged:
            return []
        return [*CHANGES[self.status], *(WHILE_OPEN if self.status in _OPEN else ())]

    def then(self, kind: type[CaseChange], after: float, **more: Any) -> "Life":
        """The next change, so many seconds after the report was sent."""
        self.round += kind is CaseReopened
        self.referral += kind is CaseReferred
        self.merged = kind is CasesMerged
        before = self.status
        self.status = CHANGES[before].get(kind) or before
        number = len(self.changes) + 1
        own = _OWN[kind](self) if kind in _OWN else {}
        if kind is CaseEliminated and before is Status.REFERRED:
            own = _referral(self)
        state = {
            "report_id": self.id,
            "version": number,
            "changed_at": self.start + timedelta(seconds=after),
            "case_number": "OPO-26-000001-A",
            "status": self.status,
            "round": self.round,
            "owner": self.owner,
            "submitted_at": self.start,
        }
        self.changes.append(kind(**{**PLACE, **state, **own, **more}))
        return self


_OPEN = {Status.NEW, Status.VERIFICATION, Status.CONFIRMED, Status.REFERRED}
_ANSWER = Answer(checks=2, found=1)
_OWN: dict[type[CaseChange], Callable[[Life], dict[str, Any]]] = {
    CaseOpened: lambda life: {"routed": True},
    CheckRecorded: lambda life: {"number": 1, "checked_at": life.start, "finding": "found"},
    QuestionAsked: lambda life: {"question": 1},
    CaseConfirmed: lambda life: {"answer": _ANSWER},
    CaseUnconfirmed: lambda life: {"answer": _ANSWER},
    CaseRejected: lambda life: {"answer": _ANSWER},
    CaseReferred: lambda life: _referral(life),
    CaseAcknowledged: lambda life: _referral(life),
    CaseReturned: lambda life: _referral(life),
    CaseTransferred: lambda life: {"previous": life.owner},
    CaseCorrected: lambda life: {
        "previous_category": "parking",
        "previous_longitude": 17.92,
        "previous_latitude": 50.67,
        "category": "speeding",
    },
    CasesMerged: lambda life: {"into": report_id(999), "into_number": "OPO-26-000999-B"},
}


def _referral(life: Life) -> dict[str, Any]:
    return {"referral_id": report_id(life.referral), "referral": life.referral, "agency": "road-manager"}
