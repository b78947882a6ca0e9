"""What the SLA monitor published, read from its outbox, and what it should have, worked out from a report's life."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from chassis.postgres import Connection
from contracts.envelope import Envelope, decode
from contracts.events.cases import (
    CaseAcknowledged,
    CaseConfirmed,
    CaseEliminated,
    CaseReferred,
    CaseRejected,
    CaseReopened,
    CaseReturned,
    CasesMerged,
    CaseTakenUp,
    CaseUnconfirmed,
)
from contracts.events.clocks import Clock, ClockEvent, ClockStopped, Step, step_id
from contracts.policy.terms import Policy
from sla_monitor.domain.watermark import Look, watched_partitions
from sla_monitor.store.watermark import upsert_looks
from support.histories import Life

DECISIONS = (CaseConfirmed, CaseUnconfirmed, CaseRejected)
TYPES = {
    Step.STARTED: "ClockStarted",
    Step.APPROACHING: "DeadlineApproaching",
    Step.MISSED: "DeadlineMissed",
    Step.GARRISON: "DeadlineEscalated",
    Step.HEADQUARTERS: "DeadlineEscalated",
    Step.STOPPED: "ClockStopped",
}


@dataclass(frozen=True, order=True)
class PublishedStep:
    """An event as readers see it, the owner left out: that is the one of the moment."""

    at: datetime
    clock: str
    cycle: int
    type: str
    id: UUID
    started_at: datetime
    due_at: datetime
    outcome: str | None = None


def published(connection: Connection) -> list[Envelope]:
    """Everything in the outbox, in the order it goes to the log."""
    rows = connection.execute("select header_names, header_values, value from outbox order by pos").fetchall()
    return [decode(zip(row["header_names"], row["header_values"], strict=True), row["value"]) for row in rows]


def published_steps(connection: Connection) -> list[PublishedStep]:
    return [_published_step(envelope) for envelope in published(connection)]


def set_watermark(connection: Connection, until: datetime) -> None:
    """As the consumer would: everything casework did until that moment has been read, on every partition."""
    connection.execute("delete from partition_watermark")  # a test may go back in time; the service never does
    upsert_looks(connection, dict.fromkeys(watched_partitions(), Look(until, until)))


def expected(life: Life, policy: Policy, until: datetime) -> set[PublishedStep]:
    """What must be published of a life by then, event by event, as the subject has it."""
    found = set()
    terms = policy.terms_at(life.start)
    mergers = [change.changed_at for change in life.changes if isinstance(change, CasesMerged)]
    for clock, cycle, category, started_at, stops in _runs(life):
        due_at = terms.due_at(clock, category, started_at)
        stopped_at = min([*stops, *mergers], default=None)
        end = min(stopped_at or until, until)
        steps = [(step, at) for step, at in policy.steps(clock, life.owner.garrison, due_at) if at <= end]
        steps = [(step, at) for step, at in steps if at != stopped_at]
        steps.append((Step.STARTED, started_at))
        if stopped_at is not None:
            steps.append((Step.STOPPED, stopped_at))
        for step, at in steps:
            missed = clock is not Clock.REVIEW and stopped_at is not None and stopped_at > due_at
            ended = "missed" if missed else "met" if stopped_at in stops else "merged"
            outcome = ended if step is Step.STOPPED else None
            event_id = step_id(life.id, clock, cycle, step)
            found.add(PublishedStep(at, clock.value, cycle, TYPES[step], event_id, started_at, due_at, outcome))
    return found


def _runs(life: Life) -> Iterable[tuple[Clock, int, str, datetime, list[datetime]]]:
    """Each run of a clock: kind, cycle, category, start, and everything but a merger that would stop it."""
    changes = life.changes
    leaving_new = [change.changed_at for change in changes if isinstance(change, (CaseTakenUp, CaseRejected))]
    yield Clock.TAKE_UP, 1, "parking", life.start, leaving_new
    for start in changes:
        later = [change for change in changes if change.version > start.version]
        match start:
            case CaseTakenUp() | CaseReopened():
                stops = [x.changed_at for x in later if isinstance(x, DECISIONS) and x.round == start.round]
                yield Clock.VERIFICATION, start.round, start.category, start.changed_at, stops
            case CaseReferred():
                answers = (CaseAcknowledged, CaseReturned, CaseEliminated)
                stops = [x.changed_at for x in later if isinstance(x, answers) and x.referral == start.referral]
                yield Clock.ACKNOWLEDGEMENT, start.referral, start.category, start.changed_at, stops
            case CaseConfirmed() | CaseReturned():
                stops = [x.changed_at for x in later if x.status != start.status]
                yield Clock.REVIEW, start.version, start.category, start.changed_at, stops


def _published_step(envelope: Envelope) -> PublishedStep:
    event = envelope.data
    assert isinstance(event, ClockEvent)
    outcome = event.outcome if isinstance(event, ClockStopped) else None
    names = event.clock, event.cycle, type(event).__name__, envelope.id
    return PublishedStep(envelope.time, *names, event.started_at, event.due_at, outcome)


def seconds_later(start: datetime, after: float) -> datetime:
    return start + timedelta(seconds=after)
