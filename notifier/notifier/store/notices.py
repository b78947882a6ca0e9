"""The ledger: each notice once, and what keeps one from leaving."""

from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

import msgspec
from chassis.postgres import Connection, columns
from contracts.events.notices import Audience, Channel

from notifier.domain.notices import Details, Notice, NoticeKind, ScheduledNotice
from notifier.domain.withdrawals import Informed
from notifier.store.grouping import lock_out_grouping

_DETAILS = msgspec.json.Decoder(Details)


def insert_notices(connection: Connection, notices: Sequence[ScheduledNotice]) -> set[UUID]:
    """Enter notices in the ledger; returns the ids of those that are new. One withdrawn beforehand is never sent."""
    values = columns(
        (notice.report_id, scheduled.id, notice.cause, notice.kind.value, notice.audience.value, notice.recipient)
        + (scheduled.channel.value, notice.digest, notice.version, msgspec.json.encode(notice.details).decode())
        + (scheduled.due_at, notice.escalation)
        for scheduled in notices
        for notice in [scheduled.notice]
    )
    if not values:
        return set()
    inserted = connection.execute(
        "insert into notice (report_id, notice_id, cause, kind, audience, recipient, channel, digest, version, details,"
        " due_at, escalation, cancelled)"
        " select new.*, (select 'withdrawn' from withdrawn_step where step = new.cause)"
        " from unnest(%b::uuid[], %b::uuid[], %b::uuid[], %b::text[], %b::text[], %b::text[], %b::text[],"
        " %b::boolean[], %b::integer[], %b::text[], %b::timestamptz[], %b::uuid[]) as new"
        " (report_id, notice_id, cause, kind, audience, recipient, channel, digest, version, details, due_at,"
        " escalation)"
        " on conflict do nothing returning notice_id",
        values,
    )
    ids = {row["notice_id"] for row in inserted}
    if ids:
        connection.execute("notify notices")  # wakes the dispatcher of every instance, see `read_wakeups`
    return ids


def list_notices_of(connection: Connection, delivery_id: UUID) -> list[Notice]:
    """The notices of a delivery that still count."""
    rows = connection.execute(
        "select cause, report_id, kind, audience, recipient, digest, version, escalation, details from notice"
        " where delivery_id = %s and cancelled is null order by notice_id",
        (delivery_id,),
    )
    fields = ("cause", "report_id", "recipient", "digest", "version", "escalation")
    return [
        Notice(
            **{field: row[field] for field in fields},
            kind=NoticeKind(row["kind"]),
            audience=Audience(row["audience"]),
            details=_DETAILS.decode(row["details"]),
        )
        for row in rows
    ]


def insert_withdrawn_steps(connection: Connection, steps: Collection[UUID]) -> None:
    """Withdraw steps of clocks: what has not left of them is cancelled, and what comes of them later never leaves."""
    if not steps:
        return
    wanted = sorted(steps)
    lock_out_grouping(connection)
    connection.execute("insert into withdrawn_step select * from unnest(%b::uuid[]) on conflict do nothing", (wanted,))
    connection.execute(
        "update notice set cancelled = 'withdrawn' where cause = any(%b::uuid[]) and delivery_id is null"
        " and cancelled is null",
        (wanted,),
    )
    # A delivery to be tried again that tells of something else too goes out with a notice too many.
    connection.execute(
        "update delivery set state = 'cancelled', ended_at = now(), reason = 'withdrawn'"
        " where state = 'pending' and not maybe_arrived"
        " and delivery_id in (select delivery_id from notice where cause = any(%(steps)b::uuid[]))"
        " and not exists (select from notice where notice.delivery_id = delivery.delivery_id"
        " and cause <> all(%(steps)b::uuid[]))",
        {"steps": wanted},
    )


def list_informed(connection: Connection, steps: Iterable[UUID]) -> list[Informed]:
    """Who was, or may have been, or is being notified of these steps of clocks."""
    rows = connection.execute(
        "select cause as step, notice.audience, notice.recipient, notice.channel"
        " from notice join delivery using (delivery_id)"
        " where cause = any(%b::uuid[]) and notice.cancelled is null"
        " and (state not in ('cancelled', 'failed') or maybe_arrived)"
        " order by notice_id",
        (sorted(steps),),
    )
    return [Informed(row["step"], Audience(row["audience"]), row["recipient"], Channel(row["channel"])) for row in rows]


def update_citizen_notices_cancelled(connection: Connection, report_ids: Iterable[UUID]) -> None:
    """Send nothing more to the citizens of these reports; what is being sent goes out."""
    wanted = sorted(report_ids)
    if not wanted:
        return
    lock_out_grouping(connection)
    connection.execute(
        "update notice set cancelled = 'erased' where report_id = any(%b::uuid[]) and audience = 'citizen'"
        " and cancelled is null and delivery_id is null",
        (wanted,),
    )
    connection.execute(
        "update delivery set state = 'cancelled', ended_at = now(), reason = 'erased'"
        " where report_id = any(%b::uuid[]) and audience = 'citizen' and state = 'pending'",
        (wanted,),
    )
