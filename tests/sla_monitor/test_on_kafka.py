"""The whole service on real Kafka and PostgreSQL, in this process: what comes in on its topics, what goes out."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from chassis.clock import now
from chassis.run import Worker
from chassis.settings import Settings as Shared
from contracts.events.cases import CaseOpened, CaseTakenUp
from contracts.events.clocks import Clock, ClockStopped
from support.effects import running
from support.histories import Life, terms_in_seconds
from support.sla_monitor.clocks import expected
from support.sla_monitor.service import Start, announced, figure, kinds, publish, until

pytestmark = pytest.mark.long


def test_clocks_run_on_real_parts_and_every_step_is_on_the_log_within_a_second(
    settings: Shared, start: Start, casework_relay: Callable[[], Worker]
) -> None:
    policy = terms_in_seconds(take_up=4, verification=3, alerts=(1, 0.5, 1))
    with running(casework_relay(), *start(policy)) as failures:
        publish(settings, Life(0).submitted)
        until(lambda: bool(announced(settings)))  # the group has met and reads
        lives = [Life(number, start=now()) for number in range(1, 9)]
        publish(settings, *(life.submitted for life in lives))
        until(lambda: now() > lives[-1].start + timedelta(seconds=1.5))
        for life in lives[::2]:
            life.then(CaseOpened, 1).then(CaseTakenUp, 1.5)
        publish(settings, *(change for life in lives for change in life.changes))
        last = lives[-1].start + timedelta(seconds=6)
        until(lambda: now() > last + timedelta(seconds=1))
        events = announced(settings)
        until(lambda: figure("kmzb_sla_open", clock="take-up", garrison="KGP", state="overdue") == 5)
        until(lambda: figure("kmzb_sla_open", clock="verification", garrison="OPO", state="overdue") == 4)
    assert not failures
    ours = {str(life.id) for life in lives}
    events = [(envelope, taken) for envelope, taken in events if envelope.data.key in ours]
    assert len(events) == len({envelope.id for envelope, _ in events})
    assert {envelope.id for envelope, _ in events} == {
        step.id for life in lives for step in expected(life, policy, last)
    }
    late = [(taken - envelope.time).total_seconds() for envelope, taken in events if "Deadline" in envelope.type]
    assert min(late) >= -0.001  # the log's times are in whole milliseconds
    assert max(late) <= 1
    assert figure("kmzb_sla_open", clock="take-up", garrison="KGP", state="on_time") == 0
    assert figure("kmzb_sla_decided_total", clock="take-up", garrison="OPO", outcome="met") >= 4
    assert figure("kmzb_sla_lateness_seconds_count") > 0
    assert 0 <= figure("kmzb_sla_watermark_age_seconds") < 5
    assert figure("kmzb_sla_gap_seconds") == 0


def test_after_a_downtime_with_unread_stops_no_false_miss_goes_out(
    settings: Shared, start: Start, casework_relay: Callable[[], Worker]
) -> None:
    policy = terms_in_seconds(take_up=6, verification=600, alerts=(1, 60, 60))
    lives = [Life(number, start=now()) for number in range(40)]
    with running(casework_relay(), *start(policy)) as failures:
        publish(settings, *(life.submitted for life in lives))
        until(lambda: kinds(announced(settings), Clock.TAKE_UP).count("ClockStarted") == len(lives))
    assert not failures
    for life in lives[::2]:
        life.then(CaseOpened, 0.5).then(CaseTakenUp, 1)
    publish(settings, *(change for life in lives for change in life.changes))
    until(lambda: now() > lives[-1].start + timedelta(seconds=6.5))
    with running(casework_relay(), *start(policy)) as failures:
        until(lambda: kinds(announced(settings), Clock.TAKE_UP).count("DeadlineMissed") >= 20)
        # And a little longer, until something new is through.
        publish(settings, Life(99, start=now()).submitted)
        until(lambda: kinds(announced(settings), Clock.TAKE_UP).count("ClockStarted") == 41)
        events = announced(settings)
    assert not failures
    missed = {envelope.data.key for envelope, _ in events if envelope.type.endswith("DeadlineMissed.v1")}
    assert missed == {str(life.id) for life in lives[1::2]}
    stops = [envelope.data for envelope, _ in events if isinstance(envelope.data, ClockStopped)]
    assert {stop.outcome for stop in stops} == {"met"}
    assert not any(stop.withdraws_miss for stop in stops)


def test_two_instances_share_the_work_and_one_goes_on_alone(
    settings: Shared, start: Start, casework_relay: Callable[[], Worker]
) -> None:
    policy = terms_in_seconds(take_up=4, alerts=(1, 60, 60))
    with running(casework_relay(), *start(policy)) as failures:
        publish(settings, Life(0).submitted)
        until(lambda: bool(announced(settings)))
        with running(casework_relay(), *start(policy)) as others:
            publish(settings, *(Life(number, start=now()).submitted for number in range(1, 31)))
            until(lambda: kinds(announced(settings), Clock.TAKE_UP).count("ClockStarted") == 31)
        until(lambda: kinds(announced(settings), Clock.TAKE_UP).count("DeadlineMissed") == 31)
        events = announced(settings)
    assert not failures
    assert not others
    assert len(events) == len({envelope.id for envelope, _ in events})
    assert all(taken >= envelope.time - timedelta(milliseconds=1) for envelope, taken in events)
