"""Changes of cases that were read before an earlier one, and wait for it."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
from chassis.postgres import Connection, columns
from contracts.events.cases import CaseChange
from contracts.topics import EVENTS


def list_parked(connection: Connection, report_ids: Sequence[UUID]) -> dict[UUID, dict[int, CaseChange]]:
    """What waits, by report and version; {} for a report of which nothing does."""
    rows = connection.execute(
        "select report_id, version, type, body from parked where report_id = any(%b)", (report_ids,)
    )
    parked: dict[UUID, dict[int, CaseChange]] = {report_id: {} for report_id in report_ids}
    for row in rows:
        change = msgspec.json.decode(row["body"], type=EVENTS.get(row["type"], CaseChange))
        assert isinstance(change, CaseChange)  # nothing else is parked; of a kind this release does not know, its state
        parked[change.report_id][change.version] = change
    return parked


def insert_parked(connection: Connection, changes: Sequence[CaseChange]) -> None:
    """Keep changes until their turn comes."""
    rows = [
        (change.report_id, change.version, type(change).__name__, msgspec.json.encode(change).decode())
        for change in changes
    ]
    if rows:
        connection.execute(
            "insert into parked (report_id, version, type, body)"
            " select * from unnest(%b::uuid[], %b::int[], %b::text[], %b::text[])",
            columns(rows),
        )


def delete_parked(connection: Connection, keys: Sequence[tuple[UUID, int]]) -> None:
    """Forget changes, by report and version, that took effect."""
    if keys:
        connection.execute(
            "delete from parked using unnest(%b::uuid[], %b::int[]) as gone (report_id, version)"
            " where parked.report_id = gone.report_id and parked.version = gone.version",
            columns(keys),
        )


def read_oldest_gap(connection: Connection) -> float:
    """Seconds the oldest parked change has waited for the one before it; 0 when none waits."""
    row = connection.execute(
        "select coalesce(extract(epoch from clock_timestamp() - min(since)), 0)::float as age from parked"
    ).fetchone()
    assert row  # an aggregate always gives a row
    age: float = row["age"]
    return age
