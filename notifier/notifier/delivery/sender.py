"""The sender's loop: claim a delivery and commit, attempt it holding nothing, record what became of it.

A connection held while a mail server thinks is a connection nobody else has.
"""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog
from chassis import outbox
from chassis.postgres import Connection, Database, database_time
from contracts.events.notices import Channel

from notifier.delivery.announcements import announcements
from notifier.delivery.attempts import HandOver, NotHandedOver, attempt
from notifier.delivery.figures import ATTEMPTS, UNREACHED
from notifier.domain.deliveries import AttemptResult, Delivery, Outcome, next_state
from notifier.domain.notices import DEADLINE_KINDS, MISSED_KINDS, Notice, ScheduledNotice
from notifier.domain.rules import next_above
from notifier.settings import Settings
from notifier.store.deliveries import (
    Told,
    claim_abandoned_deliveries,
    claim_delivery,
    find_told,
    update_delivery,
    update_delivery_handed_over,
)
from notifier.store.notices import insert_notices, list_notices_of
from notifier.store.questions import claim_question

log = structlog.get_logger()
_IDLE_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Sender:
    """A worker for one channel. `jitter` gives numbers from 0 to 1; `beat` is called before and after each attempt.

    One that is `urgent_only` leaves the rest to others, so that what can wait never has all senders.
    """

    settings: Settings
    database: Database
    channel: Channel
    jitter: Callable[[], float]
    beat: Callable[[], None]
    urgent_only: bool = False

    def __call__(self, stop: threading.Event) -> None:
        """Send until stopped."""
        while not stop.is_set():
            if not self.send_one():
                stop.wait(_IDLE_SECONDS)
            self.beat()

    def send_one(self) -> bool:
        """Make one attempt at the most urgent delivery, of those the oldest; False when none is due."""
        with self.database.transaction() as connection:
            claimed = claim_delivery(connection, self.channel, self.settings.lease, urgent_only=self.urgent_only)
        if claimed is None:
            return False
        self.beat()
        hand_over = HandOver(partial(self._hand_over, claimed.delivery))
        result = attempt(self.settings, claimed.read, hand_over, partial(self._ask, claimed.delivery))
        with self.database.transaction() as connection:
            record_attempt(connection, self.settings, claimed.delivery, result, self.jitter())
        return True

    def _ask(self, delivery: Delivery, mailbox: bytes) -> timedelta | None:
        with self.database.transaction() as connection:
            return claim_question(connection, delivery, mailbox)

    def _hand_over(self, delivery: Delivery, target: bytes | None) -> None:
        with self.database.transaction() as connection:
            if target is not None and delivery.kind in DEADLINE_KINDS:  # of all else one recipient alone is told
                _require_untold(connection, delivery, target)
            if not update_delivery_handed_over(connection, delivery, target):
                raise NotHandedOver(AttemptResult(Outcome.DEFERRED, "the lease ended"))


def _require_untold(connection: Connection, delivery: Delivery, target: bytes) -> None:
    match find_told(connection, delivery, target):
        case Told.TOLD:
            raise NotHandedOver(AttemptResult(Outcome.CANCELLED, "this address was told"))
        case Told.BEING_TOLD:
            raise NotHandedOver(AttemptResult(Outcome.DEFERRED, "this address is just being told"))


def recover_abandoned(connection: Connection, settings: Settings, jitter: Callable[[], float]) -> None:
    """Take up what a dead process was sending: it may have arrived where it had begun to hand it over."""
    for delivery, handed_over in claim_abandoned_deliveries(connection):
        outcome = Outcome.UNCERTAIN if handed_over else Outcome.DEFERRED
        record_attempt(connection, settings, delivery, AttemptResult(outcome, "the sending process ended"), jitter())


def record_attempt(
    connection: Connection, settings: Settings, delivery: Delivery, result: AttemptResult, jitter: float
) -> None:
    """Write down and announce what became of an attempt.

    Nothing when the lease had ended and that was decided before.
    """
    now = database_time(connection)
    after = next_state(
        result, delivery.audience, attempt=delivery.attempt, now=now, first=settings.retry_first, jitter=jitter
    )
    maybe_arrived = result.outcome is Outcome.UNCERTAIN
    if not update_delivery(connection, delivery, after, maybe_arrived=maybe_arrived, reason=result.reason):
        log.warning("lease had ended", delivery=str(delivery.id), outcome=result.outcome)
        return
    if result.outcome is Outcome.MOVED:
        _insert_by_open_channels(connection, settings, list_notices_of(connection, delivery.id), now)
    if after.unreached(delivery.attempt) and (delivery.kind in MISSED_KINDS):
        _notify_above(connection, settings, delivery, now)
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


def _notify_above(connection: Connection, settings: Settings, delivery: Delivery, now: datetime) -> None:
    """A missed deadline that does not reach who answers for it is told to the next above, or to operators alone."""
    connection.after_commit(UNREACHED.labels(delivery.audience).inc)
    above = [raised for notice in list_notices_of(connection, delivery.id) if (raised := next_above(notice))]
    _insert_by_open_channels(connection, settings, above, now)


def _insert_by_open_channels(
    connection: Connection, settings: Settings, notices: Iterable[Notice], now: datetime
) -> None:
    """What is in the ledger by a channel already is not entered again."""
    scheduled = [
        ScheduledNotice(notice, channel, now)
        for notice in notices
        for channel in settings.recipients.entry(notice.audience, notice.recipient or "").channels
    ]
    insert_notices(connection, scheduled)
