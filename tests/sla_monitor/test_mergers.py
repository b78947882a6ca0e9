"""A merger ends no promise: the case that goes on is owed since the older of both, and it meets none."""

from collections.abc import Mapping
from datetime import datetime
from itertools import permutations
from typing import Any

from chassis.postgres import Connection
from contracts.events.cases import CaseOpened, CasesMerged, CaseSupported, CaseTakenUp
from contracts.events.clocks import Clock, ClockEvent, ClockStopped
from hypothesis import given
from hypothesis import strategies as st
from sla_monitor.app import fire_due_steps, handle
from sla_monitor.domain.effects import effects
from sla_monitor.domain.reports import Report
from sla_monitor.store.reports import lock_reports
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


@given(life=st.data(), into=st.floats(0.5, 60))
def test_no_clock_of_whatever_case_becomes_met_by_a_merger(life: st.DataObject, into: float) -> None:
    told = Life().then(CaseOpened, 0.1)
    for number in range(life.draw(st.integers(0, 5))):
        possible = sorted((kind for kind in told.possible() if kind is not CasesMerged), key=lambda kind: kind.__name__)
        if possible:
            told.then(life.draw(st.sampled_from(possible)), 0.1 * (number + 2))
    if CasesMerged not in told.possible():
        return
    before = effects({told.id: Report(report_id=told.id)}, told.events, POLICY).reports[told.id]
    told.then(CasesMerged, into)
    shuffled = life.draw(st.permutations(told.events))
    after = effects({told.id: Report(report_id=told.id)}, shuffled, POLICY)
    ran = {key for key, run in before.runs.items() if run.stopped_at is None}
    for key, run in after.reports[told.id].runs.items():
        ended = run.due_at is not None and at(into) <= run.due_at
        if key in ran:
            assert run.outcome == ("missed" if run.clock is not Clock.REVIEW and not ended else "merged")
        else:
            assert run.outcome == before.runs[key].outcome
    said = {announced.event.outcome for announced in after.announcements if isinstance(announced.event, ClockStopped)}
    assert ("merged" in said) == any(run.outcome == "merged" for run in after.reports[told.id].runs.values())


def test_how_a_clock_ended_in_a_merger_is_kept(connection: Connection) -> None:
    life = Life().then(CaseOpened, 0.1)
    handle(POLICY, connection, [received(event) for event in [*life.events, life.then(CasesMerged, 1).changes[-1]]])
    assert connection.execute("select merged, outcome from clock").fetchall() == [{"merged": True, "outcome": "merged"}]
    assert lock_reports(connection, [life.id])[life.id].runs[Clock.TAKE_UP, 1].outcome == "merged"
