"""The sender's loop: claim a delivery and commit, attempt it holding nothing, record what became of it.

A connection held while a mail server thinks is a connection nobody else has.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from chassis import outbox
from chassis.postgres import Connection, Database, database_time
from contracts.events.notices import Channel

from notifier.delivery.announcements import announcements
from notifier.delivery.attempts import attempt
from notifier.delivery.figures import ATTEMPTS
from notifier.domain.deliveries import AttemptResult, Delivery, Outcome, next_state
from notifier.settings import Settings
from notifier.store.deliveries import claim_abandoned_deliveries, claim_delivery, update_delivery

log = structlog.get_logger()
_IDLE_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Sender:
    """A worker for one channel. `jitter` gives numbers from 0 to 1; `beat` is called at each turn."""

    settings: Settings
    database: Database
    channel: Channel
    jitter: Callable[[], float]
    beat: Callable[[], None]

    def __call__(self, stop: threading.Event) -> None:
        """Send until stopped."""
        while not stop.is_set():
            if not self.send_one():
                stop.wait(_IDLE_SECONDS)
            self.beat()

    def send_one(self) -> bool:
        """Make one attempt at the delivery that waited longest; False when none is due."""
        with self.database.transaction() as connection:
            delivery = claim_delivery(connection, self.channel, self.settings.lease)
        if delivery is None:
            return False
        result = attempt(self.settings, delivery)
        with self.database.transaction() as connection:
            record_attempt(connection, self.settings, delivery, result, self.jitter())
        return True


def recover_abandoned(connection: Connection, settings: Settings, jitter: Callable[[], float]) -> None:
    """Take up what a dead process was sending. Mail may have arrived; the other channels recognise a repeat."""
    for delivery in claim_abandoned_deliveries(connection):
        outcome = Outcome.UNCERTAIN if delivery.channel is Channel.EMAIL else Outcome.DEFERRED
        record_attempt(connection, settings, delivery, AttemptResult(outcome, "the sending process ended"), jitter())


def record_attempt(
    connection: Connection, settings: Settings, delivery: Delivery, result: AttemptResult, jitter: float
) -> None:
    """Write down and announce what became of an attempt.

    Nothing when the lease had ended and that was decided before.
    """
    now = database_time(connection)
    after = next_state(
        result.outcome, delivery.audience, attempt=delivery.attempt, now=now, first=settings.retry_first, jitter=jitter
    )
    maybe_arrived = result.outcome is Outcome.UNCERTAIN
    if not update_delivery(connection, delivery, after, maybe_arrived=maybe_arrived, reason=result.reason):
        log.warning("lease had ended", delivery=str(delivery.id), outcome=result.outcome)
        return
    outbox.append(connection, announcements(delivery, after, result.reason, now))
    connection.after_commit(ATTEMPTS.labels(delivery.channel, result.outcome).inc)
    connection.after_commit(
        log.info,
        "attempted",
        delivery=str(delivery.id),
        channel=delivery.channel,
        outcome=result.outcome,
        reason=result.reason,
    )
