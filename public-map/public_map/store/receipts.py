"""What is known for the holder of a receipt, and nobody else."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from chassis.postgres import Connection, as_json, database_time

from public_map.domain.conversation import Letter, Said
from public_map.domain.receipts import Receipt
from public_map.store.clocks import list_clocks
from public_map.store.reports import find_report
from public_map.store.timelines import list_timeline_entries

_LETTER = "report_id, version, what, question, written_at, words, erased"
_SAID = "report_id, what, question, first_at, last_at"


def find_receipt(connection: Connection, receipt_sha256: str) -> Receipt | None:
    """What the holder of a receipt may know, by its SHA-256 in hexadecimal; None where nobody knows it (yet)."""
    report = find_report(connection, receipt_sha256)
    if report is None:
        return None
    assert report.submission is not None  # it brought the receipt
    return Receipt(
        report,
        report.submission,
        list_timeline_entries(connection, report.report_id),
        list_clocks(connection, [report.report_id]),
        database_time(connection),
        _list_letters(connection, report.report_id),
        _list_said(connection, report.report_id),
    )


def upsert_letters(connection: Connection, letters: Sequence[Letter]) -> None:
    """Write what is known of letters, each of a key of its own: what was known stays, what was erased stays so."""
    if not letters:
        return
    connection.execute(
        f"insert into letter as known ({_LETTER})"  # noqa: S608 (fixed words)
        f" select {_LETTER} from jsonb_populate_recordset(null::letter, %s::jsonb)"
        " on conflict (report_id, version) do update set"
        " what = coalesce(known.what, excluded.what), question = coalesce(known.question, excluded.question),"
        " written_at = coalesce(known.written_at, excluded.written_at),"
        " words = case when known.erased or excluded.erased then null else coalesce(known.words, excluded.words) end,"
        " erased = known.erased or excluded.erased",
        (as_json(list(letters)),),
    )


def upsert_said(connection: Connection, said: Iterable[Said]) -> None:
    """Write that something was said, each of a key of its own."""
    rows = list(said)
    if not rows:
        return
    connection.execute(
        f"insert into said as known ({_SAID})"  # noqa: S608 (fixed words)
        f" select {_SAID} from jsonb_populate_recordset(null::said, %s::jsonb)"
        " on conflict (report_id, what, question) do update set"
        " first_at = least(known.first_at, excluded.first_at), last_at = greatest(known.last_at, excluded.last_at)",
        (as_json(rows),),
    )


def _list_letters(connection: Connection, report_id: UUID) -> list[Letter]:
    rows = connection.execute(
        f"select {_LETTER} from letter where report_id = %b order by version",  # noqa: S608 (fixed words)
        (report_id,),
    ).fetchall()
    return [Letter(**row) for row in rows]


def _list_said(connection: Connection, report_id: UUID) -> list[Said]:
    rows = connection.execute(
        f"select {_SAID} from said where report_id = %b order by first_at, what, question",  # noqa: S608 (fixed words)
        (report_id,),
    ).fetchall()
    return [Said(**row) for row in rows]
