"""Deliveries on their way: claimed in one transaction, sent outside of any, and the result written in another."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum, auto
from typing import Any

import msgspec
from chassis.postgres import Connection
from contracts.events.clocks import Clock
from contracts.events.notices import Audience, Channel

from notifier.domain.deliveries import Backlog, Delivery, DeliveryItem, DeliveryState, NextState
from notifier.domain.notices import Details, NoticeKind, ScheduledNotice, Urgency

_DETAILS = msgspec.json.Decoder(Details)


class Told(Enum):
    """What a target was told by another delivery: the step, or perhaps, since that one is being handed over."""

    TOLD = auto()
    BEING_TOLD = auto()


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
            self.delivery, items=items, sealed=of_citizen["contact_sealed"], language=of_citizen["contact_language"]
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


def claim_delivery(
    connection: Connection, channel: Channel, lease: timedelta, *, urgent_only: bool = False
) -> ClaimedDelivery | None:
    """Take the most urgent delivery of a channel, of those the oldest, its attempt counted; None when none is due.

    By webhook a recipient is sent one at a time, so that a slow one has one sender and no more. Until the lease ends
    nobody else takes it; after that `claim_abandoned_deliveries` does.
    """
    if channel is Channel.WEBHOOK:  # two that claim at once would not see each other's
        connection.execute("select pg_advisory_xact_lock(hashtext('claiming webhooks'))")
    row = connection.execute(
        "update delivery set state = 'sending', attempt = attempt + 1, handed_over = false, lease_until = now() + %s"
        " where delivery_id = ("
        " select delivery_id from delivery where channel = %s and state = 'pending' and due_at <= now()"
        " and urgency <= %s and (channel <> 'webhook' or not exists (select from delivery as busy"
        "  where busy.state = 'sending' and busy.channel = 'webhook' and busy.audience = delivery.audience"
        "  and busy.recipient = delivery.recipient))"
        " order by urgency, due_at limit 1 for update skip locked)"
        " returning delivery_id as id, audience, recipient, report_id, kind, attempt",
        (lease, channel.value, Urgency.AT_ONCE if urgent_only else Urgency.CAN_WAIT),
    ).fetchone()
    if row is None:
        return None
    rows = connection.execute(
        "select notice.report_id, notice.kind, notice.details, report.case_number, report.category, report.unit_name,"
        " report.verify_by, report.contact_sealed, report.contact_language"
        " from notice join report using (report_id) where delivery_id = %s order by notice.due_at, notice_id",
        (row["id"],),
    ).fetchall()
    return ClaimedDelivery(_delivery(row, channel), rows)


def claim_abandoned_deliveries(connection: Connection) -> list[tuple[Delivery, bool]]:
    """Up to 100 deliveries whose lease ended while they were being sent: the process that sent them died.

    Each with whether it had begun to hand it over. They are without items, and locked until the transaction ends.
    """
    rows = connection.execute(
        "select delivery_id as id, channel, audience, recipient, report_id, kind, attempt, handed_over from delivery"
        " where state = 'sending' and lease_until < now() order by delivery_id limit 100 for update skip locked"
    ).fetchall()
    return [(_delivery(row, Channel(row["channel"])), row["handed_over"]) for row in rows]


def update_delivery_handed_over(connection: Connection, delivery: Delivery, target: bytes | None) -> bool:
    """Keep that an attempt begins to hand the message over to a target; False when its lease has ended, so that it must
    not.
    """
    updated = connection.execute(
        "update delivery set handed_over = true, target = %s"
        " where delivery_id = %s and state = 'sending' and attempt = %s and lease_until > now()",
        (target, delivery.id, delivery.attempt),
    )
    return updated.rowcount == 1


def find_told(connection: Connection, delivery: Delivery, target: bytes) -> Told | None:
    """Whether another delivery told this target of the same step of a clock; it stays so until the transaction ends."""
    connection.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"told/{delivery.report_id}",))
    row = connection.execute(
        "select bool_or(state <> 'sending' or maybe_arrived) as told"
        " from notice as mine join notice as same on same.report_id = mine.report_id"
        "  and (same.cause = mine.cause or same.escalation = mine.escalation)"
        " join delivery on delivery.delivery_id = same.delivery_id"
        " where mine.delivery_id = %(id)s and delivery.delivery_id <> %(id)s and target = %(target)s"
        " and (state in ('sent', 'uncertain') or maybe_arrived or state = 'sending' and handed_over)",
        {"id": delivery.id, "target": target},
    ).fetchone()
    assert row is not None  # an aggregate always gives a row
    return None if row["told"] is None else Told.TOLD if row["told"] else Told.BEING_TOLD


def update_delivery(
    connection: Connection, delivery: Delivery, after: NextState, *, maybe_arrived: bool, reason: str | None
) -> bool:
    """Write the state after an attempt; False when its lease had ended and somebody else has decided that."""
    updated = connection.execute(
        "update delivery set state = %s, due_at = coalesce(%s, due_at), maybe_arrived = maybe_arrived or %s,"
        " lease_until = null, reason = %s, ended_at = case when %s then null else now() end"
        " where delivery_id = %s and state = 'sending' and attempt = %s",
        (
            after.state.value,
            after.due_at,
            maybe_arrived,
            reason,
            after.state is DeliveryState.PENDING,
            delivery.id,
            delivery.attempt,
        ),
    )
    return updated.rowcount == 1


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
    return Delivery(**{name: row[name] for name in fields}, channel=channel, audience=Audience(row["audience"]))


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
