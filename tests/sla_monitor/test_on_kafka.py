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
from support.histories import Life, seconds
from support.sla_monitor.clocks import expected
from support.stack.databases import Clone
from support.topics import everything_on
from support.wait import eventually

Start = Callable[[Policy], list[Worker]]
Said = tuple[Envelope, datetime]


@pytest.fixture
def start(settings: Shared, topics: Callable[..., None], database: Callable[[str], Clone]) -> Iterator[Start]:
    """The service's workers, on the topics and the database of this test."""
    topics(REPORT_SUBMITTED, REPORT_ROUTED, CASE_CHANGED, CLOCK, DEAD_LETTERS[SLA_MONITOR])
    own = Settings(
        **settings.model_dump(),
        postgres_dsn=SecretStr(database(SLA_MONITOR).service),
        figures_every=timedelta(seconds=0.1),
    )
    opened: list[Database] = []

    def make(policy: Policy) -> list[Worker]:
        opened.append(Database(own.postgres_dsn.get_secret_value()))
        return list(workers(own, opened[-1], Health("consumer"), policy).values())

    yield make
    for each in opened:
        each.close()


def publish(settings: Shared, *events: ReportEvent) -> None:
    Publisher(settings, "test").publish([outgoing(event) for event in events])


def heard(settings: Shared) -> list[Said]:
    """Everything on the clock topic, each with the time the log took it."""
    found = []
    for message in everything_on(settings, CLOCK):
        envelope = decode(original_headers(message), message.value() or b"")
        found.append((envelope, datetime.fromtimestamp(message.timestamp()[1] / 1000, envelope.time.tzinfo)))
    return found


def until(condition: Callable[[], bool]) -> None:
    eventually(condition, 40)


def figure(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def kinds(said: list[Said], clock: Clock) -> list[str]:
    return [
        type(each.data).__name__ for each, _ in said if isinstance(each.data, ClockEvent) and each.data.clock is clock
    ]


def test_clocks_run_on_real_parts_and_every_step_is_on_the_log_within_a_second(settings: Shared, start: Start) -> None:
    policy = seconds(take_up=4, verification=3, alerts=(1, 0.5, 1))
    with running(*start(policy)) as failures:
        publish(settings, Life(0).submitted)
        until(lambda: bool(heard(settings)))  # the group has met and reads
        lives = [Life(number, start=now()) for number in range(1, 9)]
        publish(settings, *(life.submitted for life in lives))
        until(lambda: now() > lives[-1].start + timedelta(seconds=1.5))
        for life in lives[::2]:
            life.then(CaseOpened, 1).then(CaseTakenUp, 1.5)
        publish(settings, *(change for life in lives for change in life.changes))
        last = lives[-1].start + timedelta(seconds=6)
        until(lambda: now() > last)
        said = heard(settings)
        until(lambda: figure("kmzb_sla_open", clock="take-up", garrison="KGP", state="overdue") == 5)
        until(lambda: figure("kmzb_sla_open", clock="verification", garrison="OPO", state="overdue") == 4)
    assert not failures
    ours = {life.id for life in lives}
    spoken = [(each, taken) for each, taken in said if each.data.key in {str(one) for one in ours}]
    assert len(spoken) == len({each.id for each, _ in spoken})
    assert {each.id for each, _ in spoken} == {one.id for life in lives for one in expected(life, policy, last)}
    late = [(taken - each.time).total_seconds() for each, taken in spoken if "Deadline" in each.type]
    assert min(late) >= -0.001  # the log's times are in whole milliseconds
    assert max(late) <= 1
    assert figure("kmzb_sla_open", clock="take-up", garrison="KGP", state="on_time") == 0
    assert figure("kmzb_sla_decided_total", clock="take-up", garrison="OPO", outcome="met") >= 4
    assert figure("kmzb_sla_lateness_seconds_count") > 0
    assert 0 <= figure("kmzb_sla_watermark_age_seconds") < 5
    assert figure("kmzb_sla_gap_seconds") == 0


def test_after_a_downtime_with_unread_stops_no_false_miss_goes_out(settings: Shared, start: Start) -> None:
    policy = seconds(take_up=6, verification=600, alerts=(1, 60, 60))
    lives = [Life(number, start=now()) for number in range(40)]
    with running(*start(policy)) as failures:
        publish(settings, *(life.submitted for life in lives))
        until(lambda: kinds(heard(settings), Clock.TAKE_UP).count("ClockStarted") == len(lives))
    assert not failures
    for life in lives[::2]:
        life.then(CaseOpened, 0.5).then(CaseTakenUp, 1)
    publish(settings, *(change for life in lives for change in life.changes))
    until(lambda: now() > lives[-1].start + timedelta(seconds=6.5))
    with running(*start(policy)) as failures:
        until(lambda: kinds(heard(settings), Clock.TAKE_UP).count("DeadlineMissed") >= 20)
        # And a little longer, until something new is through.
        publish(settings, Life(99, start=now()).submitted)
        until(lambda: kinds(heard(settings), Clock.TAKE_UP).count("ClockStarted") == 41)
        said = heard(settings)
    assert not failures
    missed = {each.data.key for each, _ in said if each.type.endswith("DeadlineMissed.v1")}
    assert missed == {str(life.id) for life in lives[1::2]}
    stops = [each.data for each, _ in said if isinstance(each.data, ClockStopped)]
    assert {each.outcome for each in stops} == {"met"}
    assert not any(each.withdraws_miss for each in stops)


def test_two_instances_share_the_work_and_one_goes_on_alone(settings: Shared, start: Start) -> None:
    policy = seconds(take_up=4, alerts=(1, 60, 60))
    with running(*start(policy)) as failures:
        publish(settings, Life(0).submitted)
        until(lambda: bool(heard(settings)))
        with running(*start(policy)) as others:
            publish(settings, *(Life(number, start=now()).submitted for number in range(1, 31)))
            until(lambda: kinds(heard(settings), Clock.TAKE_UP).count("ClockStarted") == 31)
        until(lambda: kinds(heard(settings), Clock.TAKE_UP).count("DeadlineMissed") == 31)
        said = heard(settings)
    assert not failures
    assert not others
    assert len(said) == len({each.id for each, _ in said})
    assert all(taken >= each.time - timedelta(milliseconds=1) for each, taken in said)
