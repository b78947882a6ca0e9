"""`kmzb retention`: what is kept how long is said, and only ended versions of districts are cleared away."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from boundaries.published import KafkaDistrictTopic, read_published
from boundaries.seed import seed_cluster
from chassis.settings import Settings
from contracts.topic import Topic
from contracts.topics import DISTRICT, NOTICE, REPORT_SUBMITTED
from deploy.agencies import all_topics
from operations.retention.ages import Age
from support.chassis.raw_producer import RawRecord, write_raw
from support.operations.command import Kmzb


@pytest.fixture
def kmzb(settings: Settings, topics: Callable[..., None]) -> Kmzb:
    topics(*all_topics())
    return Kmzb({"KMZB_KAFKA_BOOTSTRAP": settings.kafka_bootstrap, "KMZB_NAMESPACE": settings.namespace})


def topic_of(answer: Any, topic: Topic) -> dict[str, Any]:
    [found] = [each for each in answer["topics"] if each["topic"] == topic.name]
    assert isinstance(found, dict)
    return found


def test_what_is_kept_is_said_and_only_what_ended_is_cleared_away(kmzb: Kmzb, settings: Settings) -> None:
    seed_cluster(settings)
    topic = KafkaDistrictTopic(settings)
    current = {garrison: found.version for garrison, found in read_published(topic).sets.items()}
    name = settings.namespace + REPORT_SUBMITTED.name
    write_raw(settings.kafka_bootstrap, [RawRecord(name, b"k", [], b"{}")])
    answer = kmzb.json("retention", "--dry-run")
    submitted = topic_of(answer, REPORT_SUBMITTED)
    assert (submitted["kept"], submitted["messages"]) == ("for ever", 1)
    assert 0 <= submitted["oldest"] < 60
    assert topic_of(answer, NOTICE) == {
        "topic": NOTICE.name, "kept": "90 days", "messages": 0, "oldest": None, "overdue": False,
    }  # fmt: skip
    assert topic_of(answer, DISTRICT)["kept"] == "the newest of each key"
    assert (answer["done"], answer["districts"]) == (False, [])
    assert "0 versions of districts were cleared away" in kmzb("retention")
    assert {garrison: found.version for garrison, found in read_published(topic).sets.items()} == current


@pytest.mark.parametrize(
    ("days", "overdue"), [(None, False), (89.0, False), (96.9, False), (97.1, True)], ids=lambda value: str(value)
)
def test_a_topic_is_too_old_a_segment_after_its_time(days: float | None, overdue: bool) -> None:
    seconds = None if days is None else timedelta(days=days).total_seconds()
    assert Age(NOTICE, 1, seconds).overdue is overdue
    assert not Age(REPORT_SUBMITTED, 1, seconds).overdue
