"""Whatever the order, however often and however late events are read: the same is published, and no false alarm."""

from datetime import datetime, timedelta
from itertools import cycle

import pytest
from chassis.postgres import Connection
from contracts.base import ReportEvent
from contracts.envelope import decode
from contracts.events.clocks import ClockStopped, DeadlineEscalated, DeadlineMissed
from contracts.events.reports import ReportSubmitted
from contracts.examples import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sla_monitor.app import TOPICS, fire_due_steps, handle
from support.events import SUBMITTED, received
from support.histories import Life, terms_in_seconds
from support.sla_monitor.clocks import expected, published, published_steps, set_watermark

pytestmark = pytest.mark.long
POLICY = terms_in_seconds()
HORIZON = SUBMITTED + timedelta(seconds=200)
one_database = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@st.composite
def lives(draw: st.DrawFn) -> Life:
    """A report and up to nine changes, whole seconds apart, so that some fall together with a step."""
    life, at = Life(), 0
    for _ in range(draw(st.integers(0, 9))):
        if kinds := life.possible():
            at += draw(st.integers(0, 12))
            life.then(draw(st.sampled_from(kinds)), at)
    return life


def happened_at(event: ReportEvent) -> datetime:
    return event.submitted_at if isinstance(event, ReportSubmitted) else getattr(event, "changed_at", SUBMITTED)


@st.composite
def readings(draw: st.DrawFn) -> tuple[Life, list[list[ReportEvent]]]:
    """A life, and its events in batches: in any order, some more than once."""
    life = draw(lives())
    order = draw(st.permutations(life.events))
    for event in draw(st.lists(st.sampled_from(life.events), max_size=4)):
        order.insert(draw(st.integers(0, len(order))), event)
    batches: list[list[ReportEvent]] = [[]]
    for event in order:
        if draw(st.booleans()):
            batches.append([])
        batches[-1].append(event)
    return life, batches


def read(connection: Connection, batch: list[ReportEvent]) -> None:
    handle(POLICY, connection, [received(event) for event in batch])


@one_database
@given(readings())
def test_any_order_and_any_repeats_publish_the_same_and_nothing_false(
    connection: Connection, reading: tuple[Life, list[list[ReportEvent]]]
) -> None:
    life, batches = reading
    unread = list(life.events)
    for batch in batches:
        read(connection, batch)
        unread = [event for event in unread if event not in batch]
        # The watermark as it is: just before the earliest event not read yet.
        known = min((happened_at(event) for event in unread), default=HORIZON) - timedelta(microseconds=1)
        set_watermark(connection, known)
        fire_due_steps(POLICY, connection)
    set_watermark(connection, HORIZON)
    fire_due_steps(POLICY, connection)
    steps = published_steps(connection)
    events = [envelope.data for envelope in published(connection)]
    stops = [event for event in events if isinstance(event, ClockStopped)]
    withdrawn = [stop for stop in stops if stop.withdraws_miss or stop.withdraws_escalations]
    connection.rollback()
    assert sorted(steps) == sorted(expected(life, POLICY, HORIZON))
    assert not withdrawn


@one_database
@given(readings())
def test_the_steps_of_each_clock_come_in_the_order_of_their_times(
    connection: Connection, reading: tuple[Life, list[list[ReportEvent]]]
) -> None:
    _, batches = reading
    for batch in batches:
        read(connection, batch)
    set_watermark(connection, HORIZON)
    fire_due_steps(POLICY, connection)
    steps = published_steps(connection)
    connection.rollback()
    for key in {(step.clock, step.cycle) for step in steps}:
        times = [step.at for step in steps if (step.clock, step.cycle) == key]
        assert times == sorted(times)


@one_database
@given(readings(), st.lists(st.integers(0, 60), min_size=1, max_size=12))
def test_a_watermark_too_far_ahead_changes_no_outcome_and_whatever_was_false_is_withdrawn(
    connection: Connection, reading: tuple[Life, list[list[ReportEvent]]], opened: list[int]
) -> None:
    life, batches = reading
    for batch, after in zip(batches, cycle(opened), strict=False):
        read(connection, batch)
        set_watermark(connection, SUBMITTED + timedelta(seconds=after))
        fire_due_steps(POLICY, connection)
    for batch in batches:  # and once more from the beginning
        read(connection, batch)
    set_watermark(connection, HORIZON)
    fire_due_steps(POLICY, connection)
    steps, envelopes = published_steps(connection), published(connection)
    events = [envelope.data for envelope in envelopes]
    connection.rollback()
    must = expected(life, POLICY, HORIZON)
    assert must <= set(steps)
    assert len(steps) == len({step.id for step in steps})
    stopped = {(event.clock, event.cycle): event for event in events if isinstance(event, ClockStopped)}
    missed = {(event.clock, event.cycle) for event in events if isinstance(event, DeadlineMissed)}
    assert {step for step in steps if step.outcome} == {step for step in must if step.outcome}
    escalated = {
        (event.clock, event.cycle, event.to): envelope.time
        for envelope in envelopes
        if isinstance(event := envelope.data, DeadlineEscalated)
    }
    for key, stop in stopped.items():
        assert stop.withdraws_miss == (key in missed and stop.outcome != "missed")
        wrong = {to for (*of, to), at in escalated.items() if (*of,) == key and at >= stop.stopped_at}
        assert set(stop.withdraws_escalations) == wrong


@one_database
@given(lives())
def test_a_replay_from_the_beginning_publishes_nothing_new(connection: Connection, life: Life) -> None:
    def all_at_once() -> None:
        read(connection, life.events)
        set_watermark(connection, HORIZON)
        fire_due_steps(POLICY, connection)

    all_at_once()
    first = published_steps(connection)
    all_at_once()
    again = published_steps(connection)
    connection.rollback()
    assert again == first


def test_every_published_example_can_come_twice(connection: Connection) -> None:
    messages = [
        received(envelope.data, event_id=envelope.id, at=envelope.time)
        for envelope in (decode(example.message.headers, example.message.value or b"") for example in examples())
        if any(isinstance(envelope.data, topic.events) for topic in TOPICS)
    ]
    for message in messages:
        handle(POLICY, connection, [message])
    first = published_steps(connection)
    assert first
    handle(POLICY, connection, messages)
    assert published_steps(connection) == first
