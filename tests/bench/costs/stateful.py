"""Line 4: each stateful service against a binary COPY of the rows it keeps.

Ours is one service as shipped and alone, and the PostgreSQL backends that serve it: it is played what the others said
of so many new reports, a backlog, until all of it is handled, committed and its outbox is empty. The peer copies the
rows that these reports left in the service's tables into the same tables, with the same indexes, in binary, 500 reports
a transaction; its client and backend are counted. It leaves out everything that makes the rows: reading and writing the
log, deciding, merging what comes in any order, and the outbox, whose rows come and go.
"""

from collections.abc import Sequence
from time import process_time

import psycopg
from chassis.clock import now
from contracts.envelope import Outgoing
from deploy.stack.databases import DATABASES, ServiceDatabase
from deploy.stack.infrastructure import POSTGRES
from deploy.stack.process import wait_until
from psycopg import sql

from bench.core.cpu import MeasurementError, Meter, spent
from bench.core.rounds import Goal, Row, interleaved
from bench.stand.recording import STATEFUL, Recording, played_to, read_by, record
from bench.stand.running import Bench, Running, running
from deploy.stack import databases

REPORTS, TENTH = 10_000, 500
AT_ONCE = 500
GOAL = Goal("≤ 3x", 3.0)
# Rows refer to these, so they come first; a surge is of many reports, and no row of one.
_FIRST = ("report", "cases", "delivery")
_COLUMNS = """
select table_name, array_agg(column_name::text order by ordinal_position)
from information_schema.columns join information_schema.tables using (table_schema, table_name)
where table_schema = 'public' and table_type = 'BASE TABLE' and is_generated = 'NEVER' and column_name <> 'surge_id'
group by table_name having bool_or(column_name = 'report_id')
"""


def measure(bench: Bench) -> Sequence[Row]:
    """The table's rows, one a service."""
    reports = bench.size(REPORTS, TENTH)
    bench.say(f"recording what the services say of {(bench.rounds + 1) * reports:,} reports")
    recording = record(bench, bench.rounds + 1, reports, now())
    return [_row(bench, service, recording, reports) for service in STATEFUL]


def _row(bench: Bench, service: str, recording: Recording, reports: int) -> Row:
    played = [played_to(service, chunk) for chunk in recording]
    with running(bench, service) as system:
        copied = Copied(system, service)
        mine, others = interleaved(
            bench.rounds,
            lambda number: ours(system, service, played[number]),
            lambda number: peer(copied, played[number]),
            bench.say,
            f"{service}, µs CPU an event",
        )
    return Row(
        line=4,
        what=f"{service} with its PostgreSQL, alone on a backlog",
        against="binary COPY of the same rows",
        unit="µs CPU an event",
        goal=GOAL,
        ours=mine,
        peer=others,
        note=f"{reports:,} reports a round, {len(played[0]) / reports:.3g} events each",
    )


def ours(system: Running, service: str, events: Sequence[Outgoing]) -> float:
    """Microseconds of CPU for each event, until the service has nothing left to do about any of them."""
    meter = system.meter(service)
    admin = system.admin(service)
    before = meter.read()
    system.log.publish(events)
    system.log.wait_handled(service, read_by(service))
    with psycopg.connect(admin, autocommit=True) as connection:
        if not wait_until(lambda: connection.execute("select from outbox limit 1").fetchone() is None, 60):
            raise MeasurementError(f"the outbox of {service} does not get empty")
    return spent(before, meter.read()) / len(events) * 1e6


class Copied:
    """The peer of one service: a second database like the service's, into which its rows are copied."""

    def __init__(self, system: Running, service: str) -> None:
        admin = system.bench.stack.addresses[POSTGRES]
        database: ServiceDatabase = next(each for each in DATABASES if each.service == service)
        twin = f"{system.system.stack.namespace}twin."
        databases.create(admin, twin)
        self.name = database.name(twin)
        self._source = system.admin(service)
        # The owner, for whom no row is hidden: COPY refuses those for whom some are.
        self._connection = psycopg.connect(databases.dsn(admin, database.owner, self.name))
        self._leave_out_triggers()
        self.meter = Meter(postmaster=system.bench.pid(POSTGRES), databases=frozenset({self.name}))

    def _leave_out_triggers(self) -> None:
        """Rows that a trigger makes of others are among those that are copied."""
        ours = "select tablename from pg_tables where schemaname = 'public' and tableowner = current_user"
        with self._connection.transaction():
            for (table,) in self._connection.execute(ours).fetchall():
                self._connection.execute(sql.SQL("alter table {} disable trigger user").format(sql.Identifier(table)))

    def rows_of(self, reports: Sequence[str]) -> list[tuple[sql.Composed, bytes]]:
        """Of each table the COPY statement and the rows of these reports, as PostgreSQL writes them."""
        found = []
        with psycopg.connect(self._source, autocommit=True) as connection:
            tables: dict[str, list[str]] = dict(connection.execute(_COLUMNS).fetchall())
            for table in sorted(tables, key=lambda name: (name not in _FIRST, name)):
                columns = sql.SQL(", ").join(sql.Identifier(name) for name in tables[table])
                names = {"columns": columns, "table": sql.Identifier(table), "reports": sql.Literal(list(reports))}
                read = "copy (select {columns} from {table} where report_id = any({reports}::uuid[])) to stdout binary"
                with connection.cursor() as cursor, cursor.copy(sql.SQL(read).format(**names)) as out:
                    rows = b"".join(map(bytes, out))
                found.append((sql.SQL("copy {table} ({columns}) from stdin binary").format(**names), rows))
        return found

    def write(self, tables: Sequence[tuple[sql.Composed, bytes]]) -> None:
        """Copy them in, in one transaction."""
        with self._connection.transaction(), self._connection.cursor() as cursor:
            for statement, rows in tables:
                with cursor.copy(statement) as copy:
                    copy.write(rows)


def peer(copied: Copied, events: Sequence[Outgoing]) -> float:
    """Microseconds of CPU for each of the same events, to copy the rows there are of their reports."""
    reports = list(dict.fromkeys(event.key for event in events))
    batches = [copied.rows_of(reports[first : first + AT_ONCE]) for first in range(0, len(reports), AT_ONCE)]
    before, own = copied.meter.read(), process_time()
    for batch in batches:
        copied.write(batch)
    return (spent(before, copied.meter.read()) + process_time() - own) / len(events) * 1e6
