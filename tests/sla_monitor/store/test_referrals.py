"""The clock of a referral: what its agency does not acknowledge goes up the chain of command like any deadline."""

from datetime import timedelta

from chassis.postgres import Connection
from contracts.events.cases import CaseAcknowledged, CaseConfirmed, CaseOpened, CaseReferred, CaseTakenUp
from contracts.events.clocks import Clock, ClockEvent, ClockStopped, DeadlineEscalated
from sla_monitor.app import fire_due_steps, handle
from support.events import OPOLE, SUBMITTED, received
from support.histories import Life, terms_in_seconds
from support.sla_monitor.clocks import published, seconds_later, set_watermark

POLICY = terms_in_seconds()


def steps(connection: Connection) -> list[tuple[float, ClockEvent]]:
    """What was said of the clock of the referral, and how many seconds after the report."""
    said = [(envelope.time - SUBMITTED, envelope.data) for envelope in published(connection)]
    return [
        (after / timedelta(seconds=1), event)
        for after, event in said
        if isinstance(event, ClockEvent) and event.clock is Clock.ACKNOWLEDGEMENT
    ]


def test_a_referral_nobody_acknowledges_is_warned_of_missed_and_goes_up(connection: Connection) -> None:
    life = Life().then(CaseOpened, 1).then(CaseTakenUp, 2).then(CaseConfirmed, 3).then(CaseReferred, 5)
    handle(POLICY, connection, [received(event) for event in life.events])
    for after in range(28):
        set_watermark(connection, seconds_later(SUBMITTED, after))
        fire_due_steps(POLICY, connection)
    late = life.then(CaseAcknowledged, 29).changes[-1]
    handle(POLICY, connection, [received(late)])
    assert [(type(event).__name__, after) for after, event in steps(connection)] == [
        ("ClockStarted", 5),
        ("DeadlineApproaching", 17),
        ("DeadlineMissed", 20),
        ("DeadlineEscalated", 24),
        ("DeadlineEscalated", 28),  # it was due before the stop, and is said with it
        ("ClockStopped", 29),
    ]
    raised = [event for _, event in steps(connection) if isinstance(event, DeadlineEscalated)]
    assert [(event.to, event.owner) for event in raised] == [("garrison", OPOLE), ("headquarters", OPOLE)]
    stopped = steps(connection)[-1][1]
    assert isinstance(stopped, ClockStopped)
    assert stopped.outcome == "missed"


def test_an_agency_may_have_agreed_another_term(connection: Connection) -> None:
    life = Life().then(CaseOpened, 1).then(CaseTakenUp, 2).then(CaseConfirmed, 3)
    life.then(CaseReferred, 5, acknowledge_days=3)
    handle(POLICY, connection, [received(event) for event in life.events])
    ((_, started),) = steps(connection)
    assert started.due_at == seconds_later(SUBMITTED, 5) + timedelta(days=3)
