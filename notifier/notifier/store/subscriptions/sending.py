"""Subscriptions as the sender takes them up: one at a time, so that a mail that may have left is never sent again."""

from datetime import datetime, timedelta

from chassis.postgres import Connection

from notifier.domain.subscriptions.areas import Subscription
from notifier.store.subscriptions.asking import COLUMNS, read_subscription


def claim_due_subscription(connection: Connection, lease: timedelta) -> Subscription | None:
    """One that is due, for as long as the lease; None when nothing is to be done."""
    row = connection.execute(
        "update subscription set next_at = now() + %s"  # noqa: S608 (fixed words)
        " where subscription_id = (select subscription_id from subscription"
        f" where next_at <= now() order by next_at limit 1 for update skip locked) returning {COLUMNS}",
        (lease,),
    ).fetchone()
    return read_subscription(row) if row else None


def update_subscription_handed_over(connection: Connection, due: Subscription, until: datetime | None) -> bool:
    """The mail is about to leave: of a digest, everything before `until` counts as told, and the next comes in a day; a
    question is not put again. False when it has ended meanwhile, and nothing may leave.
    """
    done = connection.execute(
        "update subscription set told_until = coalesce(%s, told_until),"
        " next_at = case when confirmed_at is null then 'infinity' else now() + interval '1 day' end"
        " where subscription_id = %s and (confirmed_at is null) = %s",
        (until, due.id, due.confirmed_at is None),
    )
    return done.rowcount == 1


def update_subscription_put_off(connection: Connection, due: Subscription, wait: timedelta) -> None:
    """Nothing left: what was to be told is to be told later."""
    connection.execute(
        "update subscription set told_until = %s, next_at = now() + %s"
        " where subscription_id = %s and (confirmed_at is null) = %s",
        (due.told_until, wait, due.id, due.confirmed_at is None),
    )


def delete_unanswered_subscriptions(connection: Connection, within: timedelta) -> None:
    """Forget the addresses of those who were asked and did not say yes in time."""
    connection.execute("delete from subscription where confirmed_at is null and asked_at < now() - %s", (within,))
