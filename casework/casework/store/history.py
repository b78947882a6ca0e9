"""The history of the cases, which only grows: an entry for each transition and each remark."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from chassis.postgres import Connection, as_json, columns
from contracts.cases import CaseChange

from casework.domain.records import Remark, Transition

_OF_EVERY_CHANGE = frozenset(CaseChange.__struct_fields__)


def insert_transitions(connection: Connection, transitions: Sequence[Transition]) -> None:
    """Add the entries of transitions, in their order."""
    connection.execute(
        "insert into history (report_id, version, what, at, role, officer, note, detail, cause)"
        " select report_id, version, what, at, role, officer, note, detail, cause"
        " from jsonb_populate_recordset(null::history, %s::jsonb)",
        (as_json([history_row(transition) for transition in transitions]),),
    )


def insert_remarks(connection: Connection, remarks: Sequence[Remark]) -> None:
    """Add the entries of remarks; what stands there already is not added again."""
    if not remarks:
        return
    connection.execute(
        "insert into history (report_id, what, role, at, cause, detail)"
        " select report_id, what, role, at, cause, detail from jsonb_populate_recordset(null::history, %s::jsonb)"
        " on conflict (report_id, cause, what) where cause is not null do nothing",
        (as_json(remarks),),
    )


def list_recorded(connection: Connection, read: Sequence[tuple[UUID, UUID]]) -> set[UUID]:
    """Those of the events read, given by report and id, that stand in the history."""
    if not read:
        return set()
    rows = connection.execute(
        "select cause from history join unnest(%b::uuid[], %b::uuid[]) as read (report_id, cause)"
        " using (report_id, cause)",
        columns(read),
    ).fetchall()
    return {row["cause"] for row in rows}


def history_row(transition: Transition) -> dict[str, Any]:
    """The entry of a transition, by column. What every change carries is not repeated in `detail`."""
    event = transition.event
    absorbed = {"absorbed": transition.absorbed} if transition.absorbed else {}
    return {
        "report_id": event.report_id,
        "version": event.version,
        "what": type(event).__name__,
        "at": event.changed_at,
        "role": transition.role or event.actor,
        "officer": transition.officer,
        "note": transition.note,
        "detail": _own_fields(event) | absorbed,
        "cause": transition.cause.id if transition.cause else None,
    }


def _own_fields(event: CaseChange) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.to_builtins(event)
    return {name: value for name, value in fields.items() if name not in _OF_EVERY_CHANGE and value is not None}
