"""The whole service as its surroundings meet it: events on its topics, announcements on the log, figures."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from chassis.kafka.client import Publisher
from chassis.kafka.messages import original_headers
from chassis.run import Worker
from chassis.settings import Settings as Shared
from contracts.base import ReportEvent
from contracts.envelope import Envelope, decode
from contracts.events.clocks import Clock, ClockEvent
from contracts.policy.terms import Policy
from contracts.topics import CLOCK
from prometheus_client import REGISTRY
from support.events import outgoing
from support.topics import everything_on
from support.wait import eventually

Announced = tuple[Envelope, datetime]


class Start(Protocol):
    """Makes the service's workers; `more` are its settings."""

    def __call__(self, policy: Policy, **more: object) -> list[Worker]: ...


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
