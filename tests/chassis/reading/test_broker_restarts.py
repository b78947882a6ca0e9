"""A broker that is restarted while a consumer commits ends nobody: everything takes effect, and offsets go on."""

import threading
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from chassis.health import Health
from chassis.kafka.client import topic_name
from chassis.kafka.consumer import Loop
from chassis.kafka.processing import Storing
from chassis.postgres import Database
from chassis.settings import Settings
from confluent_kafka import Consumer, Producer, TopicPartition
from contracts.events.reports import ReportContent
from contracts.topics import CASEWORK, CONTENT, DEAD_LETTERS
from deploy.stack.infrastructure import KAFKA, POSTGRES, REDIS, Stack
from deploy.stack.process import Process
from support.effects import count_effects, running, times
from support.events import outgoing, report_id
from support.wait import eventually

from deploy.stack import topics as cluster

PATIENCE, RECOVERY = 60.0, 150.0
"""Seconds until everybody has noticed that a broker is back, and until it is: one that was killed looks at its log."""


@pytest.fixture
def broker(stack: Stack, tmp_path: Path) -> Iterator[Stack]:
    """A Kafka that nobody else uses."""
    given = {name: stack.addresses[name] for name in (POSTGRES, REDIS)}
    own = Stack(tmp_path / "own", durable=False, environ=given)
    try:
        own.start()
        yield own
    finally:
        own.stop()


class Writer:
    """Writes words on and on, and waits for a broker as long as it takes. `written` counts what was acknowledged."""

    def __init__(self, settings: Settings) -> None:
        self._topic, self.written = topic_name(settings, CONTENT.name), 0
        self._producer = Producer(
            {"bootstrap.servers": settings.kafka_bootstrap, "message.timeout.ms": 0, "acks": "all", "log_level": 0}
        )

    def __call__(self, stop: threading.Event) -> None:
        for number in count(1):
            if stop.wait(0.01):
                break
            message = outgoing(ReportContent(report_id=report_id(number), description="seen"))
            self._producer.produce(
                self._topic, message.value, message.raw_key, headers=list(message.headers), on_delivery=self._count
            )
            self._producer.poll(0)
        self._producer.flush(PATIENCE)

    def _count(self, error: object, _: object) -> None:
        assert error is None
        self.written += 1


def uncommitted(settings: Settings) -> int:
    """How many messages the group has not committed yet."""
    name = topic_name(settings, CONTENT.name)
    group = {"bootstrap.servers": settings.kafka_bootstrap, "group.id": f"{settings.namespace}{CASEWORK}"}
    with Consumer(group) as looking:
        partitions = [TopicPartition(name, number) for number in range(CONTENT.partitions)]
        ends = [looking.get_watermark_offsets(partition, timeout=10)[1] for partition in partitions]
        reached = [max(known.offset, 0) for known in looking.committed(partitions, timeout=10)]
    return sum(ends) - sum(reached)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("end", "often"), [(Process.stop, 3), (Process.kill, 1)], ids=["politely", "killed"])
def test_a_broker_restarted_under_a_consumer_that_commits_ends_nobody(
    broker: Stack, effects: Database, namespace: str, end: Callable[[Process], None], often: int
) -> None:
    settings = Settings(kafka_bootstrap=broker.addresses[KAFKA], namespace=namespace)
    cluster.create(settings, [CONTENT, DEAD_LETTERS[CASEWORK]], replication=1)
    (kafka,) = [process for process in broker.processes() if process.part.name == "kafka"]
    loop = Loop(settings, CASEWORK, [CONTENT], Storing(settings, CASEWORK, effects, count_effects), Health())
    writer = Writer(settings)
    with running(loop) as failures:
        with running(writer) as not_written:
            for _ in range(often):
                wanted = len(times(effects)) + 50
                eventually(lambda: len(times(effects)) > wanted, PATIENCE)  # noqa: B023 - asked within the loop
                end(kafka)
                kafka.start()
                eventually(lambda: kafka.serves, RECOVERY)
            eventually(lambda: len(times(effects)) > wanted + 100, PATIENCE)
        eventually(lambda: len(times(effects)) == writer.written, PATIENCE)
        eventually(lambda: uncommitted(settings) == 0, PATIENCE)
    assert not_written == []
    assert failures == []
