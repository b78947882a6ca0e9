"""The citizens' words. What was erased once stays so, whatever comes again later."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from chassis.postgres import Connection, as_json
from contracts.envelope import Outgoing, tombstone
from contracts.events.reports import FollowUpWords, ReportContent
from contracts.topics import CONTENT, TO_REPORTER

from casework.domain.records import TO_REPORTERS


def upsert_words(connection: Connection, said: Sequence[ReportContent | FollowUpWords]) -> None:
    """Write the words of reports, the last given of each, and of follow-ups; not of reports erased before.

    Photos that come for those are to be erased, too.
    """
    last = {words.report_id: words for words in said if isinstance(words, ReportContent)}
    _insert_follow_up_words(connection, [words for words in said if isinstance(words, FollowUpWords)])
    if not last:
        return
    connection.execute(
        "insert into words (report_id, description, photos) select report_id, description, photos"
        " from jsonb_populate_recordset(null::words, %s::jsonb) order by report_id"
        " on conflict (report_id) do update set description = excluded.description, photos = excluded.photos,"
        " since = now()"
        " where not words.erased",
        (as_json(list(last.values())),),
    )
    connection.execute(
        "insert into erased_photo select unnest(new.photos)"
        " from jsonb_populate_recordset(null::words, %s::jsonb) as new join words using (report_id)"
        " where words.erased on conflict do nothing",
        (as_json([words for words in last.values() if words.photos]),),
    )


def upsert_erasures(connection: Connection, report_ids: Iterable[UUID]) -> list[Outgoing]:
    """Erase the words of reports, also those that are yet to come; gives what erases them on their topic, and what was
    written to those who reported, which may repeat their words, on its own.
    """
    wanted = sorted(set(report_ids))
    if not wanted:
        return []
    connection.execute(
        "insert into erased_photo select unnest(photos) from words where report_id = any(%b::uuid[])"
        " on conflict do nothing",
        (wanted,),
    )
    connection.execute(
        "insert into words (report_id, erased) select id, true from unnest(%b::uuid[]) as id"
        " on conflict (report_id) do update set description = null, photos = '{}', erased = true",
        (wanted,),
    )
    rows = connection.execute(
        "delete from follow_up_words where report_id = any(%b::uuid[]) returning report_id, follow_up", (wanted,)
    ).fetchall()
    written = connection.execute(
        "select report_id, version from history where report_id = any(%b::uuid[]) and what = any(%b::text[])",
        (wanted, [change.__name__ for change in TO_REPORTERS]),
    ).fetchall()
    return [
        *(tombstone(CONTENT, str(report_id)) for report_id in wanted),
        *(tombstone(CONTENT, key) for key in sorted(f"{row['report_id']}/{row['follow_up']}" for row in rows)),
        *(tombstone(TO_REPORTER, key) for key in sorted(f"{row['report_id']}/{row['version']}" for row in written)),
    ]


def read_descriptions(connection: Connection, report_ids: Sequence[UUID]) -> dict[UUID, str]:
    """What citizens wrote with these reports, as far as it is for whoever asks."""
    rows = connection.execute(
        "select report_id, description from words where report_id = any(%b::uuid[]) and description is not null",
        (report_ids,),
    ).fetchall()
    return {row["report_id"]: row["description"] for row in rows}


def read_erased_photos(connection: Connection, limit: int = 500) -> list[str]:
    """Photos of erased words that no other report has."""
    rows = connection.execute(
        "select name from erased_photo where not exists ("
        "select from words where photos <> '{}' and photos @> array[erased_photo.name]) order by name limit %s",
        (limit,),
    ).fetchall()
    return [row["name"] for row in rows]


def delete_erased_photos(connection: Connection, names: Sequence[str]) -> None:
    """Forget photos that their store has forgotten."""
    connection.execute("delete from erased_photo where name = any(%b::text[])", (list(names),))


def _insert_follow_up_words(connection: Connection, said: Sequence[FollowUpWords]) -> None:
    """Add what was written with follow-ups, each once, unless the words of their reports were erased before."""
    if not said:
        return
    connection.execute(
        "insert into follow_up_words select report_id, follow_up, text"
        " from jsonb_populate_recordset(null::follow_up_words, %s::jsonb) as new"
        " where not exists (select from words where words.report_id = new.report_id and erased)"
        " order by report_id, follow_up on conflict do nothing",
        (as_json(list(said)),),
    )
