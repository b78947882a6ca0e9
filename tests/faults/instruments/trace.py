"""What the private databases know that no topic says: when a change was committed, what the monitor claimed when a
deadline fired, and what the notifier has not delivered yet. For explaining, never for judging.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from contracts.topics import CASEWORK, NOTIFIER, SLA_MONITOR
from psycopg.rows import dict_row

from faults.ledger import Claim, Committed, Fired

# Each miss leaves what was claimed of every partition just then. In a schema of its own, with its owner's rights: the
# service needs none there, and nobody who gives rights in the service's own meets it.
_TRACE = """
create schema faults;
create table faults.miss (
    report_id uuid, clock text, cycle integer, at timestamptz not null default clock_timestamp(), claims jsonb not null
);
create function faults.claims() returns jsonb language sql security definer as $$
    select coalesce(jsonb_agg(jsonb_build_array(
        topic, partition, watermark, pg_xact_commit_timestamp(partition_watermark.xmin))), '[]'::jsonb)
    from public.partition_watermark
$$;
create function faults.trace_miss() returns trigger language plpgsql security definer as $$
begin
    insert into faults.miss (report_id, clock, cycle, claims)
        values (new.report_id, new.clock, new.cycle, faults.claims());
    return null;
end
$$;
create trigger trace_miss after update on clock for each row
    when ('missed' = any(new.fired_steps) and not 'missed' = any(old.fired_steps) and new.stopped_at is null)
    execute function faults.trace_miss();
"""


def keep_commit_times(admin: str) -> None:
    """From its next start on the server remembers when each transaction was committed."""
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute("alter system set track_commit_timestamp = on")


class Trace:
    """The traces in the private databases of one run. `dsns` are a superuser's, by service."""

    def __init__(self, dsns: Mapping[str, str]) -> None:
        self._dsns = dict(dsns)
        self.installed = False

    def install(self) -> str:
        """Begin; gives why that can't be, "" when all is well. The run goes on without."""
        try:
            with self._connect(SLA_MONITOR) as connection:
                connection.execute(_TRACE)
        except psycopg.errors.ProgrammingError as changed:
            return str(changed.diag.message_primary)
        self.installed = True
        return ""

    def fired(self) -> Iterator[Fired]:
        """Every miss the monitor decided."""
        if not self.installed:
            return
        with self._connect(SLA_MONITOR) as connection:
            for row in connection.execute("select report_id, clock, cycle, at, claims from faults.miss order by at"):
                yield Fired(
                    report_id=row["report_id"],
                    clock=row["clock"],
                    cycle=row["cycle"],
                    at=row["at"],
                    claims=tuple(_claim(claim) for claim in row["claims"]),
                )

    def committed(self) -> Iterator[Committed]:
        """Every published change of a case, with when it was committed."""
        with self._connect(CASEWORK) as connection:
            rows = connection.execute(
                "select report_id, version, at, pg_xact_commit_timestamp(xmin) as committed_at"
                " from history where version is not null"
            )
            for row in rows:
                yield _committed(row)

    def waiting(self) -> int:
        """How many deliveries have not ended."""
        with self._connect(NOTIFIER) as connection:
            row = connection.execute(
                "select (select count(*) from delivery where state in ('pending', 'sending'))"
                " + (select count(*) from notice where delivery_id is null and cancelled is null) as waiting"
            ).fetchone()
        assert row is not None
        waiting: int = row["waiting"]
        return waiting

    def _connect(self, service: str) -> psycopg.Connection[dict[str, Any]]:
        return psycopg.connect(self._dsns[service], row_factory=dict_row, options="-c timezone=UTC")


def _claim(raw: list[Any]) -> Claim:
    topic, partition, until, written_at = raw
    at = datetime.fromisoformat(written_at) if written_at else None
    return Claim(topic, partition, datetime.fromisoformat(until), at)


def _committed(row: Mapping[str, Any]) -> Committed:
    report_id: UUID = row["report_id"]
    return Committed(report_id=report_id, version=row["version"], at=row["at"], committed_at=row["committed_at"])
