"""Whatever the order, however often and however late things are heard: the same is published, and no false alarm."""

from datetime import datetime, timedelta
from itertools import cycle

from chassis.postgres import Connection
from contracts.base import ReportEvent
from contracts.envelope import decode
from contracts.events.clocks import ClockStopped, DeadlineMissed
from contracts.events.reports import ReportSubmitted
from contracts.examples import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sla_monitor.app import TOPICS, fire, handle
from support.events import SUBMITTED, received
from support.histories import Life, seconds
from support.sla_monitor.clocks import catch_up, expected, published, said

POLICY = seconds()
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
def hearings(draw: st.DrawFn) -> tuple[Life, list[list[ReportEvent]]]:
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


def hear(connection: Connection, batch: list[ReportEvent]) -> None:
    handle(POLICY, connection, [received(event) for event in batch])


@one_database
@given(hearings())
def test_any_order_and_any_repeats_publish_the_same_and_nothing_false(
    connection: Connection, hearing: tuple[Life, list[list[ReportEvent]]]
) -> None:
    life, batches = hearing
    unheard = list(life.events)
    for batch in batches:
        hear(connection, batch)
        unheard = [event for event in unheard if event not in batch]
        # The gate as it is: open until just before the earliest thing not heard yet.
        known = min((happened_at(event) for event in unheard), default=HORIZON) - timedelta(microseconds=1)
        catch_up(connection, known)
        fire(POLICY, connection)
    catch_up(connection, HORIZON)
    fire(POLICY, connection)
    spoken = said(connection)
    withdrawn = [each.data for each in published(connection) if getattr(each.data, "withdraws_miss", False)]
    connection.rollback()
    assert sorted(spoken) == sorted(expected(life, POLICY, HORIZON))
    assert not withdrawn


@one_database
@given(hearings())
def test_each_clock_is_told_of_in_the_order_of_its_times(
    connection: Connection, hearing: tuple[Life, list[list[ReportEvent]]]
) -> None:
    _, batches = hearing
    for batch in batches:
        hear(connection, batch)
    catch_up(connection, HORIZON)
    fire(POLICY, connection)
    spoken = said(connection)
    connection.rollback()
    for key in {(each.clock, each.cycle) for each in spoken}:
        times = [each.at for each in spoken if (each.clock, each.cycle) == key]
        assert times == sorted(times)


@one_database
@given(hearings(), st.lists(st.integers(0, 60), min_size=1, max_size=12))
def test_a_gate_that_opens_too_early_changes_no_outcome_and_every_false_miss_is_withdrawn(
    connection: Connection, hearing: tuple[Life, list[list[ReportEvent]]], opened: list[int]
) -> None:
    life, batches = hearing
    for batch, after in zip(batches, cycle(opened), strict=False):
        hear(connection, batch)
        catch_up(connection, SUBMITTED + timedelta(seconds=after))
        fire(POLICY, connection)
    for batch in batches:  # and once more from the beginning
        hear(connection, batch)
    catch_up(connection, HORIZON)
    fire(POLICY, connection)
    spoken, events = said(connection), [each.data for each in published(connection)]
    connection.rollback()
    must = expected(life, POLICY, HORIZON)
    assert must <= set(spoken)
    assert len(spoken) == len({each.id for each in spoken})
    stopped = {(each.clock, each.cycle): each for each in events if isinstance(each, ClockStopped)}
    missed = {(each.clock, each.cycle) for each in events if isinstance(each, DeadlineMissed)}
    assert {each for each in spoken if each.outcome} == {each for each in must if each.outcome}
    for key, stop in stopped.items():
        assert stop.withdraws_miss == (key in missed and stop.outcome == "met")


@one_database
@given(lives())
def test_a_replay_from_the_beginning_publishes_nothing_new(connection: Connection, life: Life) -> None:
    def all_at_once() -> None:
        hear(connection, life.events)
        catch_up(connection, HORIZON)
        fire(POLICY, connection)

    all_at_once()
    first = said(connection)
    all_at_once()
    again = said(connection)
    connection.rollback()
    assert again == first


def test_every_published_example_can_come_twice(connection: Connection) -> None:
    heard = [
        received(envelope.data, event_id=envelope.id, at=envelope.time)
        for envelope in (decode(each.message.headers, each.message.value or b"") for each in examples())
        if any(isinstance(envelope.data, topic.events) for topic in TOPICS)
    ]
    for each in heard:
        handle(POLICY, connection, [each])
    first = said(connection)
    assert first
    handle(POLICY, connection, heard)
    assert said(connection) == first
