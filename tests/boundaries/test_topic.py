"""The topic on a real broker: seeded, imported to, and left half-way by a process that is killed."""

import signal
import subprocess
import sys
from collections.abc import Callable

import pytest
from chassis.settings import Settings
from contracts.topics import DISTRICT
from support.boundaries import AT, FIRST, SECOND, WriteFile, feature, square

from boundaries import importing, running, seed

KILLED = """
import os, signal, sys
from chassis.settings import Settings
from boundaries import running, seed

class Dying(running.KafkaLog):
    def publish(self, messages):
        if messages[0].key.endswith("/current"):
            os.kill(os.getpid(), signal.SIGKILL)
        super().publish(messages)

log = Dying(Settings(kafka_bootstrap=sys.argv[1], namespace=sys.argv[2]))
at = __import__("datetime").datetime.now(__import__("datetime").UTC)
running.publish_set(log, seed.default_districts("OPO", sys.argv[3]), at, at)
"""


@pytest.fixture
def kafka_log(settings: Settings, topics: Callable[..., None]) -> running.KafkaLog:
    """The topic with Opole's default set in force."""
    topics(DISTRICT)
    log = running.KafkaLog(settings)
    running.publish_set(log, seed.default_districts("OPO", FIRST), AT, AT)
    return log


def test_an_import_takes_effect_on_the_broker(kafka_log: running.KafkaLog, write: WriteFile) -> None:
    path = write(feature("OPO-1", square(17.90, 50.66), parent="KMP-1661"))
    made = importing.plan(importing.Order(path), running.read_known(kafka_log), SECOND)
    importing.execute(kafka_log, made, AT, AT)
    known = running.read_known(kafka_log)
    assert known.sets["OPO"].version == SECOND
    assert "OPO-1" in {district.code for district in known.running()["OPO"]}


def test_a_killed_import_changes_nothing(kafka_log: running.KafkaLog, settings: Settings) -> None:
    arguments = [settings.kafka_bootstrap, settings.namespace, SECOND]
    ended = subprocess.run([sys.executable, "-c", KILLED, *arguments], check=False, timeout=50)
    assert ended.returncode == -signal.SIGKILL
    known = running.read_known(kafka_log)
    assert set(known.districts["OPO"]) == {FIRST, SECOND}
    assert known.sets["OPO"].version == FIRST
    assert {district.version for district in known.running()["OPO"]} == {FIRST}


def test_old_versions_are_tombstoned_on_the_broker(kafka_log: running.KafkaLog) -> None:
    running.publish_set(kafka_log, seed.default_districts("OPO", SECOND), AT, AT)
    assert running.prune(kafka_log, AT + running.KEPT) == [("OPO", FIRST)]
    assert set(running.read_known(kafka_log).districts["OPO"]) == {SECOND}


def test_a_topic_that_is_not_there_is_said(settings: Settings) -> None:
    with pytest.raises(running.LogError, match="could not be read"):
        running.read_known(running.KafkaLog(settings, read_limit_s=2.0))
