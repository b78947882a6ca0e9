"""What the services say of some reports, recorded once, to be played to one of them alone."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from chassis.kafka.messages import original_headers
from chassis.settings import Settings
from contracts.envelope import Outgoing
from contracts.topics import (
    CASE_CHANGED,
    CASEWORK,
    CLOCK,
    CONTENT,
    NOTIFIER,
    PUBLIC_MAP,
    REPORT_ROUTED,
    REPORT_SUBMITTED,
    ROUTING,
    SLA_MONITOR,
    Topic,
)
from support.topics import everything_on

from bench.stand.reports import messages
from bench.stand.running import Bench, running

STATEFUL = (CASEWORK, SLA_MONITOR, NOTIFIER, PUBLIC_MAP)
RECORDED = (CONTENT, REPORT_SUBMITTED, REPORT_ROUTED, CASE_CHANGED, CLOCK)
Recording = Sequence[Sequence[Outgoing]]
"""Of each chunk of reports every message, in the order in which the topics follow from each other."""


def record(bench: Bench, chunks: int, reports: int, at: datetime) -> Recording:
    """Send so many chunks of reports through routing, casework and sla-monitor, and keep all that was written."""
    sent = [[*messages(reports, number, at)] for number in range(chunks)]
    everything = [message for chunk in sent for of_report in chunk for message in of_report]
    with running(bench, ROUTING, CASEWORK, SLA_MONITOR, seed=bench.beats) as system:
        system.log.publish(everything)
        for topic in (REPORT_ROUTED, CASE_CHANGED, CLOCK):
            system.log.wait_for(topic, chunks * reports)
        found = [message for topic in RECORDED for message in _on(system.log.settings, topic)]
    chunk_of = {of_report[0].key: number for number, chunk in enumerate(sent) for of_report in chunk}
    recording: list[list[Outgoing]] = [[] for _ in range(chunks)]
    for message in found:
        recording[chunk_of[message.key]].append(message)
    return recording


def read_by(service: str) -> tuple[Topic, ...]:
    """The recorded topics a service reads."""
    return tuple(topic for topic in RECORDED if service in topic.readers)


def played_to(service: str, chunk: Iterable[Outgoing]) -> list[Outgoing]:
    """What of a chunk a service reads."""
    names = {topic.name for topic in read_by(service)}
    return [message for message in chunk if message.topic in names]


def _on(settings: Settings, topic: Topic) -> list[Outgoing]:
    return [
        Outgoing(topic.name, (message.key() or b"").decode(), original_headers(message), message.value())
        for message in everything_on(settings, topic)
    ]
