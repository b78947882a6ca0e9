"""What became of attempts: written down, announced, and told to those above where what matters does not get through."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

import structlog
from chassis import outbox
from chassis.postgres import Connection, database_time
from contracts.agencies import Agencies
from contracts.envelope import Outgoing
from contracts.events.notices import Channel
from contracts.topics import NOTIFIER

from notifier.delivery.announcements import announcements
from notifier.delivery.figures import ATTEMPTS, EMERGENCIES_UNREACHED, MAILBOXES_FAIL, UNREACHED
from notifier.domain.deliveries import AttemptResult, Delivery, DeliveryState, NextState, Outcome, next_state
from notifier.domain.notices import EMERGENCY_KINDS, UNDELIVERED, Notice, ScheduledNotice
from notifier.domain.recipients import POLICE, recipient_entry
from notifier.domain.refusals import mailbox_fails, next_above
from notifier.settings import Settings
from notifier.store.deliveries import (
    Abandoned,
    claim_abandoned_deliveries,
    update_deliveries,
    update_delivery_returned,
)
from notifier.store.notices import insert_notices, list_notices_of

log = structlog.get_logger()
_ABANDONED = {
    Abandoned.ACCEPTED: Outcome.SENT,
    Abandoned.HANDED_OVER: Outcome.UNCERTAIN,
    Abandoned.UNTRIED: Outcome.DEFERRED,
}


def recover_abandoned(connection: Connection, settings: Settings, jitter: Callable[[], float]) -> None:
    """Take up what a dead process had claimed, by how far it came with each."""
    ended = [
        (delivery, AttemptResult(_ABANDONED[how_far], "the sending process ended"))
        for delivery, how_far in claim_abandoned_deliveries(connection)
    ]
    record_attempts(connection, settings, ended, jitter)


def record_attempts(
    connection: Connection,
    settings: Settings,
    ended: Sequence[tuple[Delivery, AttemptResult]],
    jitter: Callable[[], float],
    agencies: Agencies | None = None,
) -> None:
    """Write down and announce what became of attempts; `jitter` gives numbers from 0 to 1.

    Nothing of those whose lease had ended, so that it was decided before.
    """
    if not ended:
        return
    now, first = database_time(connection), settings.retry_first
    states = [
        next_state(result, delivery.audience, attempt=delivery.attempt, now=now, first=first, jitter=jitter())
        for delivery, result in ended
    ]
    written = update_deliveries(
        connection, [(delivery, after, result) for (delivery, result), after in zip(ended, states, strict=True)]
    )
    outgoing, following, source = list[Outgoing](), list[ScheduledNotice](), settings.region.member(NOTIFIER)
    for (delivery, result), after in zip(ended, states, strict=True):
        if delivery.id not in written:
            log.warning("lease had ended", delivery=str(delivery.id), outcome=result.outcome)
            continue
        following += _notices_that_follow(connection, settings, agencies or Agencies(), delivery, result, after, now)
        outgoing += announcements(source, delivery, after, result.reason, now)
        connection.after_commit(ATTEMPTS.labels(delivery.channel, result.outcome).inc)
        connection.after_commit(_log_attempt, delivery, result)
    insert_notices(connection, following)
    outbox.append(connection, outgoing)


def record_returned(
    connection: Connection, settings: Settings, agencies: Agencies, delivery_id: UUID, status: str
) -> bool:
    """Write down that a mail came back which the server had taken; whether that is news."""
    reason = f"came back {status}"
    delivery = update_delivery_returned(connection, delivery_id, reason)
    if delivery is None:
        return False
    now = database_time(connection)
    result, after = AttemptResult(Outcome.REFUSED, reason), NextState(DeliveryState.FAILED)
    insert_notices(connection, _notices_that_follow(connection, settings, agencies, delivery, result, after, now))
    source = settings.region.member(NOTIFIER)
    outbox.append(connection, announcements(source, delivery, after, reason, now))
    connection.after_commit(_log_attempt, delivery, result)
    return True


def _notices_that_follow(
    connection: Connection,
    settings: Settings,
    agencies: Agencies,
    delivery: Delivery,
    result: AttemptResult,
    after: NextState,
    now: datetime,
) -> list[ScheduledNotice]:
    """What goes by other channels or to others now. What is in the ledger already is not entered again."""
    notices: list[Notice] = []
    if result.outcome is Outcome.MOVED:
        notices += list_notices_of(connection, delivery.id)
    if delivery.kind in UNDELIVERED and after.unreached(delivery.attempt, delivery.kind):
        # What does not reach who has to act on it is told to the next above, or to operators alone.
        counter = EMERGENCIES_UNREACHED if delivery.kind in EMERGENCY_KINDS else UNREACHED
        connection.after_commit(counter.labels(delivery.audience).inc)
        notices += [raised for notice in list_notices_of(connection, delivery.id) if (raised := next_above(notice))]
    if result.outcome is Outcome.REFUSED and delivery.channel is Channel.EMAIL and delivery.audience in POLICE:
        connection.after_commit(MAILBOXES_FAIL.labels(delivery.audience).inc)
        untold = list_notices_of(connection, delivery.id)[:1]
        notices = notices or [told for notice in untold if (told := mailbox_fails(notice, now.date()))]
    return [
        ScheduledNotice(notice, channel, now)
        for notice in notices
        for channel in recipient_entry(settings.recipients, agencies, notice.audience, notice.recipient or "").channels
    ]


def _log_attempt(delivery: Delivery, result: AttemptResult) -> None:
    log.info(
        "attempted",
        delivery=str(delivery.id),
        channel=delivery.channel,
        outcome=result.outcome,
        reason=result.reason,
    )
