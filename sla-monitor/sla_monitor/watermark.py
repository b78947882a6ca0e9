"""The watermark: the instant until which everything that could refute a step has been heard and has taken effect.

It is the least over every partition of the topics watched; while one was never read to its end, there is none.
"""

from collections.abc import Mapping
from datetime import datetime

from chassis.postgres import Connection, columns
from contracts.topics import CASE_CHANGED, REPORT_SUBMITTED

# What starts and stops clocks stands on these; routing only says who is told.
WATCHED = (REPORT_SUBMITTED, CASE_CHANGED)
# A question with two parameters, places().
WATERMARK = """
select case when count(caught_up_at) = count(*) then min(caught_up_at) end as at
from unnest(%b::text[], %b::int[]) as watched (topic, partition) left join progress using (topic, partition)
"""


def places() -> tuple[list[str], list[int]]:
    """Every partition of the topics watched: their topics and their numbers."""
    pairs = [(topic.name, partition) for topic in WATCHED for partition in range(topic.partitions)]
    return [name for name, _ in pairs], [partition for _, partition in pairs]


def advance(connection: Connection, caught_up: Mapping[tuple[str, int], datetime]) -> None:
    """Until when each partition was heard, by the database's clock. A claim is never taken back."""
    watched = {topic.name for topic in WATCHED}
    rows = [(topic, partition, at) for (topic, partition), at in sorted(caught_up.items()) if topic in watched]
    if rows:
        connection.execute(
            "insert into progress (topic, partition, caught_up_at)"
            " select * from unnest(%b::text[], %b::int[], %b::timestamptz[])"
            " on conflict (topic, partition) do update"
            "  set caught_up_at = greatest(progress.caught_up_at, excluded.caught_up_at)",
            columns(rows),
        )


def age(connection: Connection) -> float | None:
    """Seconds since the instant until which everything was heard; None while there is none."""
    row = connection.execute(
        f"select extract(epoch from clock_timestamp() - at)::float as age from ({WATERMARK}) as watermark",  # noqa: S608
        places(),
    ).fetchone()
    seconds: float | None = row["age"] if row else None
    return seconds
