"""Until when each partition was read, and until when casework has published (decisions 0003 and 0043)."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from chassis.postgres import Connection, columns
from contracts.events.progress import OutboxPublished
from contracts.topics import CASEWORK

from sla_monitor.domain.watermark import Look, watched_partitions

_PAUSE = timedelta(seconds=1)


def upsert_progress(connection: Connection, events: Iterable[OutboxPublished]) -> None:
    """Keep until when services have published. What was said is never taken back.

    Nothing is said of what has not come: a clock that was fast for a while is not to count for what comes after it.
    """
    newest: dict[str, datetime] = {}
    for event in events:
        newest[event.service] = max(event.until, newest.get(event.service, event.until))
    if newest:
        connection.execute(
            "insert into progress (service, published_until)"
            " select service, least(until, clock_timestamp())"
            "  from unnest(%b::text[], %b::timestamptz[]) as said (service, until)"
            " on conflict (service) do update set published_until = excluded.published_until, silence = default"
            "  where progress.published_until is null or progress.published_until < excluded.published_until"
            "   or progress.published_until > clock_timestamp()",
            columns(newest.items()),
        )


def upsert_silence(connection: Connection) -> None:
    """Note that casework's progress has been read to its end, and so how long there was nothing new in it.

    Ask several times a second: of a longer pause a second counts, because nobody listened then.
    """
    connection.execute(
        "insert into progress (service) values (%s) on conflict (service) do update set"
        " silence = progress.silence + greatest(least(clock_timestamp() - progress.listened_at, %s), interval '0'),"
        " listened_at = clock_timestamp()",
        (CASEWORK, _PAUSE),
    )


def read_silence(connection: Connection) -> timedelta:
    """How long there has been nothing new of casework for those who listened."""
    row = connection.execute("select silence from progress where service = %s", (CASEWORK,)).fetchone()
    return row["silence"] if row else timedelta(0)


def read_look(connection: Connection) -> Look:
    """What is known now. Ask before the ends of the partitions are looked at."""
    row = connection.execute(
        "select (select published_until from progress where service = %s) as published_until, clock_timestamp() as at",
        (CASEWORK,),
    ).fetchone()
    assert row
    return Look(row["at"], row["published_until"])


def upsert_looks(connection: Connection, looks: Mapping[tuple[str, int], Look]) -> None:
    """Note of partitions, by (topic, number), that they are read as far as they went at a look. Never taken back, but
    for what has not come yet: clocks were set back since.
    """
    watched = set(watched_partitions())
    rows = [
        (*partition, look.at, look.published_until) for partition, look in sorted(looks.items()) if partition in watched
    ]
    if rows:
        connection.execute(
            "insert into partition_watermark (topic, partition, watermark, published_until)"
            " select * from unnest(%b::text[], %b::int[], %b::timestamptz[], %b::timestamptz[])"
            " on conflict (topic, partition) do update"
            "  set watermark = case when partition_watermark.watermark > clock_timestamp() then excluded.watermark"
            "   else greatest(partition_watermark.watermark, excluded.watermark) end,"
            "  published_until = case when partition_watermark.published_until > clock_timestamp()"
            "   then excluded.published_until"
            "   else greatest(partition_watermark.published_until, excluded.published_until) end",
            columns(rows),
        )


def read_least_look(connection: Connection) -> Look | None:
    """The least that is known of every watched partition; None while one was never read to its end."""
    row = _read_least(connection)
    return None if row["at"] is None else Look(row["at"], row["published_until"])


def read_watermark_age(connection: Connection) -> float | None:
    """Seconds since the instant until which every watched partition was read; None while there is none."""
    seconds: float | None = _read_least(connection)["age"]
    return seconds


def read_progress_age(connection: Connection) -> float | None:
    """Seconds since the instant until which casework has said that its changes are on the log; None while never."""
    row = connection.execute(
        "select extract(epoch from clock_timestamp() - published_until)::float as age from progress where service = %s",
        (CASEWORK,),
    ).fetchone()
    return row["age"] if row else None


def _read_least(connection: Connection) -> dict[str, Any]:
    """`least` and `min` would pass over what is not known; and what has not come is not known either."""
    row = connection.execute(
        "select at, published_until, extract(epoch from clock_timestamp() - at)::float as age from ("
        " select case when bool_and(coalesce(watermark <= clock_timestamp(), false)) then min(watermark) end as at,"
        "  case when bool_and(coalesce(published_until <= clock_timestamp(), false)) then min(published_until) end"
        "   as published_until"
        " from unnest(%b::text[], %b::int[]) as watched (topic, partition)"
        " left join partition_watermark using (topic, partition)) as known",
        [list(column) for column in zip(*watched_partitions(), strict=True)],
    ).fetchone()
    assert row  # an aggregate always gives a row
    return row
