"""Two monitors: each tells of the clocks of what is its own, and a case that goes from one to the other loses none."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from contracts.base import Owner, ReportEvent
from contracts.events.cases import CaseConfirmed, CaseOpened, CaseTakenUp, CaseTransferred
from contracts.events.clocks import Clock, ClockStopped, DeadlineMissed
from contracts.events.progress import OutboxPublished
from contracts.policy.regions import Change, Plan, Region
from hypothesis import given
from hypothesis import strategies as st
from sla_monitor.domain.announcements import Announcement, fire
from sla_monitor.domain.effects import effects
from sla_monitor.domain.regions import concerns, progress_of
from sla_monitor.domain.reports import Report
from sla_monitor.domain.watermark import Watermark
from support.events import OPOLE, SUBMITTED
from support.histories import Life, terms_in_seconds

POLICY = terms_in_seconds()
KATOWICE = Owner(garrison="KAT", unit="KMP-2469", unit_name="Komenda Miejska Policji w Katowicach")
PLAN = Plan(change=(Change(garrison="KAT", instance="katowice", since=SUBMITTED),))
MONTHS = SUBMITTED + timedelta(days=99)
FAR = Watermark(MONTHS, MONTHS)


class Monitor:
    """One of them, without its store."""

    def __init__(self, name: str = "national") -> None:
        self.region = Region(PLAN, name)
        self.reports: dict[UUID, Report] = {}
        self.said: list[Announcement] = []

    def hear(self, *events: ReportEvent) -> None:
        for event in events:
            if concerns(self.region, event):
                known = {event.report_id: self.reports.get(event.report_id, Report(report_id=event.report_id))}
                decided = effects(known, [event], POLICY, self.region)
                self.reports |= decided.reports
                self.said += decided.announcements

    def time_passes(self) -> None:
        """Everything there was has been read, and everything is due."""
        for report in self.reports.values():
            for key, run in report.runs.items():
                if run.next_at:
                    fired, announced = fire(run, report.owner, POLICY, FAR)
                    self.said += announced
                    self.reports[report.report_id] = Report(
                        **{name: getattr(report, name) for name in report.__dataclass_fields__}
                        | {"runs": {**self.reports[report.report_id].runs, key: fired}}
                    )

    def steps(self, kind: type = object) -> list[tuple[str, str]]:
        return [(type(a.event).__name__, a.event.clock.value) for a in self.said if isinstance(a.event, kind)]


def hear_all(monitors: Sequence[Monitor], events: Sequence[ReportEvent]) -> None:
    for monitor in monitors:
        monitor.hear(*events)


def moved(to: Owner, life: Life, after: float, **more: Any) -> Life:
    """The case goes to another owner."""
    previous, life.owner = life.owner, to
    return life.then(CaseTransferred, after, previous=previous, **more)


def test_each_tells_of_its_own_alone() -> None:
    nation, region = Monitor(), Monitor("katowice")
    hear_all((nation, region), Life(1, owner=KATOWICE).then(CaseOpened, 1).events)
    hear_all((nation, region), Life(2).then(CaseOpened, 1).events)
    nation.said.clear()  # of either it said that take-up began, before it knew whose it is
    nation.time_passes()
    region.time_passes()
    ids = {str(a.event.report_id) for a in nation.said}
    assert ids == {str(Life(2).id)}
    assert {str(a.event.report_id) for a in region.said} == {str(Life(1).id)}
    assert ("DeadlineMissed", "take-up") in region.steps()
    assert Life(2).id not in region.reports  # it costs a region nothing


def test_what_nobody_has_routed_is_missed_at_the_nations() -> None:
    nation, region = Monitor(), Monitor("katowice")
    hear_all((nation, region), [Life(1, owner=KATOWICE).submitted])
    nation.time_passes()
    region.time_passes()
    assert ("DeadlineMissed", "take-up") in nation.steps()
    assert not region.said


@given(st.permutations(range(4)))
def test_in_any_order_a_take_up_there_is_none_of_the_nations(order: Sequence[int]) -> None:
    life = Life(1, owner=KATOWICE).then(CaseOpened, 1).then(CaseTakenUp, 2)
    nation, region = Monitor(), Monitor("katowice")
    hear_all((nation, region), [life.events[number] for number in order])
    nation.said.clear()
    nation.time_passes()
    assert not nation.said
    [stopped] = [a.event for a in region.said if isinstance(a.event, ClockStopped)]
    assert (stopped.clock, stopped.outcome) == (Clock.TAKE_UP, "met")


@pytest.mark.parametrize(
    ("changes", "clock", "started"),
    [
        ((), Clock.TAKE_UP, 0.0),
        ((CaseTakenUp,), Clock.VERIFICATION, 2.0),
        ((CaseTakenUp, CaseConfirmed), Clock.REVIEW, 5.0),
    ],
    ids=["new", "verification", "confirmed"],
)
def test_a_case_that_comes_in_is_owed_as_it_was_and_the_sender_tells_no_more(
    changes: tuple[Any, ...], clock: Clock, started: float
) -> None:
    life = Life(1).then(CaseOpened, 1)
    for number, change in enumerate(changes):
        life.then(change, 2 + number)
    since = {Clock.VERIFICATION: SUBMITTED + timedelta(seconds=2)}.get(clock)
    moved(KATOWICE, life, 5, running_since=since)
    nation, region = Monitor(), Monitor("katowice")
    hear_all((nation, region), life.events)
    [run] = [run for run in region.reports[life.id].runs.values() if run.next_at]
    assert (run.clock, run.started_at) == (clock, SUBMITTED + timedelta(seconds=started))
    nation.said.clear()
    nation.time_passes()
    assert not nation.said
    region.time_passes()
    assert bool(region.steps(DeadlineMissed)) == (clock is not Clock.REVIEW)


def test_there_and_back_every_step_is_one_step() -> None:
    life = moved(KATOWICE, Life(1).then(CaseOpened, 1), 2)
    life.then(CaseTakenUp, 3)
    moved(OPOLE, life, 4, running_since=SUBMITTED + timedelta(seconds=3))
    life.then(CaseConfirmed, 5)
    nation, region = Monitor(), Monitor("katowice")
    hear_all((nation, region), life.events)
    nation.time_passes()
    stops = [
        (a.event.clock.value, a.event.outcome)
        for a in (*nation.said, *region.said)
        if isinstance(a.event, ClockStopped)
    ]
    assert sorted(set(stops)) == [("take-up", "met"), ("verification", "met")]
    assert not [a for a in nation.said if isinstance(a.event, DeadlineMissed)]
    again = Monitor("katowice")
    again.hear(*life.events, *life.events)
    assert [a.id for a in again.said] == [a.id for a in region.said]


def test_how_far_a_casework_is_counts_for_its_own_monitor_alone() -> None:
    national, katowice = (OutboxPublished(service=name, until=SUBMITTED) for name in ("casework", "casework.katowice"))
    assert progress_of(Region(PLAN), national) == progress_of(Region(PLAN, "katowice"), katowice) == national
    assert progress_of(Region(PLAN), katowice) is None
    assert progress_of(Region(PLAN, "katowice"), national) is None
