"""A stop casework has committed and not published yet: no deadline is missed, or the miss is marked and taken back."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from chassis import outbox
from chassis.clock import now
from chassis.postgres import Database
from chassis.run import Worker
from chassis.settings import Settings as Shared
from contracts.events.cases import CaseOpened, CaseTakenUp
from contracts.events.clocks import Clock, ClockStarted, ClockStopped, DeadlineEscalated, DeadlineMissed
from support.effects import running
from support.events import outgoing
from support.histories import Life, terms_in_seconds
from support.sla_monitor.service import Start, announced, figure, kinds, publish, until

pytestmark = pytest.mark.long
MakeRelay = Callable[[], Worker]


def take_up(casework: Database, life: Life) -> None:
    """As an officer would now: what casework says of it is in its outbox."""
    with casework.transaction() as connection:
        after = (outbox.event_time(connection) - life.start).total_seconds()
        life.then(CaseOpened, after).then(CaseTakenUp, after)
        outbox.append(connection, [outgoing(change) for change in life.changes])


def told(settings: Shared, life: Life) -> list[object]:
    """What was announced of the take-up of a report, in its order."""
    events = (envelope.data for envelope, _ in announced(settings))
    return [event for event in events if event.key == str(life.id) and getattr(event, "clock", None) is Clock.TAKE_UP]


def begin(settings: Shared, relay: MakeRelay) -> list[Life]:
    """Two reports sent now, of which the monitor knows; casework's relay ran until a moment ago."""
    with running(relay()) as failures:
        publish(settings, Life(0).submitted)
        until(lambda: "DeadlineMissed" in kinds(announced(settings), Clock.TAKE_UP))  # it reads, and casework is heard
    assert not failures
    lives = [Life(number, start=now()) for number in (1, 2)]
    publish(settings, *(life.submitted for life in lives))
    until(lambda: kinds(announced(settings), Clock.TAKE_UP).count("ClockStarted") == 3)
    return lives


@pytest.fixture
def missed_unconfirmed() -> Callable[[], float]:
    before = figure("kmzb_unconfirmed_misses_total")
    return lambda: figure("kmzb_unconfirmed_misses_total") - before


def test_no_deadline_is_missed_whose_stop_waits_in_the_outbox(
    settings: Shared, start: Start, casework: Database, casework_relay: MakeRelay
) -> None:
    policy = terms_in_seconds(take_up=4, alerts=(1, 1, 60))
    with running(*start(policy)) as failures:
        stopped, idle = begin(settings, casework_relay)
        take_up(casework, stopped)
        until(lambda: now() > idle.start + timedelta(seconds=7))  # long after deadline and escalation
        assert [type(event).__name__ for event in told(settings, idle)] == ["ClockStarted"]
        with running(casework_relay()) as of_relay:
            until(lambda: len(told(settings, idle)) == 4)
            until(lambda: len(told(settings, stopped)) == 2)
    assert not failures + of_relay
    end = told(settings, stopped)[-1]
    assert isinstance(end, ClockStopped)
    assert (end.outcome, end.withdraws_miss, end.withdraws_escalations) == ("met", False, ())
    _, _, missed, escalated = told(settings, idle)
    assert isinstance(missed, DeadlineMissed)
    assert isinstance(escalated, DeadlineEscalated)
    assert not missed.unconfirmed
    assert not escalated.unconfirmed


def test_a_casework_that_is_silent_for_too_long_does_not_silence_deadlines_and_wrong_ones_are_taken_back(
    settings: Shared,
    start: Start,
    casework: Database,
    casework_relay: MakeRelay,
    missed_unconfirmed: Callable[[], float],
) -> None:
    policy = terms_in_seconds(take_up=4, alerts=(1, 1, 60))
    with running(*start(policy, unconfirmed_after=timedelta(seconds=1))) as failures:
        stopped, idle = begin(settings, casework_relay)
        take_up(casework, stopped)
        until(lambda: [len(told(settings, life)) for life in (stopped, idle)] == [4, 4])
        assert missed_unconfirmed() == 2
        with running(casework_relay()) as of_relay:
            until(lambda: len(told(settings, stopped)) == 5)
    assert not failures + of_relay
    for life in (stopped, idle):
        _, _, missed, escalated, *_ = told(settings, life)
        assert isinstance(missed, DeadlineMissed)
        assert isinstance(escalated, DeadlineEscalated)
        assert missed.unconfirmed
        assert escalated.unconfirmed
    end = told(settings, stopped)[-1]
    assert isinstance(end, ClockStopped)
    assert (end.outcome, end.withdraws_miss, end.withdraws_escalations) == ("met", True, ("garrison",))
    late = [
        taken - envelope.data.due_at
        for envelope, taken in announced(settings)
        if isinstance(envelope.data, DeadlineMissed)
    ]
    assert min(late[1:]) >= timedelta(seconds=1)  # of the two reports: no sooner than the bound


def test_a_transaction_that_is_still_open_at_the_deadline_counts_as_a_stop_that_may_come(
    settings: Shared, start: Start, casework: Database, casework_relay: MakeRelay
) -> None:
    policy = terms_in_seconds(take_up=4, alerts=(1, 60, 61))
    with running(*start(policy)) as failures:
        stopped, idle = begin(settings, casework_relay)
        with running(casework_relay()) as of_relay:
            with casework.transaction() as connection:
                at: datetime = outbox.event_time(connection)
                until(lambda: now() > idle.start + timedelta(seconds=5))
                after = (at - stopped.start).total_seconds()
                stopped.then(CaseOpened, after).then(CaseTakenUp, after)
                outbox.append(connection, [outgoing(change) for change in stopped.changes])
            until(lambda: len(told(settings, idle)) == 3)
            until(lambda: len(told(settings, stopped)) == 2)
    assert not failures + of_relay
    assert "DeadlineMissed" not in [type(event).__name__ for event in told(settings, stopped)]


def test_what_was_down_for_longer_than_the_bound_is_heard_before_it_is_found_silent(
    settings: Shared,
    start: Start,
    casework: Database,
    casework_relay: MakeRelay,
    missed_unconfirmed: Callable[[], float],
) -> None:
    policy = terms_in_seconds(take_up=4, alerts=(1, 60, 61))
    bound = timedelta(seconds=3)
    with running(*start(policy, unconfirmed_after=bound)) as failures:
        stopped, idle = begin(settings, casework_relay)
        take_up(casework, stopped)
    assert not failures
    until(lambda: now() > idle.start + timedelta(seconds=4) + 2 * bound)
    with running(casework_relay(), *start(policy, unconfirmed_after=bound)) as failures:
        until(lambda: len(told(settings, idle)) == 3)
        until(lambda: len(told(settings, stopped)) == 2)
    assert not failures
    assert [type(event) for event in told(settings, stopped)] == [ClockStarted, ClockStopped]
    assert missed_unconfirmed() == 0
