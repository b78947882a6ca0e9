"""Millions of open clocks in sla-monitor's store, in Redis, and one row each as a plain scheduler keeps them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import md5
from threading import Event, Thread
from typing import Any

import msgspec
import psycopg
from chassis.clock import now
from chassis.kafka.client import Publisher
from chassis.settings import Settings
from contracts.envelope import encode
from contracts.events.progress import OutboxPublished, progress_id
from contracts.policy.terms import policy
from contracts.topics import CASEWORK
from psycopg import sql
from redis import Redis

from bench.stand.cases import OWNER
from bench.stand.peer_database import ROLE

AT_ONCE = 100_000
_SAID_SECONDS = 0.25
# As after the take-up clock of a report was started. Days lie between them and their next step.
_REPORTS = """
insert into report (report_id, version, place_version, owner)
select md5('clock ' || number)::uuid, 1, 0, %s::jsonb from generate_series(%s::int, %s) number
"""
_CLOCKS = """
insert into clock (report_id, clock, cycle, started_at, due_at, terms, fired_steps, fired_at, next_at)
select report_id, 'take-up', 1, at, at + interval '2 days', %s, '{started}', array[at], at + interval '36 hours'
from (select md5('clock ' || number)::uuid as report_id, now() - number %% 3600 * interval '1 second' as at
    from generate_series(%s::int, %s) number) open
"""
_DUE = """
update clock set due_at = due.at, next_at = due.at, fired_steps = '{started,approaching}',
    fired_at = array[started_at, started_at]
from (select md5('clock ' || number)::uuid as report_id, %s + (number - %s) * %s::float * interval '1 second' as at
    from generate_series(%s::int, %s) number) due
where clock.report_id = due.report_id
"""
_TIMERS = """
insert into timer (timer_id, due_at)
select md5('timer ' || number)::uuid, now() + interval '1 day' from generate_series(%s::int, %s) number
"""
_TIMERS_DUE = """
update timer set due_at = now()
where timer_id in (select md5('timer ' || number)::uuid from generate_series(%s::int, %s) number)
"""


def fill(connection: psycopg.Connection, clocks: int) -> None:
    """So many open clocks, and the reports they belong to, with somebody who answers for each."""
    terms, owner = policy(None).terms_at(now()).version, msgspec.json.encode(OWNER).decode()
    for first in range(0, clocks, AT_ONCE):
        last = min(first + AT_ONCE, clocks) - 1
        connection.execute(_REPORTS, (owner, first, last))
        connection.execute(_CLOCKS, (terms, first, last))
    connection.execute("vacuum analyze report, clock")


def make_due(connection: psycopg.Connection, first: int, count: int, at: datetime, apart: float) -> None:
    """Let so many of them, the warning of each out, be due from an instant on, so many seconds apart."""
    connection.execute(_DUE, (at, first, apart, first, first + count - 1))


def fill_timers(connection: psycopg.Connection, timers: int) -> None:
    """A row a timer, found by when it is due."""
    connection.execute("create table timer (timer_id uuid primary key, due_at timestamptz, done_at timestamptz)")
    connection.execute("create index on timer (due_at) where done_at is null")
    for first in range(0, timers, AT_ONCE):
        connection.execute(_TIMERS, (first, min(first + AT_ONCE, timers) - 1))
    connection.execute(sql.SQL("grant select, update on timer to {}").format(sql.Identifier(ROLE)))
    connection.execute("vacuum analyze timer")


def make_timers_due(connection: psycopg.Connection, first: int, count: int) -> None:
    """Let so many of them be due now."""
    connection.execute(_TIMERS_DUE, (first, first + count - 1))


def claim(connection: psycopg.Connection) -> bool:
    """Claim the timer that is due first, mark it, commit; False where none is due."""
    with connection.transaction():
        row = connection.execute(
            "select timer_id from timer where done_at is null and due_at <= now() order by due_at limit 1"
            " for update skip locked"
        ).fetchone()
        if row is not None:
            connection.execute("update timer set done_at = now() where timer_id = %s", row)
    return row is not None


def bytes_in_postgres(connection: psycopg.Connection, table: str) -> int:
    """What a table takes, with its indexes."""
    row = connection.execute("select pg_total_relation_size(%s)", (table,)).fetchone()
    assert row
    return int(row[0])


def bytes_in_redis(url: str, clocks: int) -> float:
    """What each of so many members takes in a sorted set: the report's 16 bytes, and when it is due."""
    with Redis.from_url(url) as redis:
        before = _used(redis)
        for first in range(0, clocks, 10_000):
            numbers = range(first, min(first + 10_000, clocks))
            redis.zadd("bench:clocks", {md5(b"%d" % number).digest(): number % 3600 for number in numbers})
        used = _used(redis) - before
        redis.unlink("bench:clocks")
    return used / clocks


def _used(redis: Any) -> int:
    return int(redis.info("memory")["used_memory"])


@contextmanager
def casework_says(settings: Settings) -> Iterator[None]:
    """Casework's word, four times a second, that it has nothing unpublished: else nothing fires for a minute."""
    stop = Event()

    def say() -> None:
        publisher = Publisher(settings, "bench-progress")
        while not stop.wait(_SAID_SECONDS):
            event = OutboxPublished(service=CASEWORK, until=now())
            publisher.publish([encode(event, source=CASEWORK, at=event.until, event_id=progress_id(event))])

    thread = Thread(target=say)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
