"""When something is due: what waits for its time, and word of new notices as soon as they are committed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf

from chassis.postgres import Connection
from contracts.events.notices import Channel
from psycopg.rows import dict_row

from notifier.domain.deliveries import NextDue
from notifier.domain.notices import Urgency


@contextmanager
def read_wakeups(dsn: str) -> Iterator[Callable[[float], bool]]:
    """A function that waits for new notices, so many seconds at most, and says whether some were committed."""
    with Connection.connect(dsn, autocommit=True, row_factory=dict_row) as connection:
        connection.execute("listen notices")
        yield lambda seconds: bool(list(connection.notifies(timeout=max(0.0, seconds), stop_after=1)))


def read_next_due(connection: Connection) -> dict[Channel | None, NextDue]:
    """When the next delivery of a channel is due, and the next notice (None), where there is one."""
    rows = connection.execute(
        "select null as channel, extract(epoch from due_at - now())::float as seconds, null::float as urgent"
        " from (select due_at from notice where delivery_id is null and cancelled is null order by due_at limit 1)"
        " as first union all"
        " select of.channel, extract(epoch from min(first.due_at) - now())::float,"
        "  extract(epoch from min(first.due_at) filter (where of_urgency.urgency <= %s) - now())::float"
        " from unnest(%b::text[]) as of (channel) cross join generate_series(0, 2) as of_urgency (urgency)"
        " cross join lateral (select due_at from delivery where delivery.channel = of.channel"
        "  and delivery.urgency = of_urgency.urgency and state = 'pending' order by due_at limit 1) as first"
        " group by of.channel",
        (Urgency.AT_ONCE, [channel.value for channel in Channel]),
    )
    return {
        row["channel"] and Channel(row["channel"]): NextDue(
            row["seconds"], inf if row["urgent"] is None else row["urgent"]
        )
        for row in rows
    }
