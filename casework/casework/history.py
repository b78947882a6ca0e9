"""What happened to the cases: each change's entry in the history and its event, always written together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import msgspec
from chassis import outbox
from chassis.postgres import Connection
from contracts.cases import CaseChange
from contracts.envelope import Envelope, Outgoing, encode
from contracts.topics import CASEWORK
from prometheus_client import Counter

from casework.domain import Case

CHANGES = Counter("kmzb_casework_changes_total", "Changes of cases", ["change", "garrison"])
_OF_EVERY_CHANGE = frozenset(CaseChange.__struct_fields__)


@dataclass(frozen=True, slots=True)
class Made:
    """A change that was decided: the state before it, its event, and who made it why, or what it followed from."""

    before: Case
    event: CaseChange
    officer: str | None = None
    note: str | None = None
    cause: Envelope | None = None


@dataclass(frozen=True, slots=True)
class Noted:
    """Something heard of a case that changes nothing others need to know."""

    report_id: UUID
    what: str
    role: str
    at: datetime
    cause: UUID
    detail: dict[str, Any]


def announce_change(connection: Connection, event: CaseChange, cause: Envelope | None = None) -> None:
    """Tell of a change whose row and history are written already."""
    outbox.append(connection, [_message(event, cause)])
    _count(connection, [event])


def note(connection: Connection, notes: Sequence[Noted]) -> None:
    """Add to the history what was heard; what stands there already is not added again."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into history (report_id, what, role, at, cause, detail) values (%s, %s, %s, %s, %s, %s::jsonb)"
            " on conflict (report_id, cause, what) where cause is not null do nothing",
            [
                (each.report_id, each.what, each.role, each.at, each.cause, msgspec.json.encode(each.detail).decode())
                for each in notes
            ],
        )


def tell(connection: Connection, made: Sequence[Made]) -> None:
    """History and event of each change."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into history (report_id, version, what, at, role, officer, note, detail, cause)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s)",
            [
                (
                    each.event.report_id,
                    each.event.version,
                    type(each.event).__name__,
                    each.event.changed_at,
                    each.event.actor,
                    each.officer,
                    each.note,
                    _detail(each.event),
                    each.cause.id if each.cause else None,
                )
                for each in made
            ],
        )
    outbox.append(connection, [_message(each.event, each.cause) for each in made])
    _count(connection, [each.event for each in made])


def _count(connection: Connection, events: Sequence[CaseChange]) -> None:
    for event in events:
        connection.after_commit(CHANGES.labels(type(event).__name__, event.owner.garrison).inc)


def _detail(event: CaseChange) -> str:
    said: dict[str, Any] = msgspec.to_builtins(event)
    own = {name: value for name, value in said.items() if name not in _OF_EVERY_CHANGE and value is not None}
    return msgspec.json.encode(own).decode()


def _message(event: CaseChange, cause: Envelope | None) -> Outgoing:
    return encode(
        event,
        source=CASEWORK,
        at=event.changed_at,
        event_id=uuid5(event.report_id, f"change/{event.version}"),
        submitted_at=event.submitted_at,
        traceparent=cause.traceparent if cause else None,
    )
