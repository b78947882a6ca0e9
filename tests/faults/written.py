"""Ledgers of one report, written by hand: a sound one, and what spoils it, for those who test the judge."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid5

import msgspec
from contracts.base import Event
from contracts.events.cases import CaseChange, CaseOpened, CaseTakenUp
from contracts.events.clocks import Clock, ClockStarted, ClockStopped, Step, step_id
from contracts.events.notices import Audience, Channel, NoticeSent
from contracts.topics import SLA_MONITOR
from support.events import OPOLE, SUBMITTED, outgoing
from support.histories import PLACE, Life, terms_in_seconds

from faults.judging.facts import Facts
from faults.judging.verdict import Verdict, judge
from faults.ledger import Answered, Changed, Committed, Ended, Line, Mail, Message, ReceiptRead, Sent

TERMS = terms_in_seconds(take_up=10, verification=20, review=3600, alerts=(3, 4, 8))
LATER = 0.05


def at(after: float) -> datetime:
    """So many seconds after the report was sent."""
    return SUBMITTED + timedelta(seconds=after)


@dataclass
class Written:
    """A ledger of one report, written down as it happens."""

    life: Life
    lines: list[Line] = field(default_factory=list)

    def say(self, event: Event, after: float, **context: Any) -> Message:
        """A message that is on the log so many seconds after the report was sent."""
        made = outgoing(event, at=at(after), **context)
        headers = dict(made.headers)
        assert made.value is not None
        message = Message(
            topic=made.topic,
            partition=3,
            offset=len(self.lines),
            at=at(after + LATER),
            arrived=at(after + LATER),
            key=made.key,
            id=headers["ce_id"].decode(),
            event=type(event).__name__,
            time=headers["ce_time"].decode(),
            sha=sha256(made.value).hexdigest(),
            body=msgspec.Raw(made.value),
        )
        self.lines.append(message)
        return message

    def change(self, kind: type[CaseChange], after: float) -> None:
        """A change an officer made and was answered for."""
        event = self.life.then(kind, after).changes[-1]
        self.say(event, after, event_id=uuid5(event.report_id, f"change/{event.version}"))
        report_id, version = event.report_id, event.version
        committed = at(after + LATER / 2)
        self.lines += [
            Changed(
                at=at(after),
                report_id=report_id,
                change=kind.__name__,
                asked_version=version - 1,
                asked_at=at(after),
                due_at=at(after),
                status=200,
                version=version,
                changed_at=event.changed_at,
            ),
            Committed(report_id=report_id, version=version, at=event.changed_at, committed_at=committed),
        ]

    def clock(self, kind: type[Any], step: Step, clock: Clock, started: float, due: float, **more: Any) -> Message:
        """A step of the first cycle of a clock, said when its time has come."""
        event = kind(
            report_id=self.life.id,
            clock=clock,
            cycle=1,
            owner=OPOLE,
            started_at=at(started),
            due_at=at(due),
            terms="seconds",
            **more,
        )
        after = more.get("stopped_at")
        when = (after - SUBMITTED).total_seconds() if after else started if kind is ClockStarted else due
        return self.say(event, when, source=SLA_MONITOR, event_id=step_id(self.life.id, clock, 1, step))

    def tell(self, cause: UUID, kind: str, audience: Audience, recipient: str, after: float) -> None:
        """A notice by mail that was sent and arrived."""
        notice_id = uuid5(cause, f"{recipient}/email")
        self.say(
            NoticeSent(
                notice_id=notice_id,
                report_id=self.life.id,
                kind=kind,
                channel=Channel.EMAIL,
                audience=audience,
                recipient=recipient,
                attempt=1,
                at=at(after),
            ),
            after,
        )
        self.mail(notice_id, recipient, kind)

    def mail(self, notice_id: UUID, recipient: str, words: str) -> None:
        """A mail in the mailbox."""
        self.lines.append(
            Mail(
                at=at(30),
                message_id=f"{notice_id}@policja.example",
                to=f"{recipient.lower()}@policja.example",
                subject=words,
                sha=words,
                reports=(self.life.id,),
            )
        )

    def replace(self, kind: type[Line], test: Callable[[Any], bool] = lambda _: True, **fields: Any) -> None:
        """Say something else in every line of a kind that meets a test."""
        self.lines = [
            msgspec.structs.replace(line, **fields) if isinstance(line, kind) and test(line) else line
            for line in self.lines
        ]

    def drop(self, test: Callable[[Any], bool]) -> None:
        """Take lines away."""
        self.lines = [line for line in self.lines if not test(line)]

    def judged(self) -> Verdict:
        """The verdict on it."""
        return judge(Facts.of(self.lines), TERMS)

    def found(self) -> set[str]:
        """The checks that do not hold, by the first words that tell them apart."""
        return {check.what for check in self.judged().checks if not check.holds}


def taken(life: Life, after: float = 0.2) -> Answered:
    """What the citizen was told."""
    return Answered(
        at=at(after),
        number=0,
        attempt=1,
        status=201,
        seconds=after,
        report_id=life.id,
        receipt="r" * 22,
        submitted_at=at(0),
        take_up_by=at(10),
    )


def sound_ledger() -> Written:
    """A report that is taken up in time and being verified when the run ends; its unit and its citizen know."""
    life = Life()
    ledger = Written(life)
    ledger.lines += [Sent(at=at(0), number=0, longitude=PLACE["longitude"], latitude=PLACE["latitude"]), taken(life)]
    ledger.say(life.submitted, 0, event_id=life.id)
    ledger.say(life.routed, 0.1)
    ledger.clock(ClockStarted, Step.STARTED, Clock.TAKE_UP, 0, 10)
    opened = life.then(CaseOpened, 0.2).changes[-1]
    ledger.say(opened, 0.2)
    ledger.mail(uuid5(life.id, "opened"), OPOLE.unit, "case-opened")
    ledger.change(CaseTakenUp, 6.9)
    ledger.clock(ClockStopped, Step.STOPPED, Clock.TAKE_UP, 0, 10, stopped_at=at(6.9), outcome="met")
    ledger.clock(ClockStarted, Step.STARTED, Clock.VERIFICATION, 6.9, 26.9)
    ledger.tell(uuid5(life.id, "taken up"), "taken-up", Audience.UNIT, OPOLE.unit, 7)
    ledger.lines += [
        ReceiptRead(report_id=life.id, status=200, submitted_at=at(0), take_up_by=at(10), unit=OPOLE.unit),
        Ended(at=at(40), settled=True, waiting=0, trace=True),
    ]
    return ledger
