"""What the reconciler asks: what is public, in which version, and what of it is not on the topic yet."""

from collections.abc import Collection
from uuid import UUID

from chassis.postgres import Connection

from public_map.domain.differences import TableState


def lock_public_reports(connection: Connection) -> None:
    """Nobody else changes what is public until this transaction ends; they wait. Reading goes on."""
    connection.execute("lock table public_report in share row exclusive mode")


def read_table_state(connection: Connection, topic: str, among: Collection[UUID] | None = None) -> TableState:
    """The state of all public reports, or of those among some, as to a topic by its name in the registry.

    The versions are read first: what is neither among them nor in the outbox afterwards is on the topic.
    """
    versions = connection.execute(
        "select report_id, version from public_report where %b::uuid[] is null or report_id = any(%b::uuid[])",
        [among if among is None else list(among)] * 2,
    ).fetchall()
    outbox = connection.execute(
        "select distinct convert_from(key, 'UTF8')::uuid as report_id from outbox where topic = %s", (topic,)
    )
    return TableState(
        {row["report_id"]: row["version"] for row in versions}, frozenset(row["report_id"] for row in outbox)
    )
