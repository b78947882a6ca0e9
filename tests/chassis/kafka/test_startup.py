"""How soon a consumer works after its start: everything that runs a service waits for that."""

from collections.abc import Callable
from time import monotonic

from chassis.health import Health
from chassis.kafka.client import Publisher
from chassis.kafka.consumer import Loop
from chassis.kafka.processing import Storing
from chassis.postgres import Database
from chassis.settings import Settings
from contracts.events.reports import ReportContent
from contracts.topics import CASEWORK, CONTENT, DEAD_LETTERS, FOLLOW_UP
from support.effects import count_effects, running, times
from support.events import outgoing, report_id
from support.wait import eventually

STARTS = 3
SECONDS = 1.0


def test_a_consumer_has_handled_what_waited_within_a_second_of_its_start(
    settings: Settings, topics: Callable[..., None], effects: Database
) -> None:
    """The best of some starts counts: how busy the machine is besides says nothing about us."""
    topics(CONTENT, FOLLOW_UP, DEAD_LETTERS[CASEWORK])
    publisher, seconds = Publisher(settings, "test"), list[float]()
    for number in range(STARTS):
        publisher.publish([outgoing(ReportContent(report_id=report_id(number), description="seen"))])
        storing = Storing(settings, CASEWORK, effects, count_effects)
        began = monotonic()
        with running(Loop(settings, CASEWORK, [CONTENT, FOLLOW_UP], storing, Health())) as failures:
            eventually(lambda: len(times(effects)) > len(seconds))
            seconds.append(monotonic() - began)
        assert not failures
    assert min(seconds) < SECONDS
