"""Referrals: put on the agencies' topics by the transaction that decides them, so delivered with it."""

from collections.abc import Sequence
from datetime import datetime

from chassis import outbox
from chassis.postgres import Connection

from notifier.delivery.announcements import announcements
from notifier.delivery.figures import ATTEMPTS
from notifier.domain.deliveries import Delivery, DeliveryState, NextState, Outcome
from notifier.domain.effects import Referral
from notifier.domain.notices import ScheduledNotice
from notifier.store.deliveries import insert_sent_deliveries


def publish_referrals(connection: Connection, referrals: Sequence[Referral], now: datetime, source: str) -> None:
    """Publish referrals whose notices are new in the ledger of the instance `source`, and announce each as sent."""
    if not referrals:
        return
    insert_sent_deliveries(connection, [referral.notice for referral in referrals])
    for referral in referrals:
        sent = announcements(source, _delivery(referral.notice), NextState(DeliveryState.SENT), None, now)
        outbox.append(connection, [referral.message, *sent])
        connection.after_commit(ATTEMPTS.labels(referral.notice.channel, Outcome.SENT).inc)


def _delivery(scheduled: ScheduledNotice) -> Delivery:
    notice = scheduled.notice
    return Delivery(
        scheduled.id, scheduled.channel, notice.audience, notice.recipient, notice.report_id, notice.kind, attempt=1
    )
