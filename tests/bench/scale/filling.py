"""Stores in use for ten years: what real reports left in them, copied under other ids and with older times."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import httpx
import psycopg
from contracts.topics import CASEWORK, INTAKE, NOTIFIER
from psycopg import sql

from bench.core.cpu import MeasurementError
from bench.stand.posting import post_closed
from bench.stand.recording import STATEFUL
from bench.stand.reports import posts
from bench.stand.running import Running
from bench.stand.settling import Settling
from deploy import issuer

DAYS = 3_650
OPEN_EVERY = 33
"""One in so many is not closed, as of ten years' cases at most."""
AT_ONCE = 20_000
# What is on the public topic, too, can't be copied in one place alone; what was recently reported is of one day; the
# shell's own say what became of messages.
_NOT_COPIED = ("public_report", "recent_report", "outbox", "blocked", "set_aside", "held")
_TABLES = """
select table_name from information_schema.columns join information_schema.tables using (table_schema, table_name)
where table_schema = 'public' and table_type = 'BASE TABLE' and column_name in ('report_id', 'number')
    and table_name <> all(%s)
group by table_name having bool_or(column_name = 'report_id')
"""
_COLUMNS = """
select column_name, data_type from information_schema.columns
where table_schema = 'public' and table_name = %s and is_generated = 'NEVER' and is_identity = 'NO'
order by ordinal_position
"""
_OVERDUE = """
update cases set next_due_at = now() - interval '1 hour'
where status = 'new' and get_byte(uuid_send(report_id), 0) < 77 and report_id <> all(%s)
"""
# By themselves they would be gathered and sent, thousands at once.
_TOLD = "update notice set cancelled = 'a copy' where delivery_id is null and cancelled is null"
_UNIQUE = ("number", "receipt_sha256")
"""Texts no two rows have in common."""


@dataclass(frozen=True)
class Originals:
    """Real reports, all but a few of them closed."""

    every: Sequence[str]
    closed: Sequence[str]


def send_originals(system: Running, settled: Settling, count: int, seed: int) -> Originals:
    """Send so many reports, and have a coordinator reject all but one in OPEN_EVERY. Raises MeasurementError."""
    answers = post_closed(system.url(INTAKE), posts(count, seed), 16)
    settled.wait()
    every = [answer.report_id for answer in answers]
    closed = [report_id for number, report_id in enumerate(every) if number % OPEN_EVERY]
    with psycopg.connect(system.admin(CASEWORK), autocommit=True) as connection:
        owners = connection.execute(
            "select report_id::text, garrison, unit from cases where report_id = any(%s::uuid[])", (closed,)
        ).fetchall()
    with httpx.Client(base_url=system.url(CASEWORK), timeout=30, trust_env=False) as client:
        for report_id, garrison, unit in owners:
            folder = system.system.root / "issuer"
            role = "headquarters" if unit == "KGP" else "coordinator"
            whose = {} if unit == "KGP" else {"unit": unit, "garrison": garrison}
            headers = {"Authorization": f"Bearer {issuer.token(folder, role=role, **whose)}", "If-Match": '"1"'}
            answer = client.post(f"/v1/cases/{report_id}/reject", json={}, headers=headers)
            if not answer.is_success:
                raise MeasurementError(f"rejecting {report_id}: {answer.status_code} {answer.text[:200]}")
    settled.wait()
    return Originals(every, closed)


def copy_all(system: Running, originals: Originals, first: int, last: int, of: int) -> None:
    """Add copies with the numbers `first` to `last`, of so many in all, to every store: the higher, the older."""
    for service in STATEFUL:
        with psycopg.connect(system.admin(service), autocommit=True) as connection:
            # As for a replica: no trigger and no reference is looked at again, which they were for the originals.
            connection.execute("set session_replication_role = replica")
            connection.execute("set synchronous_commit = off")
            if service == NOTIFIER:
                connection.execute(_TOLD)
            for table in _tables(connection):
                _copy(connection, table, originals, (first, last), DAYS / of)
            if service == CASEWORK:
                connection.execute(_OVERDUE, (list(originals.every),))
            connection.execute("vacuum analyze")


def _tables(connection: psycopg.Connection) -> list[str]:
    return [name for (name,) in connection.execute(_TABLES, (list(_NOT_COPIED),)).fetchall()]


def _copy(
    connection: psycopg.Connection, table: str, originals: Originals, numbers: tuple[int, int], days: float
) -> None:
    columns: list[tuple[str, str]] = connection.execute(_COLUMNS, (table,)).fetchall()
    statement = sql.SQL(
        "insert into {table} ({columns}) select {values}"
        " from {table} original cross join generate_series(%(first)s::int, %(last)s) copy"
        " left join unnest(%(closed)s::uuid[]) as closed (id) on closed.id = original.report_id"
        " where original.report_id = any(%(every)s::uuid[])"
    ).format(
        table=sql.Identifier(table),
        columns=sql.SQL(", ").join(sql.Identifier(name) for name, _ in columns),
        values=sql.SQL(", ").join(_value(name, kind) for name, kind in columns),
    )
    given = {"closed": list(originals.closed), "every": list(originals.every), "days": days}
    for first, last in _pieces(numbers, AT_ONCE // len(originals.every) + 1):
        connection.execute(statement, {**given, "first": first, "last": last})


def _value(name: str, kind: str) -> sql.Composed:
    """What a copy has in a column: ids of its own, and texts that must be, older times, a place close by."""
    known = {
        "uuid": "md5({column}::text || '/' || copy)::uuid",
        "timestamp with time zone": "{column} - case when closed.id is null then copy %% 1000 * interval '1 minute'"
        " else copy * %(days)s * interval '1 day' end",
        "double precision": "{column} + (copy * 7919 %% 1000 - 500) * 1e-5",
    }
    text = "{column} || '.' || copy" if name in _UNIQUE and kind == "text" else known.get(kind, "{column}")
    return sql.SQL(text).format(column=sql.SQL("original.{}").format(sql.Identifier(name)))


def _pieces(numbers: tuple[int, int], size: int) -> Iterator[tuple[int, int]]:
    first, last = numbers
    for start in range(first, last + 1, size):
        yield start, min(start + size - 1, last)
