"""The watermark: the instant until which everything that could refute a step has been read and has taken effect.

It is the least over every watched partition; while one was never read to its end, there is none (decision 0003).
"""

from collections.abc import Mapping
from datetime import datetime

from chassis.postgres import Connection, columns

from sla_monitor.domain.watermark import watched_partitions

# Takes WATCHED as its two parameters; gives one row, whose `at` is null while there is no watermark.
WATERMARK = """
select case when count(watermark) = count(*) then min(watermark) end as at
from unnest(%b::text[], %b::int[]) as watched (topic, partition) left join partition_watermark using (topic, partition)
"""
WATCHED = [list(column) for column in zip(*watched_partitions(), strict=True)]


def upsert_watermarks(connection: Connection, watermarks: Mapping[tuple[str, int], datetime]) -> None:
    """Until when partitions were read, by (topic, number) and the database's clock. A claim is never taken back."""
    watched = set(watched_partitions())
    rows = [(*partition, at) for partition, at in sorted(watermarks.items()) if partition in watched]
    if rows:
        connection.execute(
            "insert into partition_watermark (topic, partition, watermark)"
            " select * from unnest(%b::text[], %b::int[], %b::timestamptz[])"
            " on conflict (topic, partition) do update"
            "  set watermark = greatest(partition_watermark.watermark, excluded.watermark)",
            columns(rows),
        )


def read_watermark_age(connection: Connection) -> float | None:
    """Seconds since the watermark; None while there is none."""
    row = connection.execute(
        f"select extract(epoch from clock_timestamp() - at)::float as age from ({WATERMARK}) as watermark",  # noqa: S608
        WATCHED,
    ).fetchone()
    seconds: float | None = row["age"] if row else None
    return seconds
