"""What starts and stops which clock, who is named, and when its steps fire."""

from datetime import datetime, timedelta

import pytest
from chassis.postgres import Connection
from contracts.base import HEADQUARTERS, Owner
from contracts.envelope import Unusable
from contracts.events.cases import (
    CaseAcknowledged,
    CaseChange,
    CaseConfirmed,
    CaseCorrected,
    CaseEliminated,
    CaseOpened,
    CaseReferred,
    CaseRejected,
    CaseReopened,
    CaseReturned,
    CasesMerged,
    CaseTakenUp,
    CaseTransferred,
    CaseUnconfirmed,
    CheckRecorded,
)
from contracts.events.clocks import ClockEvent, ClockStopped
from contracts.events.routing import Reason, ReportUnroutable
from sla_monitor.app import fire_due_steps, handle
from support.events import OPOLE, SUBMITTED, received
from support.histories import PLACE, Life, terms_in_seconds
from support.sla_monitor.clocks import published, seconds_later, set_watermark

POLICY = terms_in_seconds()
WROCLAW = Owner(garrison="WRO", unit="KMP-0264", unit_name="Komenda Miejska Policji we Wrocławiu")


def at(after: float) -> datetime:
    return seconds_later(SUBMITTED, after)


def read(connection: Connection, life: Life, *, skip: int = 0) -> None:
    handle(POLICY, connection, [received(event) for event in life.events[skip:]])


def fire_until(connection: Connection, after: float) -> None:
    set_watermark(connection, at(after))
    fire_due_steps(POLICY, connection)


def announced(connection: Connection) -> list[tuple[str, str, int, float]]:
    """Type, clock, cycle, and seconds after sending, in the order they go to the log."""
    return [
        (type(event).__name__, event.clock, event.cycle, (envelope.time - SUBMITTED).total_seconds())
        for envelope in published(connection)
        if isinstance(event := envelope.data, ClockEvent)
    ]


def test_a_report_nobody_touches_is_warned_of_missed_and_escalated_at_headquarters(connection: Connection) -> None:
    handle(POLICY, connection, [received(Life().submitted)])
    for after in range(30):
        fire_until(connection, after)
    assert announced(connection) == [
        ("ClockStarted", "take-up", 1, 0),
        ("DeadlineApproaching", "take-up", 1, 7),
        ("DeadlineMissed", "take-up", 1, 10),
        ("DeadlineEscalated", "take-up", 1, 14),
        ("DeadlineEscalated", "take-up", 1, 18),
    ]
    owners = {envelope.data.owner for envelope in published(connection) if isinstance(envelope.data, ClockEvent)}
    assert owners == {HEADQUARTERS}


def test_a_step_fires_at_its_time_and_not_a_moment_before(connection: Connection) -> None:
    handle(POLICY, connection, [received(Life().submitted)])
    set_watermark(connection, at(10) - timedelta(microseconds=1))
    fire_due_steps(POLICY, connection)
    assert announced(connection)[-1][0] == "DeadlineApproaching"
    set_watermark(connection, at(10))
    fire_due_steps(POLICY, connection)
    assert announced(connection)[-1][0] == "DeadlineMissed"


def test_the_whole_life_of_a_case_runs_its_clocks_one_after_another(connection: Connection) -> None:
    life = Life().then(CaseOpened, 1).then(CaseTakenUp, 2).then(CheckRecorded, 3).then(CaseConfirmed, 4)
    life.then(CaseReferred, 5).then(CaseAcknowledged, 6).then(CaseReturned, 7).then(CaseReferred, 8)
    life.then(CaseEliminated, 9).then(CaseReopened, 10).then(CaseUnconfirmed, 11)
    read(connection, life)
    fire_until(connection, 100)
    assert announced(connection) == [
        ("ClockStarted", "take-up", 1, 0),
        ("ClockStopped", "take-up", 1, 2),
        ("ClockStarted", "verification", 1, 2),
        ("ClockStopped", "verification", 1, 4),
        ("ClockStarted", "review", 4, 4),
        ("ClockStopped", "review", 4, 5),
        ("ClockStarted", "acknowledgement", 1, 5),
        ("ClockStopped", "acknowledgement", 1, 6),
        ("ClockStarted", "review", 7, 7),
        ("ClockStopped", "review", 7, 8),
        ("ClockStarted", "acknowledgement", 2, 8),
        ("ClockStopped", "acknowledgement", 2, 9),
        ("ClockStarted", "verification", 2, 10),
        ("ClockStopped", "verification", 2, 11),
    ]


def test_a_review_reminds_once_and_is_never_missed(connection: Connection) -> None:
    life = Life().then(CaseOpened, 1).then(CaseTakenUp, 2).then(CaseConfirmed, 3)
    read(connection, life)
    fire_until(connection, 500)
    life.then(CaseEliminated, 400)
    read(connection, life)
    review = [step for step in announced(connection) if step[1] == "review"]
    assert review == [
        ("ClockStarted", "review", 3, 3),
        ("DeadlineApproaching", "review", 3, 33),
        ("ClockStopped", "review", 3, 400),
    ]
    assert stops(connection)["review"] == ("met", False)


@pytest.mark.parametrize(
    ("stopped", "outcome"), [(9.999999, "met"), (10, "met"), (10.000001, "missed"), (15, "missed")]
)
def test_the_time_of_the_stop_alone_decides_between_met_and_missed(
    connection: Connection, stopped: float, outcome: str
) -> None:
    read(connection, Life().then(CaseOpened, 1).then(CaseTakenUp, stopped))
    assert stops(connection)["take-up"] == (outcome, False)


