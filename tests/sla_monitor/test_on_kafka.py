"""The whole service on real Kafka and PostgreSQL, in this process: what comes in on its topics, what goes out."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from chassis.clock import now
from chassis.health import Health
from chassis.kafka.client import Publisher
from chassis.kafka.messages import original_headers
from chassis.postgres import Database
from chassis.run import Worker
from chassis.settings import Settings as Shared
from contracts.base import ReportEvent
from contracts.envelope import Envelope, decode
from contracts.events.cases import CaseOpened, CaseTakenUp
from contracts.events.clocks import Clock, ClockEvent, ClockStopped
from contracts.policy.terms import Policy
from contracts.topics import CASE_CHANGED, CLOCK, DEAD_LETTERS, REPORT_ROUTED, REPORT_SUBMITTED, SLA_MONITOR
from prometheus_client import REGISTRY
from pydantic import SecretStr
from sla_monitor.app import workers
from sla_monitor.settings import Settings
from support.effects import running
from support.events import outgoing
from support.histories import Life, terms_in_seconds
from support.sla_monitor.clocks import expected
from support.stack.databases import Clone
from support.topics import everything_on
from support.wait import eventually

Start = Callable[[Policy], list[Worker]]
Announced = tuple[Envelope, datetime]


@pytest.fixture
def start(settings: Shared, topics: Callable[..., None], database: Callable[[str], Clone]) -> Iterator[Start]:
    """The service's workers, on the topics and the database of this test."""
    topics(REPORT_SUBMITTED, REPORT_ROUTED, CASE_CHANGED, CLOCK, DEAD_LETTERS[SLA_MONITOR])
    own = Settings(
        **settings.model_dump(),
        postgres_dsn=SecretStr(database(SLA_MONITOR).service),
        gauges_every=timedelta(seconds=0.1),
    )
    opened: list[Database] = []

    def make(policy: Policy) -> list[Worker]:
        opened.append(Database(own.postgres_dsn.get_secret_value()))
        return list(workers(own, opened[-1], Health("consumer"), policy).values())

    yield make
    for database_opened in opened:
        database_opened.close()


def publish(settings: Shared, *events: ReportEvent) -> None:
    Publisher(settings, "test").publish([outgoing(event) for event in events])


def announced(settings: Shared) -> list[Announced]:
    """Everything on the clock topic, each event with the time the log took it."""
    found = []
    for message in everything_on(settings, CLOCK):
        envelope = decode(original_headers(message), message.value() or b"")
        found.append((envelope, datetime.fromtimestamp(message.timestamp()[1] / 1000, envelope.time.tzinfo)))
    return found


def until(condition: Callable[[], bool]) -> None:
    eventually(condition, 40)


def figure(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def kinds(announced: list[Announced], clock: Clock) -> list[str]:
    events = [envelope.data for envelope, _ in announced]
    return [type(event).__name__ for event in events if isinstance(event, ClockEvent) and event.clock is clock]


def test_clocks_run_on_real_parts_and_every_step_is_on_the_log_within_a_second(settings: Shared, start: Start) -> None:
    policy = terms_in_seconds(take_up=4, verification=3, alerts=(1, 0.5, 1))
    with running(*start(policy)) as failures:
        publish(settings, Life(0).submitted)
        until(lambda: bool(announced(settings)))  # the group has met and reads
        lives = [Life(number, start=now()) for number in range(1, 9)]
        publish(settings, *(life.submitted for life in lives))
        until(lambda: now() > lives[-1].start + timedelta(seconds=1.5))
        for life in lives[::2]:
            life.then(CaseOpened, 1).then(CaseTakenUp, 1.5)
        publish(settings, *(change for life in lives for change in life.changes))
        last = lives[-1].start + timedelta(seconds=6)
        until(lambda: now() > last)
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


def test_after_a_downtime_with_unread_stops_no_false_miss_goes_out(settings: Shared, start: Start) -> None:
    policy = terms_in_seconds(take_up=6, verification=600, alerts=(1, 60, 60))
    lives = [Life(number, start=now()) for number in range(40)]
    with running(*start(policy)) as failures:
        publish(settings, *(life.submitted for life in lives))
        until(lambda: kinds(announced(settings), Clock.TAKE_UP).count("ClockStarted") == len(lives))
    assert not failures
    for life in lives[::2]:
        life.then(CaseOpened, 0.5).then(CaseTakenUp, 1)
    publish(settings, *(change for life in lives for change in life.changes))
    until(lambda: now() > lives[-1].start + timedelta(seconds=6.5))
    with running(*start(policy)) as failures:
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


def test_two_instances_share_the_work_and_one_goes_on_alone(settings: Shared, start: Start) -> None:
    policy = terms_in_seconds(take_up=4, alerts=(1, 60, 60))
    with running(*start(policy)) as failures:
        publish(settings, Life(0).submitted)
        until(lambda: bool(announced(settings)))
        with running(*start(policy)) as others:
            publish(settings, *(Life(number, start=now()).submitted for number in range(1, 31)))
            until(lambda: kinds(announced(settings), Clock.TAKE_UP).count("ClockStarted") == 31)
        until(lambda: kinds(announced(settings), Clock.TAKE_UP).count("DeadlineMissed") == 31)
        events = announced(settings)
    assert not failures
    assert not others
    assert len(events) == len({envelope.id for envelope, _ in events})
    assert all(taken >= envelope.time - timedelta(milliseconds=1) for envelope, taken in events)
