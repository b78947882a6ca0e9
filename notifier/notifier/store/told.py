"""Which address was told of a step of a clock, whoever it stands for: known by a keyed hash, since its hand-over."""

from enum import Enum, auto

from chassis.postgres import Connection

from notifier.domain.deliveries import Delivery


class Told(Enum):
    """What another delivery told: the step; or perhaps, since it is just being handed over."""

    TOLD = auto()
    BEING_TOLD = auto()


def find_told(connection: Connection, delivery: Delivery, target: bytes) -> Told | None:
    """Whether another delivery told this target of the same step; it stays so until the transaction ends.

    `delivery` is of one notice, so it has its id.
    """
    connection.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"told/{delivery.report_id}",))
    row = connection.execute(
        "select bool_or(state <> 'sending' or maybe_arrived or accepted) as told from delivery"
        # As an array, so that however little is known of the tables only these are looked at.
        " where delivery_id = any(array("
        "  select same.delivery_id from notice as mine join notice as same on same.report_id = mine.report_id"
        "   and (same.cause = mine.cause or same.escalation = mine.escalation)"
        "  where mine.notice_id = %(id)s and same.delivery_id <> %(id)s))"
        " and target = %(target)s"
        " and (state in ('sent', 'uncertain') or maybe_arrived or state = 'sending' and handed_over)",
        {"id": delivery.id, "target": target},
    ).fetchone()
    assert row is not None  # an aggregate always gives a row
    return None if row["told"] is None else Told.TOLD if row["told"] else Told.BEING_TOLD
