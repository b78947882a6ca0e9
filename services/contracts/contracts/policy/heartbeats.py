"""How a heartbeat goes on: the same in every service, wherever its shell reads one (docs/decisions/0096)."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID

from contracts.envelope import Envelope, Outgoing, encode
from contracts.events.progress import Heartbeat
from contracts.topics import HEARTBEATS, SERVICES, Topic

EVERY = timedelta(minutes=1)
_NEXT = dict(pairwise(SERVICES))


def heartbeat_topics(service: str) -> tuple[Topic, ...]:
    """Where a service reads heartbeats: one topic, or none."""
    return (HEARTBEATS[service],) if service in HEARTBEATS else ()


def is_heartbeat(envelope: Envelope | None) -> bool:
    """Whether a message is a heartbeat, which no service's own code is shown."""
    return envelope is not None and isinstance(envelope.data, Heartbeat)


def first_heartbeat(service: str, heartbeat_id: UUID, at: datetime) -> Outgoing:
    """The heartbeat a service begins with, for the next on the way of a report."""
    beat = Heartbeat(heartbeat_id=heartbeat_id, began_at=at)
    topic = HEARTBEATS[_NEXT[service]]
    return encode(beat, source=service, at=at, event_id=heartbeat_id, topic=topic, submitted_at=at)


def passed_on(service: str, read: Iterable[Envelope | None]) -> list[Outgoing]:
    """The heartbeats among what a service has read, for the next on the way; of the last one there is none."""
    if service not in _NEXT:
        return []
    topic = HEARTBEATS[_NEXT[service]]
    beats = [envelope for envelope in read if envelope is not None and is_heartbeat(envelope)]
    return [encode(beat.data, source=service, at=beat.time, cause=beat, topic=topic) for beat in beats]