def test_a_miss_that_a_late_stop_proves_wrong_is_withdrawn(connection: Connection) -> None:
    life = Life()
    read(connection, life)
    fire_until(connection, 12)
    read(connection, life.then(CaseOpened, 1).then(CaseTakenUp, 9))
    assert ("DeadlineMissed", "take-up", 1, 10) in announced(connection)
    assert stops(connection)["take-up"] == ("met", True)


def test_a_stop_after_a_justified_miss_withdraws_nothing_and_ends_the_escalation(connection: Connection) -> None:
    life = Life()
    read(connection, life)
    fire_until(connection, 12)
    read(connection, life.then(CaseOpened, 1).then(CaseTakenUp, 13))
    fire_until(connection, 100)
    assert [step[0] for step in announced(connection) if step[1] == "take-up"] == [
        "ClockStarted",
        "DeadlineApproaching",
        "DeadlineMissed",
        "ClockStopped",
    ]
    assert stops(connection)["take-up"] == ("missed", False)


def test_a_joke_stops_take_up_and_starts_nothing(connection: Connection) -> None:
    read(connection, Life().then(CaseOpened, 1).then(CaseRejected, 3))
    fire_until(connection, 100)
    assert announced(connection) == [("ClockStarted", "take-up", 1, 0), ("ClockStopped", "take-up", 1, 3)]


@pytest.mark.parametrize("before", [[], [CaseTakenUp], [CaseTakenUp, CaseConfirmed, CaseReferred]])
def test_a_merged_case_has_no_clock_that_runs(connection: Connection, before: list[type[CaseChange]]) -> None:
    life = Life()
    life.then(CaseOpened, 0)
    for after, kind in enumerate(before, 1):
        life.then(kind, after)
    read(connection, life.then(CasesMerged, 5))
    fire_until(connection, 100)
    kinds = [step[0] for step in announced(connection)]
    assert kinds.count("ClockStarted") == kinds.count("ClockStopped") == len(kinds) / 2


def test_a_corrected_category_restarts_no_clock(connection: Connection) -> None:
    read(connection, Life().then(CaseOpened, 1).then(CaseTakenUp, 2).then(CaseCorrected, 3))
    fire_until(connection, 100)
    assert [step for step in announced(connection) if step[0] == "ClockStarted"] == [
        ("ClockStarted", "take-up", 1, 0),
        ("ClockStarted", "verification", 1, 2),
    ]


def test_a_decision_read_before_its_take_up_waits_and_nothing_fires_meanwhile(connection: Connection) -> None:
    life = Life().then(CaseOpened, 1).then(CaseTakenUp, 2).then(CaseConfirmed, 3)
    submitted, _, opened, taken_up, confirmed = life.events
    handle(POLICY, connection, [received(submitted), received(opened), received(confirmed)])
    fire_until(connection, 100)
    assert announced(connection) == [("ClockStarted", "take-up", 1, 0)]
    handle(POLICY, connection, [received(taken_up)])
    assert [step[:3] for step in announced(connection)[-2:]] == [
        ("ClockStopped", "verification", 1),
        ("ClockStarted", "review", 3),
    ]
    assert connection.execute("select count(*) as parked from parked").fetchone() == {"parked": 0}


def test_the_case_says_who_answers_before_routing_and_the_newest_of_each_wins(connection: Connection) -> None:
    life = Life()
    lost = ReportUnroutable(report_id=life.id, submitted_at=life.start, reason=Reason.OUTSIDE, **PLACE)
    handle(POLICY, connection, [received(life.submitted), received(lost)])
    assert owner(connection) == HEADQUARTERS
    handle(POLICY, connection, [received(life.routed)])
    assert owner(connection) == HEADQUARTERS  # the same place was answered for already
    life.owner = WROCLAW
    life.then(CaseOpened, 1)
    life.owner = OPOLE
    life.then(CaseTransferred, 2)
    handle(POLICY, connection, [received(life.changes[0])])
    assert owner(connection) == WROCLAW
    handle(POLICY, connection, [received(life.changes[1]), received(life.changes[0]), received(life.routed)])
    assert owner(connection) == OPOLE


def test_later_steps_follow_the_alerts_of_whoever_answers_now(connection: Connection) -> None:
    early = terms_in_seconds(garrisons={"WRO": (6, 1, 2)})
    life = Life().then(CaseOpened, 1)
    life.owner = WROCLAW
    life.then(CaseTransferred, 2)
    handle(early, connection, [received(event) for event in life.events])
    set_watermark(connection, at(100))
    fire_due_steps(early, connection)
    assert [step[3] for step in announced(connection)] == [0, 4, 10, 11, 12]


def test_a_clock_keeps_the_terms_it_started_under(connection: Connection) -> None:
    handle(POLICY, connection, [received(Life().submitted)])
    set_watermark(connection, at(100))
    fire_due_steps(terms_in_seconds(take_up=50), connection)
    assert ("DeadlineMissed", "take-up", 1, 10) in announced(connection)


def test_a_report_older_than_all_terms_is_unusable(connection: Connection) -> None:
    old = Life(start=SUBMITTED - timedelta(days=4000))
    with pytest.raises(Unusable, match="no terms are in force"):
        handle(POLICY, connection, [received(old.submitted)])


def owner(connection: Connection) -> Owner:
    """Who the next step would name."""
    handle(POLICY, connection, [received(Life().submitted)])
    row = connection.execute("select garrison from report").fetchone()
    assert row
    return {owner.garrison: owner for owner in (HEADQUARTERS, OPOLE, WROCLAW)}[row["garrison"]]


def stops(connection: Connection) -> dict[str, tuple[str, bool]]:
    """Outcome and withdrawal of each kind of clock that stopped."""
    stopped = [envelope.data for envelope in published(connection) if isinstance(envelope.data, ClockStopped)]
    return {event.clock: (event.outcome, event.withdraws_miss) for event in stopped}
