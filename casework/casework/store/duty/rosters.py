"""Rosters: entries and the record of their changes, under the lock of their desk, with the event."""

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from chassis import outbox
from chassis.postgres import Connection, as_json
from contracts.envelope import encode
from contracts.events.duty.rosters import RosterChanged
from contracts.topics import CASEWORK

from casework.domain.duty.rosters import Desk, Entry, Kind, times
from casework.domain.officers import Officer

_NAMESPACE = UUID("6f6b1cf2-5a9f-5b43-9d84-7f2b1f0c3a55")
_ENTRY = "entry_id, kind, officer, principal, email, starts_at, ends_at"


def lock_desk(connection: Connection, desk: Desk) -> int:
    """Nobody else changes the desk's roster until the transaction ends; gives the version it is at."""
    connection.execute(
        "insert into duty_desk (garrison, unit) values (%s, %s) on conflict do nothing", (desk.garrison, desk.unit)
    )
    row = connection.execute(
        "select version from duty_desk where garrison = %s and unit = %s for update", (desk.garrison, desk.unit)
    ).fetchone()
    assert row  # it was just made, or refused by row-level security
    version: int = row["version"]
    return version


def find_version(connection: Connection, desk: Desk) -> int:
    """How often the desk's roster was changed; 0 where it is out of sight."""
    row = connection.execute(
        "select version from duty_desk where garrison = %s and unit = %s", (desk.garrison, desk.unit)
    ).fetchone()
    return row["version"] if row else 0


def list_entries(connection: Connection, desk: Desk, since: datetime) -> list[Entry]:
    """The entries of a desk that end after an instant, in the order they begin."""
    rows = connection.execute(
        f"select {_ENTRY} from duty_entry where garrison = %s and unit = %s and ends_at > %s"  # noqa: S608 (fixed words)
        " order by starts_at, entry_id",
        (desk.garrison, desk.unit, since),
    ).fetchall()
    return [_entry(row) for row in rows]


def find_principal(connection: Connection, officer: Officer) -> str | None:
    """For whom an officer stands in now at the desk of their unit."""
    row = connection.execute(
        "select principal from duty_entry where garrison = %s and unit = %s and kind = %s and officer = %s"
        " and starts_at <= now() and ends_at > now() order by starts_at limit 1",
        (officer.garrison, officer.unit, Kind.DEPUTY.value, officer.subject),
    ).fetchone()
    return row["principal"] if row else None


def list_log(connection: Connection, desk: Desk, limit: int) -> list[dict[str, Any]]:
    """Who changed what of a desk's roster, the newest first."""
    return connection.execute(
        "select at, officer, role, what, detail from duty_log where garrison = %s and unit = %s"
        " order by entry desc limit %s",
        (desk.garrison, desk.unit, limit),
    ).fetchall()


def insert_entry(connection: Connection, desk: Desk, entry: Entry, by: Officer, at: datetime) -> None:
    """Write a new entry of a locked desk."""
    connection.execute(
        "insert into duty_entry (garrison, unit, entry_id, kind, officer, principal, email, starts_at, ends_at)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (desk.garrison, desk.unit, entry.entry_id, entry.kind.value, entry.officer, entry.principal, entry.email)
        + (entry.starts_at, entry.ends_at),
    )
    _record(connection, desk, "added", entry, by, at)


def update_ended(connection: Connection, desk: Desk, entry: Entry, by: Officer, at: datetime) -> None:
    """End an entry of a locked desk now; one that has not begun is taken out."""
    if entry.starts_at < at:
        connection.execute("update duty_entry set ends_at = %s where entry_id = %s", (at, entry.entry_id))
    else:
        connection.execute("delete from duty_entry where entry_id = %s", (entry.entry_id,))
    _record(connection, desk, "ended" if entry.starts_at < at else "removed", entry, by, at)


def update_version(connection: Connection, desk: Desk, version: int, at: datetime) -> None:
    """Write the version of a locked desk's roster that was changed, and publish what it is from now on."""
    connection.execute(
        "update duty_desk set version = %s where garrison = %s and unit = %s", (version, desk.garrison, desk.unit)
    )
    event = RosterChanged(
        garrison=desk.garrison,
        unit=desk.unit,
        version=version,
        changed_at=at,
        times=times(list_entries(connection, desk, at), at),
    )
    event_id = uuid5(_NAMESPACE, f"{event.key}/{version}")
    outbox.append(connection, [encode(event, source=CASEWORK, at=at, event_id=event_id)])


def _record(connection: Connection, desk: Desk, what: str, entry: Entry, by: Officer, at: datetime) -> None:
    detail = asdict(entry) | ({"deputy_of": by.deputy_of} if by.deputy_of else {})
    connection.execute(
        "insert into duty_log (garrison, unit, at, officer, role, what, detail)"
        " values (%s, %s, %s, %s, %s, %s, %s::jsonb)",
        (desk.garrison, desk.unit, at, by.subject, by.role.value, what, as_json(detail)),
    )


def _entry(row: dict[str, Any]) -> Entry:
    return Entry(**{**row, "kind": Kind(row["kind"])})
