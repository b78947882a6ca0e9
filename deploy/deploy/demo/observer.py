"""Watches the topics as any reader would, and keeps count of what happened to which report."""

import threading
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from chassis.kafka.messages import received
from chassis.kafka.reader import read_from_start
from chassis.settings import Settings
from confluent_kafka import Message
from contracts import topics
from contracts.envelope import Envelope
from contracts.events.cases import CaseChange, CaseOpened, CaseReferred
from contracts.events.clocks import (
    ClockEvent,
    ClockStarted,
    ClockStopped,
    DeadlineApproaching,
    DeadlineEscalated,
    DeadlineMissed,
)
from contracts.events.notices import NoticeEvent, NoticeFailed, NoticeUncertain
from contracts.events.public import PublicReport
from contracts.events.referrals import Referral, ReferralMade
from contracts.events.reports import ReportSubmitted
from contracts.events.routing import ReportRouted, ReportUnroutable

WATCHED = (
    topics.REPORT_SUBMITTED,
    topics.REPORT_ROUTED,
    topics.CASE_CHANGED,
    topics.CLOCK,
    topics.NOTICE,
    topics.PUBLIC_REPORT,
    *topics.DEAD_LETTERS.values(),
)
"""What the operators read; what was handed to an agency is read by that agency."""
DEAD_LETTERS = {topic.name for topic in topics.DEAD_LETTERS.values()}
ClockKey = tuple[UUID, str, int]
"""(report, clock, cycle)."""


@dataclass
class Tally:
    """What was seen on the topics.

    `repeats` counts messages that came again under their own id, which the log may do; `doubled` names facts that
    were said under two ids, which may never be.
    """

    submitted: dict[UUID, datetime] = field(default_factory=dict)
    routed: dict[UUID, str] = field(default_factory=dict)
    unroutable: set[UUID] = field(default_factory=set)
    opened: dict[UUID, str] = field(default_factory=dict)
    status: dict[UUID, str] = field(default_factory=dict)
    public: set[UUID] = field(default_factory=set)
    started: set[ClockKey] = field(default_factory=set)
    warned: set[ClockKey] = field(default_factory=set)
    late: set[ClockKey] = field(default_factory=set)
    escalated: dict[str, set[ClockKey]] = field(default_factory=lambda: {"garrison": set(), "headquarters": set()})
    stopped: dict[ClockKey, str] = field(default_factory=dict)
    withdrawn: set[ClockKey] = field(default_factory=set)
    notices: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    referrals: dict[UUID, tuple[UUID, str]] = field(default_factory=dict)
    referral_messages: set[UUID] = field(default_factory=set)
    reached: dict[str, dict[UUID, datetime]] = field(default_factory=lambda: defaultdict(dict))
    numbers: dict[UUID, str] = field(default_factory=dict)
    dead: int = 0
    repeats: int = 0
    facts: set[tuple[object, ...]] = field(default_factory=set)
    doubled: list[str] = field(default_factory=list)

    @property
    def missed(self) -> set[ClockKey]:
        """Missed for good: seen as missed, or stopped too late, and not withdrawn."""
        stopped_late = {key for key, outcome in self.stopped.items() if outcome == "missed"}
        return (self.late | stopped_late) - self.withdrawn

    @property
    def met(self) -> set[ClockKey]:
        return {key for key, outcome in self.stopped.items() if outcome == "met"}

    @property
    def running(self) -> set[ClockKey]:
        return self.started - self.stopped.keys() - self.missed

    @property
    def seconds(self) -> dict[str, list[float]]:
        """How long each report took from the citizen's press of the button until it was there."""
        return {
            what: [
                (at - self.submitted[report]).total_seconds()
                for report, at in times.items()
                if report in self.submitted
            ]
            for what, times in self.reached.items()
        }

    def count(self, envelope: Envelope, at: datetime) -> None:
        """Count one event, which was written to its topic at `at`."""
        fact = _fact(envelope)
        if fact in self.facts:
            self.doubled.append(" ".join(map(str, fact)))
        self.facts.add(fact)
        match envelope.data:
            case ReportSubmitted() as event:
                self.submitted[event.report_id] = event.submitted_at
                self.reached["on the log"][event.report_id] = at
            case ReportRouted() as event:
                self.routed[event.report_id] = event.owner.garrison
                self.reached["routed"][event.report_id] = at
            case ReportUnroutable() as event:
                self.unroutable.add(event.report_id)
            case CaseChange() as event:
                self._case(event, at)
            case ClockEvent() as event:
                self._clock(event)
            case NoticeEvent() as event:
                self._notice(event)
            case PublicReport() as event:
                self.public.add(event.report_id)
                if event.version == 1:
                    self.reached["on the map"][event.report_id] = at
            case ReferralMade() as event:
                self.referral_messages.add(event.referral_id)

    def _case(self, event: CaseChange, at: datetime) -> None:
        self.status[event.report_id] = event.status
        self.numbers[event.report_id] = event.case_number
        if isinstance(event, CaseOpened):
            self.opened[event.report_id] = event.owner.unit
            self.reached["case opened"][event.report_id] = at
        if isinstance(event, CaseReferred):
            self.referrals[event.referral_id] = (event.report_id, event.agency)

    def _clock(self, event: ClockEvent) -> None:
        key = (event.report_id, str(event.clock), event.cycle)
        match event:
            case ClockStarted():
                self.started.add(key)
            case DeadlineApproaching():
                self.warned.add(key)
            case DeadlineMissed():
                self.late.add(key)
            case DeadlineEscalated():
                self.escalated[event.to].add(key)
            case ClockStopped():
                self.stopped[key] = event.outcome
                if event.withdraws_miss:
                    self.withdrawn.add(key)

    def _notice(self, event: NoticeEvent) -> None:
        outcome = "uncertain" if isinstance(event, NoticeUncertain) else "sent"
        outcome = "failed" if isinstance(event, NoticeFailed) else outcome
        self.notices[event.audience, event.channel, outcome] += 1


