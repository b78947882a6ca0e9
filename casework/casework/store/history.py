"""The history of the cases, which only grows: an entry for each transition and each remark."""

from collections.abc import Sequence
from uuid import UUID

from chassis.postgres import Connection, as_json, columns

from casework.domain.records import Remark, Transition


def insert_transitions(connection: Connection, transitions: Sequence[Transition]) -> None:
    """Add the entries of transitions, in their order."""
    connection.execute(
        "insert into history (report_id, version, what, at, role, officer, note, detail, cause)"
        " select report_id, version, what, at, role, officer, note, detail, cause"
        " from jsonb_populate_recordset(null::history, %s::jsonb)",
        (as_json([transition.entry for transition in transitions]),),
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
