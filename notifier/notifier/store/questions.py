"""Which mailboxes were asked whether we may write to them, and when; a mailbox is known by a keyed hash alone."""

from datetime import timedelta

from chassis.postgres import Connection

from notifier.domain.deliveries import BOUNDS, Delivery, pause

_KEPT = max(within for within, _ in BOUNDS)


def claim_question(connection: Connection, delivery: Delivery, mailbox: bytes) -> timedelta | None:
    """Count a question to a mailbox; or how long it is to be left alone, and whoever asks rolls back.

    Other questions to the same mailbox wait until then.
    """
    connection.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", (mailbox.hex(),))
    row = connection.execute(
        "with counted as (insert into question (delivery_id, report_id, mailbox)"
        " values (%(id)s, %(report_id)s, %(mailbox)s) on conflict (delivery_id) do update set asked_at = now())"
        " select clock_timestamp() as at, array(select asked_at from question join report using (report_id)"
        "  where mailbox = %(mailbox)s and delivery_id <> %(id)s and contact_confirmed_at is null) as asked",
        {"id": delivery.id, "report_id": delivery.report_id, "mailbox": mailbox},
    ).fetchone()
    assert row is not None  # a select without a table gives one row
    return pause(row["asked"], row["at"])


def delete_old_questions(connection: Connection) -> None:
    """Forget what no longer counts."""
    connection.execute("delete from question where asked_at < now() - %s", (_KEPT,))
