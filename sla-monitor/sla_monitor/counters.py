"""What is counted of announcements, once they are committed."""

from collections.abc import Iterable

from contracts.events.clocks import ClockStopped, DeadlineMissed
from prometheus_client import Counter

from sla_monitor.domain.announcements import Announcement

DECIDED = Counter("kmzb_sla_decided_total", "Clocks that stopped", ["clock", "garrison", "outcome"])
# Without labels it is 0 from the start, so that the first of them is seen to come.
UNCONFIRMED = Counter("kmzb_unconfirmed_misses_total", "Misses said although casework did not confirm them in time")


def count(announcements: Iterable[Announcement]) -> None:
    """Count clocks that stopped, and misses that are not confirmed."""
    for event in (announcement.event for announcement in announcements):
        match event:
            case ClockStopped():
                DECIDED.labels(event.clock, event.owner.garrison, event.outcome).inc()
            case DeadlineMissed(unconfirmed=True):
                UNCONFIRMED.inc()
