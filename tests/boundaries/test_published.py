"""The topic, in memory and on a real broker: imported to, cleared, and left half-way by a process that is killed."""

import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta

import msgspec
import pytest
from boundaries.importing.document import Refused
from boundaries.importing.plan import ImportPlan, ImportRequest, import_plan, publish
from chassis.settings import Settings
from contracts.topics import DISTRICT
from support.boundaries import AT, FIRST, SECOND, SEEDED, MemoryTopic, WriteFile, feature, square

from boundaries import published, seed

KILLED = """
import os, signal, sys
from chassis import clock
from chassis.settings import Settings
from boundaries import published, seed

class Dying(published.KafkaDistrictTopic):
    def publish(self, messages):
        if messages[0].key.endswith("/current"):
            os.kill(os.getpid(), signal.SIGKILL)
        super().publish(messages)

topic = Dying(Settings(kafka_bootstrap=sys.argv[1], namespace=sys.argv[2]))
at = clock.now()
published.publish_set(topic, seed.default_districts("OPO", sys.argv[3]), at, at)
"""


def test_a_set_whose_hash_is_wrong_is_not_current(seeded: MemoryTopic) -> None:
    known = published.read_published(seeded)
    version = known.sets["OPO"].version
    assert version == FIRST
    held = known.districts["OPO"][version]
    held["160101"] = msgspec.structs.replace(held["160101"], name="x")
    assert "OPO" not in known.current()
    assert "WRO" in known.current()


@pytest.mark.parametrize(
    "change", [{"name": "Opole\nZaodrze"}, {"code": "a b"}, {"parent": "KMP-9999"}, {"garrison": "OPO\0"}]
)
def test_what_readers_would_not_take_is_not_begun_with(topic: MemoryTopic, change: dict[str, str]) -> None:
    districts = seed.default_districts("OPO", FIRST)
    wrong = [*districts[:-1], msgspec.structs.replace(districts[-1], **change)]
    with pytest.raises((ValueError, AssertionError)):
        published.publish_set(topic, wrong, AT, AT)
    assert topic.records == []


def test_several_sets_are_judged_before_the_first_is_published(seeded: MemoryTopic) -> None:
    before = list(seeded.records)
    opole, wroclaw = (seed.default_districts(garrison, SECOND) for garrison in ("OPO", "WRO"))
    wroclaw[-1] = msgspec.structs.replace(wroclaw[-1], name="Wrocław\n")
    wroclaw[-2] = msgspec.structs.replace(wroclaw[-2], name="a\nb")
    with pytest.raises(Refused, match="WRO.* can't be said"):
        publish(seeded, ImportPlan([opole, wroclaw], []), AT, AT)
    assert seeded.records == before


def test_old_versions_go_after_seven_days(seeded: MemoryTopic, write: WriteFile) -> None:
    later = AT + timedelta(days=1)
    path = write(feature("OPO-1", square(17.90, 50.66), parent="KMP-1661"))
    made = import_plan(ImportRequest(path, allow_losses=True), published.read_published(seeded), SECOND)
    publish(seeded, made, later, later)
    assert published.prune(seeded, later + timedelta(days=6, hours=23)) == []
    assert published.prune(seeded, later + timedelta(days=7)) == [("OPO", FIRST)]
    assert published.prune(seeded, later + timedelta(days=7)) == []
    known = published.read_published(seeded)
    assert set(known.districts["OPO"]) == {SECOND}
    assert set(known.current()) == set(SEEDED)


@pytest.fixture
def kafka_topic(settings: Settings, topics: Callable[..., None]) -> published.KafkaDistrictTopic:
    """The topic with Opole's default set as the current one."""
    topics(DISTRICT)
    topic = published.KafkaDistrictTopic(settings)
    published.publish_set(topic, seed.default_districts("OPO", FIRST), AT, AT)
    return topic


def test_an_import_takes_effect_on_the_broker(kafka_topic: published.KafkaDistrictTopic, write: WriteFile) -> None:
    path = write(feature("OPO-1", square(17.90, 50.66), parent="KMP-1661"))
    made = import_plan(ImportRequest(path, allow_losses=True), published.read_published(kafka_topic), SECOND)
    publish(kafka_topic, made, AT, AT)
    known = published.read_published(kafka_topic)
    assert known.sets["OPO"].version == SECOND
    assert "OPO-1" in {district.code for district in known.current()["OPO"]}


def test_a_killed_import_changes_nothing(kafka_topic: published.KafkaDistrictTopic, settings: Settings) -> None:
    arguments = [settings.kafka_bootstrap, settings.namespace, SECOND]
    ended = subprocess.run([sys.executable, "-c", KILLED, *arguments], check=False, timeout=50)
    assert ended.returncode == -signal.SIGKILL
    known = published.read_published(kafka_topic)
    assert set(known.districts["OPO"]) == {FIRST, SECOND}
    assert known.sets["OPO"].version == FIRST
    assert {district.version for district in known.current()["OPO"]} == {FIRST}


def test_old_versions_are_tombstoned_on_the_broker(kafka_topic: published.KafkaDistrictTopic) -> None:
    published.publish_set(kafka_topic, seed.default_districts("OPO", SECOND), AT, AT)
    assert published.prune(kafka_topic, AT + published.KEPT) == [("OPO", FIRST)]
    assert set(published.read_published(kafka_topic).districts["OPO"]) == {SECOND}


def test_a_topic_that_is_not_there_is_said(settings: Settings) -> None:
    with pytest.raises(published.TopicError, match="could not be read"):
        published.read_published(published.KafkaDistrictTopic(settings, read_limit_s=2.0))
