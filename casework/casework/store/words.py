"""The citizens' words. What was erased once stays so, whatever comes again later."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from chassis.postgres import Connection, as_json
from contracts.events.reports import ReportContent


def upsert_words(connection: Connection, contents: Sequence[ReportContent]) -> None:
    """Write the words of reports, the last given of each, unless they were erased before."""
    last = {content.report_id: content for content in contents}
    if not last:
        return
    connection.execute(
        "insert into words (report_id, description, photos) select report_id, description, photos"
        " from jsonb_populate_recordset(null::words, %s::jsonb) order by report_id"
        " on conflict (report_id) do update set description = excluded.description, photos = excluded.photos"
        " where not words.erased",
        (as_json(list(last.values())),),
    )


def upsert_erasures(connection: Connection, report_ids: Iterable[UUID]) -> None:
    """Erase the words of reports, also those that are yet to come."""
    wanted = sorted(set(report_ids))
    if not wanted:
        return
    connection.execute(
        "insert into words (report_id, erased) select id, true from unnest(%b::uuid[]) as id"
        " on conflict (report_id) do update set description = null, photos = '{}', erased = true",
        (wanted,),
    )
