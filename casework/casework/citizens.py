"""What citizens say beside the report and after it: their words, "me too", "still there", "erase my words"."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis import outbox
from chassis.kafka.messages import Received
from chassis.postgres import Connection, columns
from chassis.telemetry import DUPLICATES
from contracts.cases import Role
from contracts.envelope import tombstone
from contracts.reports import ErasureRequested, FollowUp, ReportContent, ReportContested, ReportSupported, as_report_id
from contracts.topics import CASEWORK, CONTENT

from casework.changes import after, supported
from casework.domain import Case, counts_support
from casework.history import Made, Noted


def keep_words(connection: Connection, batch: Sequence[Received]) -> None:
    """Keep the words, or erase them at a tombstone. What was erased once stays so, whatever comes again later."""
    words = [each.event for each in batch if isinstance(each.event, ReportContent)]
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into words (report_id, description, photos) values (%s, %s, %s) on conflict (report_id)"
            " do update set description = excluded.description, photos = excluded.photos where not words.erased",
            [
                (each.report_id, each.description, list(each.photos))
                for each in sorted(words, key=lambda each: each.report_id)
            ],
        )
    erased = {as_report_id(each.key) for each in batch if each.event is None}
    _erase(connection, [each for each in erased if each is not None])


def keep_follow_ups(connection: Connection, batch: Sequence[Received]) -> None:
    """Keep what is said after sending, each once per sender; an erasure takes effect at once."""
    rows = [
        (each.event.report_id, type(each.event).__name__, _sender(each.event), each.event.said_at, each.envelope.id)
        for each in batch
        if isinstance(each.event, FollowUp) and each.envelope
    ]
    if not rows:
        return
    new = connection.execute(
        "insert into follow_up (report_id, kind, sender, said_at, cause)"
        " select * from unnest(%b::uuid[], %b::text[], %b::text[], %b::timestamptz[], %b::uuid[])"
        " on conflict do nothing returning report_id, kind",
        columns(sorted(rows)),
    ).fetchall()
    connection.after_commit(DUPLICATES.labels(CASEWORK).inc, len(rows) - len(new))
    erasures = [row["report_id"] for row in new if row["kind"] == ErasureRequested.__name__]
    _erase(connection, erasures)
    outbox.append(connection, [tombstone(CONTENT, str(report_id)) for report_id in sorted(erasures)])


def waiting(connection: Connection, report_ids: Sequence[UUID]) -> list[dict[str, Any]]:
    """What was said of these reports and their cases do not know yet, in the order it was said; known from now on."""
    rows = connection.execute(
        "update follow_up set applied = true where not applied and report_id = any(%b)"
        " and exists (select from cases where cases.report_id = follow_up.report_id)"
        " returning report_id, kind, said_at, cause",
        (report_ids,),
    ).fetchall()
    return sorted(rows, key=lambda row: (row["said_at"], row["cause"]))


def applied(
    cases: dict[UUID, Case], said: Sequence[dict[str, Any]], causes: dict[UUID, Any], at: datetime
) -> tuple[list[Made], list[Noted]]:
    """What follows from what was said; `cases` become what they are then. A case that ended passes it to the other."""
    made, notes = [], []
    for row in said:
        case = _surviving(cases, row["report_id"])
        if row["kind"] == ReportSupported.__name__ and counts_support(case):
            made.append(Made(case, supported(case, at), cause=causes.get(row["cause"])))
            cases[case.report_id] = after(case, made[-1].event)
            continue
        if row["kind"] == ReportContested.__name__:
            cases[case.report_id] = replace(case, contested=True)
        detail = {"counted": False} if row["kind"] == ReportSupported.__name__ else {}
        notes.append(Noted(case.report_id, row["kind"], Role.SYSTEM, row["said_at"], row["cause"], detail))
    return made, notes


def flag_contested(connection: Connection, report_ids: Sequence[UUID]) -> None:
    """Put the cases before the coordinator: whether to reopen is theirs to decide."""
    connection.execute("update cases set contested = true where report_id = any(%b) and not contested", (report_ids,))


def _surviving(cases: dict[UUID, Case], report_id: UUID) -> Case:
    case = cases[report_id]
    while case.merged_into is not None:
        case = cases[case.merged_into]
    return case


def _erase(connection: Connection, report_ids: Iterable[UUID]) -> None:
    connection.execute(
        "insert into words (report_id, erased) select id, true from unnest(%b::uuid[]) as id order by id"
        " on conflict (report_id) do update set description = null, photos = '{}', erased = true",
        (list(report_ids),),
    )


def _sender(event: FollowUp) -> str:
    return event.sender if isinstance(event, ReportSupported) else ""
