"""A reader of what is as new as some instant misses nothing of it, also of what is written while it starts."""

from collections.abc import Callable
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from chassis.clock import now
from chassis.kafka.client import Publisher
from chassis.kafka.reader import read_from_start
from chassis.settings import Settings
from confluent_kafka import Consumer
from contracts.events.reports import ReportContent
from contracts.topics import CONTENT
from support.events import outgoing, report_id

REPORTS = [report_id(number) for number in range(6)]


def test_what_is_written_between_the_questions_for_times_and_for_ends_is_read(
    settings: Settings, topics: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    topics(CONTENT)
    publisher = Publisher(settings, "test")

    class Overtaken(Consumer):
        """Somebody writes as soon as the brokers have said where what is new begins."""

        def offsets_for_times(self, *args: Any, **more: Any) -> Any:
            said = super().offsets_for_times(*args, **more)
            publisher.publish([outgoing(ReportContent(report_id=each, description="new")) for each in REPORTS])
            return said

    monkeypatch.setattr("chassis.kafka.reader.Consumer", Overtaken)
    read = set()
    for message in read_from_start(settings, "test-reader", CONTENT, Event(), since=now() - timedelta(days=1)):
        if message is None:
            break
        read.add((message.key() or b"").decode())
    assert read == {str(each) for each in REPORTS}
