"""A ledger sorted into what the checks ask for, and what a check answers."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from uuid import UUID

import msgspec
from contracts.base import Event
from contracts.events.cases import CaseChange
from contracts.events.clocks import ClockEvent
from contracts.events.notices import NoticeEvent
from contracts.topics import EVENTS

from faults.ledger import (
    Answered,
    Began,
    Changed,
    Committed,
    Ended,
    Failed,
    Fired,
    GaveUp,
    Injected,
    Line,
    Mail,
    Message,
    ReceiptRead,
    Restarted,
    Sent,
)

ClockKey = tuple[UUID, str, int]
_DECODERS = {name: msgspec.json.Decoder(event) for name, event in EVENTS.items()}


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must hold, whether it does, the figures, and examples of where it does not."""

    what: str
    holds: bool
    figures: str
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """An event and the first message that said it."""

    message: Message
    event: Event


@dataclass
class Facts:
    """Everything a run left behind."""

    began: Began | None = None
    ended: Ended | None = None
    sent: list[Sent] = field(default_factory=list)
    answers: list[Answered] = field(default_factory=list)
    given_up: list[GaveUp] = field(default_factory=list)
    changes: list[Changed] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    mails: list[Mail] = field(default_factory=list)
    faults: list[Injected] = field(default_factory=list)
    restarts: list[Restarted] = field(default_factory=list)
    failures: list[Failed] = field(default_factory=list)
    commits: dict[tuple[UUID, int], Committed] = field(default_factory=dict)
    fired: dict[ClockKey, Fired] = field(default_factory=dict)
    receipts: dict[UUID, ReceiptRead] = field(default_factory=dict)

    @classmethod
    def of(cls, lines: Iterable[Line]) -> "Facts":
        facts = cls()
        for line in lines:
            facts._take(line)
        return facts

    def _take(self, line: Line) -> None:
        match line:
            case Began():
                self.began = line
            case Ended():
                self.ended = line
            case Committed():
                self.commits[line.report_id, line.version] = line
            case Fired():
                self.fired[line.report_id, line.clock, line.cycle] = line
            case ReceiptRead():
                self.receipts[line.report_id] = line
            case Sent():
                self.sent.append(line)
            case Answered():
                self.answers.append(line)
            case GaveUp():
                self.given_up.append(line)
            case Changed():
                self.changes.append(line)
            case Message():
                self.messages.append(line)
            case Mail():
                self.mails.append(line)
            case Injected():
                self.faults.append(line)
            case Restarted():
                self.restarts.append(line)
            case Failed():
                self.failures.append(line)

    @cached_property
    def accepted(self) -> dict[UUID, list[Answered]]:
        """What the citizens were told of each report that was answered for, in the order of the answers."""
        found: dict[UUID, list[Answered]] = defaultdict(list)
        for answer in sorted(self.answers, key=lambda answer: answer.at):
            if answer.status == 201 and answer.report_id is not None:
                found[answer.report_id].append(answer)
        return dict(found)

    @cached_property
    def said(self) -> list[Said]:
        """Every event once, by its first message on each topic."""
        seen: set[tuple[str, str]] = set()
        found = []
        for message in sorted(self.messages, key=lambda message: (message.at, message.topic, message.offset)):
            if message.event not in _DECODERS or isinstance(message.body, msgspec.UnsetType) or message.id is None:
                continue
            if (message.topic, message.id) not in seen:
                seen.add((message.topic, message.id))
                found.append(Said(message, _DECODERS[message.event].decode(message.body)))
        return found

    @cached_property
    def cases(self) -> dict[UUID, list[tuple[Said, CaseChange]]]:
        """The changes of each case, by version."""
        found: dict[UUID, list[tuple[Said, CaseChange]]] = defaultdict(list)
        for said in self.said:
            if isinstance(said.event, CaseChange):
                found[said.event.report_id].append((said, said.event))
        return {report_id: sorted(changes, key=lambda each: each[1].version) for report_id, changes in found.items()}

    @cached_property
    def clock_events(self) -> list[tuple[Said, ClockEvent]]:
        return [(said, said.event) for said in self.said if isinstance(said.event, ClockEvent)]

    @cached_property
    def notices(self) -> list[NoticeEvent]:
        return [said.event for said in self.said if isinstance(said.event, NoticeEvent)]

    @cached_property
    def last_at(self) -> datetime:
        """When the last message was appended. Raises ValueError when there was none."""
        return max(message.at for message in self.messages)


def key_of(event: ClockEvent) -> ClockKey:
    return event.report_id, str(event.clock), event.cycle
