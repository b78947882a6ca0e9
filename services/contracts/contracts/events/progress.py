"""What the system says about itself: how far the log has what a service committed; that a report would get through."""

from datetime import UTC
from uuid import UUID, uuid5

from contracts.base import Code, Event, Instant

NAMESPACE = UUID("0b0d1f0e-9a55-5c0a-8a0f-5a3c6f9d2e43")


class OutboxPublished(Event, frozen=True, kw_only=True):
    """Every event the service committed with a time not later than `until`, by its database's clock, is on the log.

    Said again and again, also while nothing happens. An earlier instant said later takes nothing back.
    """

    service: Code
    until: Instant

    @property
    def key(self) -> str:
        """The service's name: it has one database, so one outbox."""
        return self.service


def progress_id(event: OutboxPublished) -> UUID:
    """The event's id, the same whenever the same is said."""
    return uuid5(NAMESPACE, f"{event.service}/{event.until.astimezone(UTC).isoformat()}")


class Heartbeat(Event, frozen=True, kw_only=True):
    """Everything before the reader of its topic works. It is no report, and becomes none: the shell passes it on.

    `began_at`: when intake began it. Its age, where it is read, is how long a report takes that far.
    """

    heartbeat_id: UUID
    began_at: Instant

    @property
    def key(self) -> str:
        """Its own id: nothing is kept of one to the next."""
        return str(self.heartbeat_id)
