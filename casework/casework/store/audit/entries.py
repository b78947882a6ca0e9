"""What is added to the audit, in the transaction in which the words are read, or in one before they are sent."""

from collections.abc import Sequence
from dataclasses import dataclass

from chassis.postgres import Connection, as_json

from casework.domain.audit.readings import Reading


@dataclass(frozen=True, slots=True)
class Anchor:
    """The newest anchor: whoever keeps it elsewhere sees whether anything before it was cut off."""

    number: int
    hash: bytes


def insert_readings(connection: Connection, readings: Sequence[Reading]) -> None:
    """Record what the officer of this transaction reads. Last in it: the unit's chain is locked until the commit."""
    if readings:
        connection.execute("select audit.append(%s::jsonb)", (as_json([_told(reading) for reading in readings]),))


def insert_anchor(connection: Connection) -> Anchor | None:
    """Note how far the chains have come, where they have; gives the newest anchor, None where nothing was ever read."""
    row = connection.execute("select number, hash from audit.append_anchor()").fetchone()
    return Anchor(row["number"], row["hash"]) if row else None


def _told(reading: Reading) -> dict[str, object]:
    told = {name: getattr(reading, name) for name in reading.__dataclass_fields__}
    return {name: value for name, value in told.items() if value not in (None, {})}
