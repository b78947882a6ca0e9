"""Deliveries on their way: claimed in one transaction, sent outside of any, and the result written in another."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum, auto
from typing import Any
from uuid import UUID

import msgspec
from chassis.postgres import Connection, columns
from contracts.events.clocks import Clock
from contracts.events.notices import Audience, Channel

from notifier.domain.deliveries import AttemptResult, Backlog, Delivery, DeliveryItem, NextState, Outcome
from notifier.domain.notices import Details, NoticeKind, ScheduledNotice, Urgency
from notifier.domain.recipients import POLICE

_DETAILS = msgspec.json.Decoder(Details)
_ON_DUTY = (
    " case when due.urgency <= %s and audience = any(%s)"
    " then (select email from on_duty where on_duty.recipient = delivery.recipient) end as on_duty"
)
_CALLS_DUTY = (Urgency.AT_ONCE, sorted(audience.value for audience in POLICE))


class Abandoned(Enum):
    """How far a process came with a delivery before it died."""

    UNTRIED = auto()
    HANDED_OVER = auto()
    ACCEPTED = auto()


@dataclass(frozen=True, slots=True)
class ClaimedDelivery:
    """A delivery without its items, and the rows they are made of."""

    delivery: Delivery
    rows: list[dict[str, Any]]

    def read(self) -> Delivery:
        """The delivery with its items. Raises what reading a row raises: the claim stands, whatever is in the rows."""
        items = tuple(DeliveryItem(NoticeKind(row["kind"]), row["report_id"], _details(row)) for row in self.rows)
        if self.delivery.audience is not Audience.CITIZEN:
            return replace(self.delivery, items=items)
        of_citizen = self.rows[0]
        return replace(
            self.delivery,
            items=items,
            sealed=of_citizen["contact_sealed"],
            language=of_citizen["contact_language"],
            overtaken=of_citizen["overtaken"],
        )


def insert_sent_deliveries(connection: Connection, notices: Sequence[ScheduledNotice]) -> None:
    """Record notices that this transaction itself puts on a topic: they are delivered with it."""
    rows = [
        (scheduled.id, scheduled.channel.value, notice.audience.value, notice.recipient, notice.report_id)
        + (notice.kind.value,)
        for scheduled in notices
        for notice in [scheduled.notice]
    ]
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into delivery (delivery_id, channel, audience, recipient, report_id, kind, state, attempt,"
            " ended_at) values (%s, %s, %s, %s, %s, %s, 'sent', 1, now())",
            rows,
        )
    ids = [scheduled.id for scheduled in notices]
    connection.execute("update notice set delivery_id = notice_id where notice_id = any(%b::uuid[])", (ids,))


def claim_deliveries(
    connection: Connection, channel: Channel, lease: timedelta, limit: int, *, urgent_only: bool = False
) -> list[ClaimedDelivery]:
    """Take up to `limit` due deliveries of a channel, attempts counted: the most urgent first, of those the oldest.

    By webhook a recipient is sent one at a time, so that a slow one has one sender and no more. Until the lease ends
    nobody else takes them; after that `claim_abandoned_deliveries` does.
    """
    if channel is Channel.WEBHOOK:  # two that claim at once would not see each other's
        connection.execute("select pg_advisory_xact_lock(hashtext('claiming webhooks'))")
        limit = min(limit, 1)
    claimed = connection.execute(
        "with due as materialized ("  # noqa: S608 (fixed words)
        " select delivery_id, urgency, due_at from delivery"
        " where channel = %s and state = 'pending' and due_at <= now() and urgency <= %s"
        " and (channel <> 'webhook' or not exists (select from delivery as busy"
        "  where busy.state = 'sending' and busy.channel = 'webhook' and busy.audience = delivery.audience"
        "  and busy.recipient = delivery.recipient))"
        " order by urgency, due_at limit %s for update skip locked"
        ") update delivery set state = 'sending', attempt = attempt + 1, handed_over = false, accepted = false,"
        " lease_until = now() + %s from due where delivery.delivery_id = due.delivery_id"
        " returning delivery.delivery_id as id, audience, recipient, report_id, kind, attempt, due.urgency, due.due_at,"
        + _ON_DUTY,
        (channel.value, Urgency.AT_ONCE if urgent_only else Urgency.CAN_WAIT, limit, lease, *_CALLS_DUTY),
    ).fetchall()
    if not claimed:
        return []
    rows = connection.execute(
        "select notice.delivery_id, notice.report_id, notice.kind, notice.details, report.case_number,"
        " report.category, report.unit_name, report.verify_by, report.contact_sealed, report.contact_language,"
        " exists (select from overtaken where overtaken.notice_id = notice.notice_id offset 0) as overtaken"
        " from notice join report using (report_id) where delivery_id = any(%b::uuid[])"
        " order by notice.due_at, notice_id",
        ([row["id"] for row in claimed],),
    )
    of_each = defaultdict[UUID, list[dict[str, Any]]](list)
    for row in rows:
        of_each[row["delivery_id"]].append(row)
    claimed.sort(key=lambda row: (row["urgency"], row["due_at"]))
    return [ClaimedDelivery(_delivery(row, channel), of_each[row["id"]]) for row in claimed]


def claim_abandoned_deliveries(connection: Connection) -> list[tuple[Delivery, Abandoned]]:
    """Up to 100 deliveries whose lease ended while they were being sent: the process that sent them died.

    They are without items, and locked until the transaction ends.
    """
    rows = connection.execute(
        "select delivery_id as id, channel, audience, recipient, report_id, kind, attempt, handed_over, accepted"
        " from delivery where state = 'sending' and lease_until < now()"
        " order by delivery_id limit 100 for update skip locked"
    ).fetchall()
    return [(_delivery(row, Channel(row["channel"])), _how_far(row)) for row in rows]


def update_delivery_handed_over(
    connection: Connection, delivery: Delivery, target: bytes | None, accepted: Sequence[Delivery] = ()
) -> bool:
    """Keep that an attempt begins to hand the message over to a target, and that those before it were `accepted`.

    False when it must not: its lease has ended, or the citizen is not to be told this any more.
    """
    values = {"id": delivery.id, "attempt": delivery.attempt, "target": target}
    ids, attempts = [earlier.id for earlier in accepted], [earlier.attempt for earlier in accepted]
    updated = connection.execute(
        "with earlier as (update delivery set accepted = true"
        " from unnest(%(ids)b::uuid[], %(attempts)b::integer[]) as taken (id, attempt)"
        " where delivery_id = taken.id and delivery.attempt = taken.attempt and state = 'sending'"
        ") update delivery set handed_over = true, target = coalesce(%(target)b, target)"
        " where delivery_id = %(id)s and attempt = %(attempt)s"
        " and state = 'sending' and lease_until > now()"
        " and (audience <> 'citizen' or exists (select from notice join report using (report_id)"
        "  where notice.notice_id = %(id)s and contact_sealed is not null"  # a citizen's has the id of its delivery
        "  and not exists (select from overtaken where overtaken.notice_id = %(id)s offset 0) offset 0))",
        values | {"ids": ids, "attempts": attempts},
    )
    return updated.rowcount == 1


def update_deliveries(connection: Connection, ended: Iterable[tuple[Delivery, NextState, AttemptResult]]) -> set[UUID]:
    """Write the states after attempts; returns whose. The lease of others had ended, and somebody else has decided."""
    updated = connection.execute(
        "update delivery set state = new.state, due_at = coalesce(new.due_at, delivery.due_at), reason = new.reason,"
        " maybe_arrived = delivery.maybe_arrived or new.maybe_arrived, lease_until = null,"
        " ended_at = case when new.state = 'pending' then null else now() end"
        " from unnest(%b::uuid[], %b::integer[], %b::text[], %b::timestamptz[], %b::text[], %b::boolean[])"
        " as new (id, attempt, state, due_at, reason, maybe_arrived)"
        " where delivery_id = new.id and delivery.attempt = new.attempt and delivery.state = 'sending'"
        " returning delivery_id",
        columns(
            (delivery.id, delivery.attempt, after.state.value, after.due_at, result.reason)
            + (result.outcome is Outcome.UNCERTAIN,)
            for delivery, after, result in ended
        ),
    )
    return {row["delivery_id"] for row in updated}


def update_deliveries_released(connection: Connection, deliveries: Iterable[Delivery]) -> None:
    """Give back what was claimed and not tried: it waits as before."""
    values = columns((delivery.id, delivery.attempt) for delivery in deliveries)
    if values:
        connection.execute(
            "update delivery set state = 'pending', attempt = delivery.attempt - 1, lease_until = null"
            " from unnest(%b::uuid[], %b::integer[]) as mine (id, attempt)"
            " where delivery_id = mine.id and delivery.attempt = mine.attempt and state = 'sending'",
            values,
        )


def update_delivery_returned(connection: Connection, delivery_id: UUID, reason: str) -> Delivery | None:
    """Write down that a mail came back; the delivery without its items, None where that was known or is unknown."""
    row = connection.execute(
        "update delivery set state = 'failed', reason = %s, ended_at = now()"
        " where delivery_id = %s and channel = 'email' and state in ('sent', 'uncertain')"
        " returning delivery_id as id, audience, recipient, report_id, kind, attempt",
        (reason, delivery_id),
    ).fetchone()
    return _delivery(row, Channel.EMAIL) if row else None


def count_unfinished(connection: Connection) -> dict[Channel, Backlog]:
    """The backlog of each channel."""
    rows = connection.execute(
        "select channel, count(*) as count, extract(epoch from now() - min(created_at))::float as oldest"
        " from delivery where state in ('pending', 'sending') group by channel"
    )
    found = {Channel(row["channel"]): Backlog(row["count"], row["oldest"]) for row in rows}
    return {channel: found.get(channel, Backlog()) for channel in Channel}


def _delivery(row: dict[str, Any], channel: Channel) -> Delivery:
    fields = ("id", "recipient", "report_id", "kind", "attempt")
    audience = Audience(row["audience"])
    return Delivery(
        **{name: row[name] for name in fields}, channel=channel, audience=audience, on_duty=row.get("on_duty")
    )


def _details(row: dict[str, Any]) -> Details:
    """What the event said; where it did not, what is known of the report."""
    details = _DETAILS.decode(row["details"])
    return replace(
        details,
        case_number=details.case_number or row["case_number"],
        category=details.category or row["category"],
        unit_name=details.unit_name or row["unit_name"],
        due_at=details.due_at or (row["verify_by"] if details.clock is Clock.VERIFICATION else None),
    )


def _how_far(row: dict[str, Any]) -> Abandoned:
    if row["accepted"]:
        return Abandoned.ACCEPTED
    return Abandoned.HANDED_OVER if row["handed_over"] else Abandoned.UNTRIED