def _fact(envelope: Envelope) -> tuple[object, ...]:
    """What an event says that may be said once only, apart from its id."""
    kind = type(envelope.data).__name__
    match envelope.data:
        case CaseChange() as event:
            return "change", event.report_id, event.version
        case ReportRouted() | ReportUnroutable() as event:
            return "routing", event.report_id, event.place_version
        case DeadlineEscalated() as event:
            return kind, event.report_id, event.clock, event.cycle, event.to
        case ClockEvent() as event:
            return kind, event.report_id, event.clock, event.cycle
        case NoticeEvent() as event:
            return kind, event.notice_id
        case PublicReport() as event:
            return kind, event.report_id, event.version
        case Referral() as event:
            return kind, event.referral_id
        case _:
            return kind, envelope.subject


class Observer:
    """Reads the watched topics from their start in threads of its own and keeps the tally, under `lock`.

    `agencies` is what each agency's clients are told: it reads what was handed to it as who it is.
    """

    def __init__(self, settings: Settings, agencies: Mapping[str, Settings]) -> None:
        self.tally, self.lock, self.failed = Tally(), threading.Lock(), list[str]()
        self._settings, self._stop = settings, threading.Event()
        read = [(settings, "observer", WATCHED)]
        read += [(client, f"{code}.demo", (topics.referral_topic(code),)) for code, client in agencies.items()]
        self._threads = [threading.Thread(target=self._guarded, args=each, name=each[1], daemon=True) for each in read]
        self._seen: set[tuple[str, UUID]] = set()

    def start(self) -> None:
        """Begin to read."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End the reading; what `failed` says by then is why it ended before."""
        self._stop.set()
        for thread in self._threads:
            thread.join(10)

    def _guarded(self, settings: Settings, reader: str, watched: tuple[topics.Topic, ...]) -> None:
        try:
            for message in read_from_start(settings, reader, watched, self._stop):
                if message is not None:
                    with self.lock:
                        self._count(message)
        except BaseException as error:
            self.failed.append(f"{reader} ended: {error}")
            raise

    def _count(self, message: Message) -> None:
        topic = str(message.topic()).removeprefix(self._settings.namespace)
        if topic in DEAD_LETTERS:
            self.tally.dead += 1
        elif envelope := received(self._settings, message).envelope:
            if (topic, envelope.id) in self._seen:
                self.tally.repeats += 1
            else:
                self._seen.add((topic, envelope.id))
                written_at = datetime.fromtimestamp(message.timestamp()[1] / 1000, tz=envelope.time.tzinfo)
                self.tally.count(envelope, written_at)
