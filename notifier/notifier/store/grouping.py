"""Grouping: due notices become deliveries, one for each recipient where they can wait for each other."""

from chassis.postgres import Connection

from notifier.domain.notices import FIRST_KINDS
from notifier.domain.rules import OWNER_KINDS

# A message a person still reads; the rest follows in the next.
_DIGEST_SIZE = 100


def lock_out_grouping(connection: Connection) -> None:
    """No notice becomes part of a delivery until this transaction ends."""
    connection.execute("select pg_advisory_xact_lock_shared(hashtext('grouping'))")


def insert_due_deliveries(connection: Connection) -> None:
    """Make deliveries of the notices whose time has come: a digest as soon as the first of its notices is due."""
    # Whoever cancels notices holds the same lock shared: the two would otherwise wait for each other's rows.
    connection.execute("select pg_advisory_xact_lock(hashtext('grouping'))")
    _update_of_former_owners(connection)
    _update_overtaken(connection)
    connection.execute(
        "with leaving as ("
        "  select notice_id, waiting.channel, waiting.audience, waiting.recipient, report_id, kind, digest,"
        "   first_value(notice_id) over in_order as part_of"
        "  from due_digest as due cross join lateral ("
        "   select notice_id, channel, audience, recipient, report_id, kind, digest, due_at from notice"
        "   where channel = due.channel and audience = due.audience and recipient = due.recipient"
        "   and delivery_id is null and cancelled is null and digest order by due_at, notice_id limit %s) as waiting"
        "  window in_order as (partition by due.channel, due.audience, due.recipient order by due_at, notice_id)"
        "), chosen as ("
        "  select notice_id, part_of, channel, audience, recipient, report_id, kind, digest from leaving"
        "  union all select notice_id, notice_id, channel, audience, recipient, report_id, kind, digest from notice"
        "  where delivery_id is null and cancelled is null and not digest and due_at <= now()"
        "), made as ("
        "  insert into delivery (delivery_id, channel, audience, recipient, report_id, kind, urgency)"
        "  select part_of, min(channel), min(audience), min(recipient),"
        "   case when count(distinct report_id) = 1 then (array_agg(report_id))[1] end,"
        "   case when count(distinct kind) = 1 then min(kind) else 'digest' end,"
        "   min(case when kind = any(%s) then 0 when digest or audience = 'citizen' then 2 else 1 end)"
        "  from chosen group by part_of"
        ") update notice set delivery_id = chosen.part_of from chosen where notice.notice_id = chosen.notice_id",
        (_DIGEST_SIZE, sorted(kind.value for kind in FIRST_KINDS)),
    )


def _update_of_former_owners(connection: Connection) -> None:
    """What is another unit's affair by now is not told to the one before: looked at when its digest leaves."""
    connection.execute(
        "update notice set cancelled = 'superseded' where notice_id in (select notice_id"
        " from due_digest as due cross join lateral (select notice_id from notice join report using (report_id)"
        "  where channel = due.channel and audience = due.audience and recipient = due.recipient"
        "  and delivery_id is null and cancelled is null and digest"
        "  and audience in ('unit', 'headquarters') and kind = any(%b::text[])"
        "  and report.unit <> recipient and report.version > notice.version offset 0) as former)",
        (sorted(kind.value for kind in OWNER_KINDS),),
    )


def _update_overtaken(connection: Connection) -> None:
    """A citizen is told the newest only; what is to be tried again is looked at then."""
    connection.execute(
        "update notice set cancelled = 'superseded' where delivery_id is null and cancelled is null and due_at <= now()"
        " and exists (select from overtaken where overtaken.notice_id = notice.notice_id)"
    )
