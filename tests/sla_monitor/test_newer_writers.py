"""Clocks in front of changes only a newer release knows: their state is enough."""

from datetime import timedelta

from chassis.postgres import Connection
from contracts.events.cases import CaseConfirmed, CaseOpened, CaseTakenUp, CheckRecorded
from contracts.events.clocks import Clock, ClockStopped
from sla_monitor.app import handle
from support.events import SUBMITTED, outgoing, received
from support.histories import Life, terms_in_seconds
from support.next_release import from_next_release, received_by_base
from support.sla_monitor.clocks import published

POLICY = terms_in_seconds()


def test_an_unknown_change_stops_what_its_status_ends_and_holds_nothing_up(connection: Connection) -> None:
    life = Life().then(CaseOpened, 1).then(CaseTakenUp, 2).then(CheckRecorded, 3).then(CaseConfirmed, 4)
    opened, taken_up, checked, confirmed = life.changes
    unknown = [
        received_by_base(from_next_release(outgoing(change), event="Unknown")) for change in (checked, confirmed)
    ]
    # The unknown ones first: they are parked, and read again from the table, until it is their turn.
    for batch in ([unknown[1]], [unknown[0], received(taken_up)], [received(life.submitted), received(opened)]):
        handle(POLICY, connection, batch)
    stops = {event.data.clock: event.data for event in published(connection) if isinstance(event.data, ClockStopped)}
    assert {clock: stop.stopped_at for clock, stop in stops.items()} == {
        Clock.TAKE_UP: SUBMITTED + timedelta(seconds=2),
        Clock.VERIFICATION: SUBMITTED + timedelta(seconds=4),
    }
    assert {stop.outcome for stop in stops.values()} == {"met"}


def test_a_submission_and_a_routing_of_tomorrow_start_the_clock_of_who_answers(connection: Connection) -> None:
    life = Life()
    handle(
        POLICY,
        connection,
        [
            received_by_base(from_next_release(outgoing(life.routed), event="ReportRoutedByHand")),
            received_by_base(from_next_release(outgoing(life.submitted), event="ReportTelephoned")),
        ],
    )
    [started] = published(connection)
    assert getattr(started.data, "owner") == life.owner  # noqa: B009 - of whatever class it is
