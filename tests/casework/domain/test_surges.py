"""Surges: one alarm for many reports at one place within minutes, in whichever order and however often they come."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from math import cos, radians
from random import Random
from uuid import UUID

import pytest
from casework.domain.duty import surges
from casework.domain.duty.surges import METRES_A_DEGREE, RecentReport, Surge, distance, escalated, judge
from contracts.base import HEADQUARTERS, Owner
from contracts.policy.surges import SurgeTerms, surge_policy
from hypothesis import given
from hypothesis import strategies as st
from intake.settings import Settings
from support.events import OPOLE, SUBMITTED, report_id

TERMS = surge_policy().surges[0]
BRZEG = Owner(garrison="OPO", unit="KPP-1601", unit_name="Komenda Powiatowa Policji w Brzegu")
EAST, NORTH = 17.92, 50.66


def report(number: int, seconds: float, metres: float = 0.0, owner: Owner = OPOLE) -> RecentReport:
    """A report so many seconds after the first, so many metres to the north of it."""
    return RecentReport(
        report_id=report_id(number),
        submitted_at=SUBMITTED + timedelta(seconds=seconds),
        longitude=EAST,
        latitude=NORTH + metres / METRES_A_DEGREE,
        owner=owner,
    )


class Desk:
    """What the worker keeps from one look to the next: surges, reports, whose each is."""

    def __init__(self) -> None:
        self.surges: dict[UUID, Surge] = {}
        self.reports: dict[UUID, RecentReport] = {}
        self.raised: list[Surge] = []

    def look(self, new: Sequence[RecentReport], at: datetime = SUBMITTED) -> None:
        unknown = {one.report_id: one for one in new if one.report_id not in self.reports}
        self.reports |= unknown
        judged = judge(list(unknown.values()), list(self.reports.values()), list(self.surges.values()), TERMS, at)
        assert not {surge.surge_id for surge in judged.raised} & self.surges.keys()
        self.raised += judged.raised
        self.surges |= {surge.surge_id: surge for surge in (*judged.raised, *judged.grew)}
        for member, surge_id in judged.members.items():
            known = self.reports[member]
            assert known.surge_id is None, "a report belongs to one surge"
            self.reports[member] = RecentReport(
                **{name: getattr(known, name) for name in RecentReport.__dataclass_fields__ if name != "surge_id"},
                surge_id=surge_id,
            )


def crowds(reports: Sequence[RecentReport]) -> list[list[RecentReport]]:
    """By the letter of the policy, not as the code finds them: everybody round a report within the time up to it."""
    found = []
    for middle in reports:
        crowd = [
            one
            for one in reports
            if distance(one, middle) <= TERMS.metres
            and timedelta(0) <= middle.submitted_at - one.submitted_at < TERMS.within.plain
        ]
        if len(crowd) >= TERMS.reports:
            found.append(crowd)
    return found


def test_the_sixth_report_within_ten_minutes_raises_the_alarm_and_no_later_one() -> None:
    desk = Desk()
    for number in range(1, 6):
        desk.look([report(number, 60 * number)])
        assert desk.raised == []
    desk.look([report(6, 400, metres=480)])
    assert [(one.owner, one.reports, one.told) for one in desk.raised] == [(OPOLE, 5 + 1, "unit")]
    for number in range(7, 40):
        desk.look([report(number, 400 + 30 * number, metres=number * 20)])
    assert len(desk.raised) == 1
    assert desk.surges[report_id(6)].reports == 39


def test_what_comes_too_slowly_or_too_far_apart_is_none() -> None:
    desk = Desk()
    desk.look([report(number, 121 * number) for number in range(6)])
    desk.look([report(100 + number, number, metres=5_000 + 600 * number) for number in range(6)])
    assert desk.raised == []


def test_a_place_that_was_quiet_raises_an_alarm_again() -> None:
    desk = Desk()
    quiet = TERMS.quiet.plain.total_seconds()
    desk.look([report(number, number) for number in range(6)])
    desk.look([report(10 + number, quiet + 60 + number) for number in range(6)])
    assert len(desk.raised) == 2


def test_an_alarm_belongs_to_whoever_most_of_it_belongs_to() -> None:
    desk = Desk()
    desk.look([report(number, number, owner=BRZEG if number < 4 else OPOLE) for number in range(6)])
    assert [surge.owner for surge in desk.raised] == [BRZEG]


def test_nobody_answers_and_it_goes_up_to_garrison_and_headquarters() -> None:
    desk = Desk()
    desk.look([report(number, number) for number in range(6)])
    [surge] = desk.raised
    assert surge.escalate_at == SUBMITTED + TERMS.garrison.plain
    above = escalated(surge, TERMS)
    assert (above.told, above.escalate_at) == ("garrison", SUBMITTED + TERMS.headquarters.plain)
    top = escalated(above, TERMS)
    assert (top.told, top.escalate_at) == ("headquarters", None)
    desk.look([report(20 + number, number, metres=90_000, owner=HEADQUARTERS) for number in range(6)])
    assert [(one.told, one.escalate_at) for one in desk.raised[1:]] == [("headquarters", None)]


def test_nobody_raises_an_alarm_alone() -> None:
    """Who sends is not on the log: an alarm takes more reports than intake takes of one sender in an hour."""
    assert TERMS.reports > Settings.model_fields["reports_per_hour"].default


PLACES = st.tuples(st.floats(0, 1_800), st.floats(0, 3_000))


@given(
    sent=st.lists(PLACES, min_size=1, max_size=40),
    seed=st.integers(),
    repeats=st.lists(st.integers(0, 39), max_size=10),
)
def test_in_any_order_no_surge_is_lost_and_none_has_two_alarms(
    sent: list[tuple[float, float]], seed: int, repeats: list[int]
) -> None:
    reports = [report(number, seconds, metres) for number, (seconds, metres) in enumerate(sent)]
    come = reports + [reports[one % len(reports)] for one in repeats]
    order = Random(seed)
    order.shuffle(come)
    desk = Desk()
    while come:
        size = order.randint(1, 5)
        desk.look(come[:size])
        come = come[size:]
    for crowd in crowds(reports):
        assert any(desk.reports[one.report_id].surge_id for one in crowd), "a surge nobody was called for"
    for number, one in enumerate(desk.raised):
        for earlier in desk.raised[:number]:
            assert distance(one, earlier) > 2 * TERMS.metres, "two alarms for one surge"
    for surge in desk.surges.values():
        assert surge.reports == sum(one.surge_id == surge.surge_id for one in desk.reports.values())


@given(
    sent=st.lists(st.tuples(st.floats(0, 590), st.floats(0, 250)), min_size=6, max_size=30),
    seed=st.integers(),
)
def test_one_surge_is_one_alarm_in_any_order(sent: list[tuple[float, float]], seed: int) -> None:
    come = [report(number, seconds, metres) for number, (seconds, metres) in enumerate(sent)]
    order = Random(seed)
    order.shuffle(come)
    desk = Desk()
    while come:
        size = order.randint(1, 9)
        desk.look(come[:size])
        come = come[size:]
    assert len(desk.raised) == 1
    assert desk.surges[desk.raised[0].surge_id].reports == len(sent)


def test_what_lies_across_a_square_s_edge_is_near() -> None:
    """North and south of a line, east and west of another: wherever the squares lie, some pairs are in two of them."""
    metres_a_degree_east = METRES_A_DEGREE * cos(radians(NORTH))
    for shift in range(0, 2_000, 37):
        crowd = [report(number, number, metres=shift + number * TERMS.metres / 6) for number in range(6)]
        diagonal = [
            replace(one, longitude=EAST + (shift + number * TERMS.metres / 12) / metres_a_degree_east)
            for number, one in enumerate(crowd)
        ]
        for reports in (crowd, diagonal):
            desk = Desk()
            desk.look(reports)
            assert len(desk.raised) == 1
            assert desk.raised[0].reports == 6


def test_a_report_is_compared_with_what_is_near_it_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a catastrophe thousands are looked at together: twice as many in twice the country cost twice as much."""
    compared = 0

    def counted(one: RecentReport | Surge, other: RecentReport | Surge) -> float:
        nonlocal compared
        compared += 1
        return distance(one, other)

    monkeypatch.setattr(surges, "distance", counted)
    order = Random(7)
    everywhere = [
        replace(report(number, order.uniform(0, 500)), longitude=order.uniform(15, 23), latitude=order.uniform(50, 54))
        for number in range(2_000)
    ]
    here = [report(5_000 + number, number) for number in range(6)]
    judged = judge([*everywhere, *here], [*everywhere, *here], [], TERMS, SUBMITTED)
    assert [(one.reports, one.longitude) for one in judged.raised] == [(6, EAST)]
    assert compared < 4 * len(everywhere)


def test_terms_are_those_in_force() -> None:
    policy = surge_policy()
    assert isinstance(policy.terms_at(SUBMITTED), SurgeTerms)
