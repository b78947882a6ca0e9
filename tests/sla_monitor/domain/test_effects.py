"""Rules alone: what events make of reports, whatever their order, and what is announced of it at once."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from contracts.base import HEADQUARTERS, ReportEvent
from contracts.events.cases import CaseConfirmed, CaseOpened, CaseReferred, CaseTakenUp
from contracts.events.clocks import Clock, ClockStopped, DeadlineMissed, Step
from sla_monitor.domain.announcements import fire
from sla_monitor.domain.clocks import ClockRun
from sla_monitor.domain.effects import Effects, effects
from sla_monitor.domain.reports import Report, apply
from sla_monitor.domain.watermark import Watermark
from support.events import OPOLE, SUBMITTED
from support.histories import Life, terms_in_seconds

POLICY = terms_in_seconds()
LIFE = Life().then(CaseOpened, 1).then(CaseTakenUp, 2).then(CaseConfirmed, 3).then(CaseReferred, 4)


def effects_of(events: list[ReportEvent], *, report: Report | None = None) -> Effects:
    return effects({LIFE.id: report or Report(report_id=LIFE.id)}, events, POLICY)


def test_what_was_read_before_says_nothing_new_and_is_counted() -> None:
    first = effects_of(LIFE.events)
    again = effects_of(LIFE.events, report=first.reports[LIFE.id])
    assert (first.repeats, again.repeats) == (0, len(LIFE.events))
    assert again.reports == first.reports
    assert again.announcements == []


@pytest.mark.parametrize("seed", range(20))
def test_any_order_makes_the_same_report_and_the_same_announcements(seed: int) -> None:
    shuffled = list(LIFE.events)
    Random(seed).shuffle(shuffled)
    straight, mixed = effects_of(LIFE.events), effects_of(shuffled)
    assert mixed.reports == straight.reports
    assert {announcement.id for announcement in mixed.announcements} == {
        announcement.id for announcement in straight.announcements
    }


def test_a_change_waits_for_the_one_before_it_and_nothing_is_to_fire_meanwhile() -> None:
    submitted, _, opened, taken_up, *_ = LIFE.events
    report = effects_of([submitted, taken_up]).reports[LIFE.id]
    assert (report.version, list(report.parked)) == (0, [2])
    assert [run.next_at for run in report.runs.values()] == [None]
    report = effects_of([opened], report=report).reports[LIFE.id]
    assert (report.version, list(report.parked)) == (2, [])
    assert report.runs[Clock.VERIFICATION, 1].next_at == SUBMITTED + timedelta(seconds=2 + 20 - 3)


def test_until_somebody_is_known_headquarters_answers_and_the_case_wins_over_routing() -> None:
    report = Report(report_id=LIFE.id)
    assert report.owner == HEADQUARTERS
    assert apply(report, LIFE.routed, POLICY).owner == OPOLE
    with_a_case = replace(report, version=1)
    assert apply(with_a_case, LIFE.routed, POLICY).owner == HEADQUARTERS


def test_a_step_fires_once_the_watermark_has_reached_it_and_only_once() -> None:
    run = effects_of([LIFE.submitted]).reports[LIFE.id].runs[Clock.TAKE_UP, 1]
    assert run.due_at is not None
    just_before, at = run.due_at - timedelta(microseconds=1), run.due_at
    fired, announcements = fire(run, OPOLE, POLICY, Watermark(just_before, just_before))
    assert fired.fired_steps == {Step.STARTED: SUBMITTED, Step.APPROACHING: at - timedelta(seconds=3)}
    assert fired.next_at == at
    fired, announcements = fire(fired, OPOLE, POLICY, Watermark(at, at))
    assert [announcement.event for announcement in announcements] == [missed(run)]
    assert fire(fired, OPOLE, POLICY, Watermark(at, at)) == (fired, [])


def test_what_the_watermark_has_reached_and_does_not_confirm_is_marked() -> None:
    run = effects_of([LIFE.submitted]).reports[LIFE.id].runs[Clock.TAKE_UP, 1]
    assert run.due_at is not None
    end = run.due_at + timedelta(seconds=8)
    _, announcements = fire(run, OPOLE, POLICY, Watermark(end, run.due_at))
    marks = [getattr(announcement.event, "unconfirmed", None) for announcement in announcements]
    assert marks == [None, False, True, True]  # a warning has no mark; the miss is confirmed, its escalations are not
    for nothing_confirmed in (Watermark(run.due_at, None), Watermark(run.due_at, SUBMITTED)):
        *_, announcement = fire(run, OPOLE, POLICY, nothing_confirmed)[1]
        assert announcement.event == missed(run, unconfirmed=True)


def missed(run: ClockRun, *, unconfirmed: bool = False) -> DeadlineMissed:
    assert run.started_at
    assert run.due_at
    return DeadlineMissed(
        report_id=run.report_id,
        clock=run.clock,
        cycle=run.cycle,
        owner=OPOLE,
        started_at=run.started_at,
        due_at=run.due_at,
        terms="seconds",
        unconfirmed=unconfirmed,
    )


@pytest.mark.parametrize(
    ("stopped", "outcome", "withdraws_miss", "withdraws_escalations"),
    [
        (9, "met", True, ("garrison", "headquarters")),
        (10, "met", True, ("garrison", "headquarters")),
        (12, "missed", False, ("garrison", "headquarters")),
        (14, "missed", False, ("garrison", "headquarters")),
        (16, "missed", False, ("headquarters",)),
        (20, "missed", False, ()),
    ],
)
def test_a_stop_withdraws_what_was_announced_for_a_time_when_it_had_come(
    stopped: float, outcome: str, withdraws_miss: bool, withdraws_escalations: tuple[str, ...]
) -> None:
    steps = {Step.STARTED: 0, Step.APPROACHING: 7, Step.MISSED: 10, Step.GARRISON: 14, Step.HEADQUARTERS: 18}
    run = ClockRun(
        report_id=LIFE.id,
        clock=Clock.TAKE_UP,
        cycle=1,
        started_at=SUBMITTED,
        due_at=SUBMITTED + timedelta(seconds=10),
        terms="seconds",
        stopped_at=SUBMITTED + timedelta(seconds=stopped),
        fired_steps={step: SUBMITTED + timedelta(seconds=after) for step, after in steps.items()},
    )
    # The alerts of another garrison, where headquarters would have heard later, say nothing of what was said before.
    _, (announcement,) = fire(run, OPOLE, terms_in_seconds(alerts=(3, 40, 80)))
    event = announcement.event
    assert isinstance(event, ClockStopped)
    assert (event.outcome, event.withdraws_miss) == (outcome, withdraws_miss)
    assert event.withdraws_escalations == withdraws_escalations
