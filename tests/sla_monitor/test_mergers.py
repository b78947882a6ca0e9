"""A merger ends no promise: the case that goes on is owed since the older of both."""

from collections.abc import Mapping
from datetime import datetime
from itertools import permutations
from typing import Any

from chassis.postgres import Connection
from contracts.events.cases import CaseOpened, CaseSupported, CaseTakenUp
from contracts.events.clocks import Clock, ClockEvent
from sla_monitor.app import fire_due_steps, handle
from sla_monitor.domain.effects import effects
from sla_monitor.domain.reports import Report
from support.events import SUBMITTED, received
from support.histories import Life, terms_in_seconds
from support.sla_monitor.clocks import published, seconds_later, set_watermark

POLICY = terms_in_seconds()


def at(after: float) -> datetime:
    return seconds_later(SUBMITTED, after)


def due(clock: Clock, since: float) -> datetime:
    return POLICY.terms_at(at(since)).due_at(clock, "parking", at(since))


def survivor() -> Life:
    """Sent a second after the one that ended in it, and merged with it again once it was taken up."""
    life = Life(start=at(1))
    life.then(CaseOpened, 0.1)
    life.then(CaseSupported, 0.2, running_since=SUBMITTED)
    return life


def test_a_case_another_one_ended_in_is_missed_when_that_would_have_been(connection: Connection) -> None:
    handle(POLICY, connection, [received(event) for event in survivor().events])
    missed_at = due(Clock.TAKE_UP, 0)
    assert missed_at < due(Clock.TAKE_UP, 1)
    set_watermark(connection, missed_at)
    fire_due_steps(POLICY, connection)
    missed = [envelope for envelope in published(connection) if envelope.type.endswith("DeadlineMissed.v1")]
    assert [envelope.time for envelope in missed] == [missed_at]
    assert isinstance(missed[0].data, ClockEvent)
    assert missed[0].data.due_at == missed_at


def test_in_any_order_the_older_promise_is_kept_for_either_clock() -> None:
    life = survivor()
    life.then(CaseTakenUp, 0.5)
    life.then(CaseSupported, 0.6, running_since=at(0.9))
    found: list[Mapping[Any, Any]] = []
    for order in permutations(life.events):
        reports: Mapping[Any, Report] = {life.id: Report(report_id=life.id)}
        for event in [*order, *order[:3]]:
            reports = effects(reports, [event], POLICY).reports
        found.append({key: (run.started_at, run.due_at) for key, run in reports[life.id].runs.items()})
    assert all(runs == found[0] for runs in found)
    assert found[0][Clock.TAKE_UP, 1] == (at(1), due(Clock.TAKE_UP, 0))
    assert found[0][Clock.VERIFICATION, 1] == (at(1.5), due(Clock.VERIFICATION, 0.9))
