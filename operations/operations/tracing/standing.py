"""Where a report stands: what has not been read, was set aside, waits to be published or never came."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts.events.cases import CaseOpened
from contracts.events.clocks import ClockStarted
from contracts.events.reports import ReportSubmission
from contracts.events.routing import Routing
from contracts.topics import CASEWORK, INTAKE, NOTIFIER, ROUTING, SLA_MONITOR

from operations.consumption.groups import Position
from operations.dead_letters.records import DeadLetter
from operations.tracing.hops import Hop
from operations.tracing.stores import StoredFacts

Positions = Mapping[tuple[str, str, int], Position]
"""(service, topic, partition) → where the service stands there."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Something that keeps the report from going on: at which service, and what it is in words."""

    service: str
    why: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known of one report at a moment. `letters` wait: what was replayed is not among them."""

    hops: Sequence[Hop]
    positions: Positions
    letters: Sequence[DeadLetter]
    members: Mapping[str, int]
    facts: StoredFacts


def obstacles(known: Evidence, at: datetime) -> list[Obstacle]:
    """Everything that keeps it, in the order of its way; none where it arrived everywhere."""
    if not any(isinstance(hop.event, ReportSubmission) for hop in known.hops):
        return [Obstacle(INTAKE, "the report itself is not on the log: whoever sent it was not answered 201")]
    return [*_set_aside(known), *_unread(known, at), *_unpublished(known), *_missing(known), *_untold(known)]


def unread_by(hop: Hop, positions: Positions) -> list[str]:
    """The services that are to read this message as a group and have not."""
    found = ((service, positions.get((service, hop.topic.name, hop.partition))) for service in hop.topic.readers)
    return [service for service, position in found if position and hop.offset >= position.next]


def _set_aside(known: Evidence) -> Iterable[Obstacle]:
    for letter in known.letters:
        place = f"{letter.original.topic}/{letter.original.partition}@{letter.original_offset}"
        why = f"set {place} aside: {letter.reason}, {letter.detail}"
        yield Obstacle(
            letter.service, f"{why} (kmzb dead-letters show {letter.service} {letter.partition} {letter.offset})"
        )


def _unread(known: Evidence, at: datetime) -> Iterable[Obstacle]:
    said: set[tuple[str, str]] = set()
    for hop in known.hops:
        for service in unread_by(hop, known.positions):
            position = known.positions[service, hop.topic.name, hop.partition]
            if (service, hop.topic.name) not in said:
                said.add((service, hop.topic.name))
                before = hop.offset - position.next
                waits = (
                    f"has waited {(at - hop.written_at).total_seconds():.0f} s at {hop.place}, behind {before} others"
                )
                runs = "" if known.members.get(service) else f"; {service} does not run"
                yield Obstacle(service, f"{hop.what} {waits}{runs}")


def _unpublished(known: Evidence) -> Iterable[Obstacle]:
    for waiting in known.facts.unpublished:
        why = f"{waiting.events} events are decided and wait for its relay, for {waiting.seconds:.0f} s"
        yield Obstacle(waiting.service, why)


def _missing(known: Evidence) -> Iterable[Obstacle]:
    """What should follow from what was read, and is not there although nothing above says why."""
    held_up = {letter.service for letter in known.letters} | {each.service for each in known.facts.unpublished}
    held_up |= {service for hop in known.hops for service in unread_by(hop, known.positions)}
    there = {
        kind: any(isinstance(hop.event, kind) for hop in known.hops) for kind in (Routing, CaseOpened, ClockStarted)
    }
    expected = (
        (ROUTING, Routing, True, "has read the report and answered nothing"),
        (SLA_MONITOR, ClockStarted, True, "has read the report and started no clock"),
        (CASEWORK, CaseOpened, there[Routing], "has read report and routing and opened no case"),
    )
    for service, kind, due, why in expected:
        if due and not there[kind] and service not in held_up:
            yield Obstacle(service, f"{why}: kmzb reconcile names what is missing and says it again")


def _untold(known: Evidence) -> Iterable[Obstacle]:
    for entry in known.facts.ledger:
        if entry.state in ("failed", "uncertain"):
            to = f"{entry.kind} to {entry.recipient or entry.audience} by {entry.channel}"
            yield Obstacle(
                NOTIFIER, f"{to}: {entry.state} after {entry.attempts} attempts, {entry.reason or 'no reason'}"
            )
