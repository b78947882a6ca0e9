"""Subscriptions as people make, confirm and end them."""

from typing import Any
from uuid import UUID

from chassis.postgres import Connection
from contracts.statuses import Language

from notifier.domain.subscriptions.areas import Area, Subscription

COLUMNS = "subscription_id, sealed, language, unit, west, south, east, north, asked_at, confirmed_at, told_until"
"""What `read_subscription` takes."""
_UNANSWERED = 3
"""Questions that wait for one mailbox's yes at most, whoever names it: more are not put until one has expired."""


def insert_subscription(
    connection: Connection, subscription_id: UUID, mailbox: bytes, sealed: str, language: Language, area: Area
) -> None:
    """Have the mailbox asked whether it wants that; not if it has it, was asked already, or has too much to answer."""
    connection.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", (mailbox.hex(),))
    connection.execute(
        "insert into subscription (subscription_id, mailbox, sealed, language, unit, west, south, east, north)"
        " select %(id)s, %(mailbox)s, %(sealed)s, %(language)s, %(unit)s, %(west)s, %(south)s, %(east)s, %(north)s"
        " where (select count(*) from subscription where mailbox = %(mailbox)s and confirmed_at is null) < %(most)s"
        " on conflict (mailbox, unit, west, south, east, north) do nothing",
        {
            "id": subscription_id,
            "mailbox": mailbox,
            "sealed": sealed,
            "language": language,
            "unit": area.unit,
            **dict(zip(("west", "south", "east", "north"), area.box or (None,) * 4, strict=True)),
            "most": _UNANSWERED,
        },
    )


def find_subscription(connection: Connection, subscription_id: UUID) -> Subscription | None:
    """What it is of; None once it has ended."""
    row = connection.execute(
        f"select {COLUMNS} from subscription where subscription_id = %s",  # noqa: S608 (fixed words)
        (subscription_id,),
    ).fetchone()
    return read_subscription(row) if row else None


def update_subscription_confirmed(connection: Connection, subscription_id: UUID) -> None:
    """They said yes: changes from this hour on are told, a day from now for the first time."""
    connection.execute(
        "update subscription set confirmed_at = now(), told_until = date_trunc('hour', now()),"
        " next_at = now() + interval '1 day' where subscription_id = %s and confirmed_at is null",
        (subscription_id,),
    )


def delete_subscription(connection: Connection, subscription_id: UUID) -> None:
    """Forget it with its address."""
    connection.execute("delete from subscription where subscription_id = %s", (subscription_id,))


def read_subscription(row: dict[str, Any]) -> Subscription:
    """A row as what it says."""
    box = (row["west"], row["south"], row["east"], row["north"])
    return Subscription(
        id=row["subscription_id"],
        sealed=row["sealed"],
        language=row["language"],
        area=Area(row["unit"], None if row["unit"] is not None else box),
        asked_at=row["asked_at"],
        confirmed_at=row["confirmed_at"],
        told_until=row["told_until"],
    )
