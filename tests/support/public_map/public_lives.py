"""Lives of reports, as the events public-map reads of them."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from chassis.kafka.messages import Received
from chassis.postgres import Database
from contracts.base import Event
from contracts.events.cases import (
    Answer,
    CaseChange,
    CaseConfirmed,
    CaseCorrected,
    CaseEliminated,
    CaseOpened,
    CaseRejected,
    CaseReopened,
    CasesMerged,
    CaseSupported,
    CaseTakenUp,
    CaseTasked,
    CaseUnconfirmed,
    Executor,
    QuestionAsked,
    WordsToReporter,
)
from contracts.events.clocks import Clock, ClockStarted, ClockStopped, DeadlineMissed
from contracts.events.districts import Level
from contracts.events.public import ReportImported
from contracts.events.reports import ReportSubmitted
from contracts.events.routing import Method, ReportRouted
from contracts.statuses import Status
from public_map import app
from support.events import OPOLE, received, report_id

PLACE = (17.923456, 50.671234)
DAY = timedelta(days=1)
STATUS_AFTER: dict[type[CaseChange], Status] = {
    CaseOpened: Status.NEW,
    CaseTakenUp: Status.VERIFICATION,
    CaseTasked: Status.VERIFICATION,
    CaseConfirmed: Status.CONFIRMED,
    CaseUnconfirmed: Status.UNCONFIRMED,
    CaseRejected: Status.REJECTED,
    CaseEliminated: Status.ELIMINATED,
    CaseReopened: Status.VERIFICATION,
}
_ANSWER = Answer(checks=2, found=1)


class Life:
    """One report; each method gives the next event of it, a minute after the one before."""

    def __init__(
        self, number: int, sent_at: datetime, category: str = "parking", place: tuple[float, float] = PLACE
    ) -> None:
        self.id, self.category, self.place, self.sent_at = report_id(number), category, place, sent_at
        self.number = f"OPO-26-{number:06}-K"
        self.receipt = f"receipt-of-{number:011}"
        self.version, self.status, self.at, self.questions = 0, Status.NEW, sent_at, 0

    def submitted(self) -> ReportSubmitted:
        return ReportSubmitted(
            report_id=self.id,
            category=self.category,
            longitude=self.place[0],
            latitude=self.place[1],
            submitted_at=self.sent_at,
            receipt_sha256=sha256(self.receipt.encode()).hexdigest(),
        )

    def routed(self) -> ReportRouted:
        return ReportRouted(
            report_id=self.id,
            longitude=self.place[0],
            latitude=self.place[1],
            category=self.category,
            submitted_at=self.sent_at,
            owner=OPOLE,
            level=Level.AREA,
            district_name="Opole",
            method=Method.CONTAINS,
            border_m=900.0,
            boundary_version="1",
        )

    def change(self, kind: type[CaseChange], *, at: datetime | None = None, **more: Any) -> CaseChange:
        self.version += 1
        self.at = at or self.at + timedelta(minutes=1)
        self.status = STATUS_AFTER.get(kind, self.status)
        if kind is CaseOpened:
            more = {"routed": True, **more}
        if kind is CaseTasked:
            more = {"executor": Executor.PATROL, "due_at": self.at + DAY, **more}
        if kind in (CaseConfirmed, CaseUnconfirmed, CaseRejected):
            more = {"answer": _ANSWER, **more}
        if kind is QuestionAsked:
            self.questions += 1
            more = {"question": self.questions, **more}
        if kind is CasesMerged:
            more = {"into": report_id(9000), "into_number": "OPO-26-009000-Z", **more}
        if kind is CaseCorrected:
            more = {
                "previous_category": self.category,
                "previous_longitude": self.place[0],
                "previous_latitude": self.place[1],
                **more,
            }
            self.category = more.pop("category", self.category)
        return kind(
            report_id=self.id,
            version=self.version,
            changed_at=self.at,
            case_number=self.number,
            status=self.status,
            category=self.category,
            longitude=self.place[0],
            latitude=self.place[1],
            owner=OPOLE,
            supporters=more.pop("supporters", 0),
            submitted_at=self.sent_at,
            **more,
        )

    def words(self, text: str) -> WordsToReporter:
        """What was written to the one who reported with the last change."""
        return WordsToReporter(report_id=self.id, version=self.version, text=text)

    def clocks(self) -> list[Event]:
        """The take-up clock missed and stopped, the verification clock running."""
        common: dict[str, Any] = {"report_id": self.id, "cycle": 1, "owner": OPOLE, "terms": "2016"}
        take_up = {**common, "clock": Clock.TAKE_UP, "started_at": self.sent_at, "due_at": self.sent_at + 2 * DAY}
        taken_up_at = self.sent_at + 3 * DAY
        return [
            ClockStarted(**take_up),
            DeadlineMissed(**take_up),
            ClockStopped(**take_up, stopped_at=taken_up_at, outcome="missed"),
            ClockStarted(
                **common, clock=Clock.VERIFICATION, started_at=taken_up_at, due_at=taken_up_at + timedelta(days=5)
            ),
        ]


def imported(number: int, changed_at: datetime, category: str = "parking", **more: Any) -> ReportImported:
    """What another system said of a report, confirmed there unless told otherwise."""
    place = more.pop("place", PLACE)
    given = {
        "report_id": report_id(number), "version": 1, "imported_at": changed_at, "source": "kmzb", "object_id": number,
        "category": category, "status": Status.CONFIRMED, "longitude": place[0], "latitude": place[1], "owner": OPOLE,
        "submitted_at": changed_at - DAY, "changed_at": changed_at, **more,
    }  # fmt: skip
    said = [given[name] for name in ("category", "status", "longitude", "latitude", "changed_at")]
    return ReportImported(**given, digest=sha256(repr(said).encode()).hexdigest())


def many_lives(now: datetime) -> Iterator[list[Event]]:
    """Reports that end in every way there is; `now` decides who is past their time."""
    ends: list[list[type[CaseChange]]] = [
        [],
        [CaseTakenUp, CaseTasked],
        [CaseTakenUp, CaseConfirmed],
        [CaseTakenUp, CaseUnconfirmed],
        [CaseTakenUp, CaseUnconfirmed, CaseReopened],
        [CaseTakenUp, CaseConfirmed, CaseEliminated],
        [CaseRejected],
        [CaseSupported],
        [CaseTakenUp, CasesMerged],
    ]
    number = 0
    for category in ("parking", "homeless-person", "dangerous-venue", "drug-use"):
        for days_ago in (1, 40):
            for end in ends:
                number += 1
                life = Life(number, now - days_ago * DAY - timedelta(hours=1), category)
                kinds: list[type[CaseChange]] = [CaseOpened, *end]
                changes = [life.change(kind) for kind in kinds]
                yield [life.submitted(), life.routed(), *changes, *life.clocks()]


def feed(database: Database, events: Sequence[Event]) -> None:
    """Let the service handle events as one batch, in one transaction."""
    batch: list[Received] = [received(event) for event in events]
    with database.transaction() as connection:
        app.handle(connection, batch)
