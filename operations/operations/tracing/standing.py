"""Where a report stands: what has not been read, was set aside, waits to be published or never came."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts.events.cases import CaseOpened
from contracts.events.clocks import ClockStarted
from contracts.events.public import ReportImported
from contracts.events.reports import ReportSubmission
from contracts.events.routing import Routing
from contracts.topics import CASEWORK, INTAKE, NOTIFIER, ROUTING, SLA_MONITOR

from operations.consumption.groups import Position, service_of
from operations.dead_letters.records import DeadLetter
from operations.tracing.hops import Hop
from operations.tracing.stores import StoredFacts

Positions = Mapping[tuple[str, str, int], Position]
"""(member, topic, partition) → where that member stands there."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Something that keeps the report from going on: at which service, and what it is in words."""

    service: str
    why: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known of one report at a moment. `letters` wait: what was replayed is not among them.

    `members`: those without which it does not go on, and how many of each run.
    """

    hops: Sequence[Hop]
    positions: Positions
    letters: Sequence[DeadLetter]
    members: Mapping[str, int]
    facts: StoredFacts


def obstacles(known: Evidence, at: datetime) -> list[Obstacle]:
    """Everything that keeps it, in the order of its way; none where it arrived everywhere."""
    if any(isinstance(hop.event, ReportImported) for hop in known.hops):
        return [*_set_aside(known), *_unread(known, at), *_unpublished(known)]  # the map alone owes it anything
    if not any(isinstance(hop.event, ReportSubmission) for hop in known.hops):
        return [Obstacle(INTAKE, "the report itself is not on the log: whoever sent it was not answered 201")]
    return [*_set_aside(known), *_unread(known, at), *_unpublished(known), *_missing(known), *_untold(known)]


def unread_by(hop: Hop, positions: Positions) -> list[str]:
    """The members that are to read this message as a group and have not."""
    place = hop.topic.name, hop.partition
    return [member for (member, *at), position in positions.items() if (*at,) == place and hop.offset >= position.next]


def _set_aside(known: Evidence) -> Iterable[Obstacle]:
    for letter in known.letters:
        why = f"set {letter.origin} aside: {letter.reason}, {letter.detail}"
        yield Obstacle(
            letter.member, f"{why} (kmzb dead-letters show {letter.service} {letter.partition} {letter.offset})"
        )


def _unread(known: Evidence, at: datetime) -> Iterable[Obstacle]:
    said: set[tuple[str, str]] = set()
    for hop in known.hops:
        for member in unread_by(hop, known.positions):
            position = known.positions[member, hop.topic.name, hop.partition]
            if (member, hop.topic.name) not in said:
                said.add((member, hop.topic.name))
                before = hop.offset - position.next
                waits = (
                    f"has waited {(at - hop.written_at).total_seconds():.0f} s at {hop.place}, behind {before} others"
                )
                runs = "" if known.members.get(member) else f"; {member} does not run"
                yield Obstacle(member, f"{hop.what} {waits}{runs}")


def _unpublished(known: Evidence) -> Iterable[Obstacle]:
    for waiting in known.facts.unpublished:
        why = f"{waiting.events} events are decided and wait for its relay, for {waiting.seconds:.0f} s"
        yield Obstacle(waiting.service, why)


def _missing(known: Evidence) -> Iterable[Obstacle]:
    """What should follow from what was read, and is not there although nothing above says why."""
    held_up = {letter.member for letter in known.letters} | {each.service for each in known.facts.unpublished}
    held_up |= {member for hop in known.hops for member in unread_by(hop, known.positions)}
    there = {
        kind: any(isinstance(hop.event, kind) for hop in known.hops) for kind in (Routing, CaseOpened, ClockStarted)
    }
    expected = (
        (ROUTING, Routing, True, "has read the report and answered nothing"),
        (SLA_MONITOR, ClockStarted, True, "has read the report and started no clock"),
        (CASEWORK, CaseOpened, there[Routing], "has read report and routing and opened no case"),
    )
    for service, kind, due, why in expected:
        owing = [member for member in known.members if service_of(member) == service]
        if due and not there[kind] and held_up.isdisjoint(owing):
            yield Obstacle(owing[-1], f"{why}: kmzb reconcile names what is missing and says it again")


def _untold(known: Evidence) -> Iterable[Obstacle]:
    for entry in known.facts.ledger:
        if entry.state in ("failed", "uncertain"):
            to = f"{entry.kind} to {entry.recipient or entry.audience} by {entry.channel}"
            yield Obstacle(
                NOTIFIER, f"{to}: {entry.state} after {entry.attempts} attempts, {entry.reason or 'no reason'}"
            )
