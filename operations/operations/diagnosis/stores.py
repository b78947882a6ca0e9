"""The databases: whether they answer, are migrated, publish what was decided, and tell the same time."""

from collections.abc import Iterator, Mapping

import psycopg
from chassis import clock
from chassis.postgres import migrations
from deploy.stack.databases import ServiceDatabase, of_instance
from deploy.stack.infrastructure import REDIS
from deploy.stack.process import StackError
from redis import Redis

from operations.dead_letters.blocked_keys import dsn_of
from operations.diagnosis.findings import Finding, judged, looked_at, note, unknown, well
from operations.printing import in_short

LATE_SECONDS = 60.0
SKEW_SECONDS = 1.0
_ANSWER_SECONDS = 5


def databases(addresses: Mapping[str, str], instance: str) -> Iterator[Finding]:
    """Every database of an instance whose address is known here."""
    for database in of_instance(instance):
        what = f"database of {database.service}"
        try:
            dsn = dsn_of(database.service, addresses)
        except StackError as not_told:
            yield unknown(what, str(not_told))
            continue
        yield from looked_at(what, lambda database=database, dsn=dsn: _database(database, dsn or ""))  # type: ignore[misc]


def redis(addresses: Mapping[str, str]) -> Iterator[Finding]:
    """Whether Redis answers: without it every service goes on, but limits count per instance."""
    if not addresses.get(REDIS):
        yield unknown("Redis", f"{REDIS} is not set here")
        return
    with Redis.from_url(addresses[REDIS], socket_timeout=2, socket_connect_timeout=2) as client:
        client.ping()
    yield well("Redis", "answers")


def _database(database: ServiceDatabase, dsn: str) -> Iterator[Finding]:
    with psycopg.connect(dsn, connect_timeout=_ANSWER_SECONDS) as connection:
        done: dict[str, str] = dict(connection.execute("select name, sha256 from schema_migration").fetchall())
        yield from judged(f"migrations of {database.service}", _unmigrated(database, done), f"all {len(done)} applied")
        if newer := [name for name in done if name not in _files(database)]:
            yield note(f"tables of {database.service}", f"as a newer release has them: {', '.join(newer)}")
        yield from judged(f"relay of {database.service}", _backlog(connection), "publishes what was decided")
        asked_at = clock.now()
        row = connection.execute("select clock_timestamp(), pg_database_size(current_database())").fetchone()
        assert row  # a function always gives a row
        skew = (row[0] - asked_at).total_seconds()
        behind = "ahead of" if skew > 0 else "behind"
        faults = [f"{in_short(abs(skew))} {behind} this machine: deadlines are judged by it; look at NTP on both"]
        yield from judged(
            f"clock of {database.service}'s database", faults if abs(skew) > SKEW_SECONDS else [], "as this machine's"
        )
        yield note(f"size of {database.service}'s database", f"{row[1] / 1e6:,.0f} MB")


def _unmigrated(database: ServiceDatabase, done: Mapping[str, str]) -> list[str]:
    files = _files(database)
    faults = [f"{name} is not applied: run `kmzb setup`" for name in files if name not in done]
    return faults + [
        f"{name} was changed after it was applied" for name in files if done.get(name, files[name]) != files[name]
    ]


def _files(database: ServiceDatabase) -> dict[str, str]:
    return {name: digest for name, _, digest in migrations(database.package)}


def _backlog(connection: psycopg.Connection) -> list[str]:
    query = "select count(*), coalesce(extract(epoch from clock_timestamp() - min(created_at)), 0)::float from outbox"
    row = connection.execute(query).fetchone()
    assert row  # an aggregate always gives a row
    if row[1] <= LATE_SECONDS:
        return []
    return [
        f"{row[0]} events are not on the log, the oldest for {in_short(row[1])}: does the service run, do the brokers?"
    ]
