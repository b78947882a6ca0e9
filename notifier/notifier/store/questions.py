"""Which mailboxes were asked whether we may write to them, and when; a mailbox is known by a keyed hash alone."""

from datetime import timedelta

from chassis.postgres import Connection, database_time

from notifier.domain.deliveries import BOUNDS, Delivery, pause

_KEPT = max(within for within, _ in BOUNDS)


def claim_question(connection: Connection, delivery: Delivery, mailbox: bytes) -> timedelta | None:
    """Count a question to a mailbox; or how long it is to be left alone, and nothing is counted."""
    connection.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", (mailbox.hex(),))
    rows = connection.execute(
        "select asked_at from question join report using (report_id)"
        " where mailbox = %s and delivery_id <> %s and report.contact_confirmed_at is null",
        (mailbox, delivery.id),
    )
    if wait := pause([row["asked_at"] for row in rows], database_time(connection)):
        return wait
    connection.execute(
        "insert into question (delivery_id, report_id, mailbox) values (%s, %s, %s)"
        " on conflict (delivery_id) do update set asked_at = now()",
        (delivery.id, delivery.report_id, mailbox),
    )
    return None


def delete_old_questions(connection: Connection) -> None:
    """Forget what no longer counts."""
    connection.execute("delete from question where asked_at < now() - %s", (_KEPT,))
