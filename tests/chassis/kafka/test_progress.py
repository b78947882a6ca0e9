"""Until when a partition is read: never more than was true, and known under a steady flow too."""

from collections.abc import Callable, Sequence
from datetime import datetime

from chassis.clock import now
from chassis.health import Health
from chassis.kafka.client import Publisher
from chassis.kafka.consumer import Loop, Progress
from chassis.settings import Settings
from confluent_kafka import Message
from contracts.events.reports import ReportContent
from contracts.topics import CASEWORK, CONTENT
from support.effects import running
from support.events import outgoing, report_id
from support.wait import eventually


def test_a_partition_that_is_never_read_to_its_end_is_still_known_until_when(
    settings: Settings, topics: Callable[..., None]
) -> None:
    topics(CONTENT)
    publisher = Publisher(settings, "test")
    written: list[datetime] = []
    handled: list[int | None] = []
    claims: list[tuple[bool, datetime, int]] = []

    def write() -> None:
        publisher.publish([outgoing(ReportContent(report_id=report_id(1), description="seen"))])
        written.append(now())

    def process(batch: Sequence[Message]) -> None:
        write()  # so that after each batch there is one message more than was handled
        handled.extend(message.partition() for message in batch)

    def look(progress: Progress) -> None:
        place = (CONTENT.name, handled[-1] or 0) if handled else None
        if place in progress.caught_up_at:
            claims.append((progress.read_to_end[place], progress.caught_up_at[place], len(handled)))

    loop = Loop(settings, CASEWORK, [CONTENT], process, Health(), on_progress=look, progress_seconds=0.01)
    write()
    with running(loop) as failures:
        eventually(lambda: len(claims) >= 5, 30)
    assert not failures
    assert not any(to_end for to_end, _, _ in claims)
    assert [at for _, at, _ in claims] == sorted(at for _, at, _ in claims)
    for _, at, done in claims:
        assert done >= sum(when <= at for when in written)
