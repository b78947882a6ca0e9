"""Rosters: to which address the urgent messages of a desk go now."""

from collections.abc import Sequence

import msgspec
from chassis.postgres import Connection, columns
from contracts.events.duty.rosters import RosterChanged


def upsert_rosters(connection: Connection, events: Sequence[RosterChanged]) -> None:
    """Keep the newest roster of each desk, in whichever order they are read."""
    newest: dict[tuple[str, str], RosterChanged] = {}
    for event in events:
        desk = (event.garrison, event.unit)
        newest[desk] = max(newest.get(desk, event), event, key=lambda one: one.version)
    if newest:
        connection.execute(
            "insert into roster (garrison, unit, version, times) select garrison, unit, version, times::jsonb"
            " from unnest(%b::text[], %b::text[], %b::integer[], %b::text[]) as new (garrison, unit, version, times)"
            " on conflict (garrison, unit) do update set version = excluded.version, times = excluded.times"
            " where roster.version < excluded.version",
            columns(
                (*desk, event.version, msgspec.json.encode(event.times).decode())
                for desk, event in sorted(newest.items())
            ),
        )


def list_on_duty(connection: Connection) -> frozenset[str]:
    """The desks, by code, that have an address on duty now."""
    return frozenset(row["recipient"] for row in connection.execute("select recipient from on_duty"))
