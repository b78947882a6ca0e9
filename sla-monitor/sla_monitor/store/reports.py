"""Reports: who answers for them, and how far their cases have been read."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from chassis.postgres import Connection, columns

from sla_monitor.domain.owners import owner_as_json, owner_from_json
from sla_monitor.domain.reports import Report
from sla_monitor.store.clocks import lock_clock_runs, upsert_clock_runs
from sla_monitor.store.parked import delete_parked, insert_parked, list_parked


def lock_reports(connection: Connection, report_ids: Collection[UUID]) -> dict[UUID, Report]:
    """The reports as they are known, new ones too, locked with their clocks until the transaction ends.

    Reports are locked in the order of their ids, so two instances can't wait for each other; whoever fires a step
    waits for nobody.
    """
    ids = sorted(report_ids)
    connection.execute("insert into report (report_id) select unnest(%b::uuid[]) on conflict do nothing", (ids,))
    reports = connection.execute(
        "select report_id, version, place_version, owner::text, elsewhere from report"
        " where report_id = any(%b) order by report_id for update",
        (ids,),
    ).fetchall()
    runs, parked = lock_clock_runs(connection, ids), list_parked(connection, ids)
    return {
        row["report_id"]: Report(
            report_id=row["report_id"],
            version=row["version"],
            place_version=row["place_version"],
            owner=owner_from_json(row["owner"]),
            elsewhere=row["elsewhere"],
            runs=runs[row["report_id"]],
            parked=parked[row["report_id"]],
        )
        for row in reports
    }


def update_reports(connection: Connection, before: Mapping[UUID, Report], after: Mapping[UUID, Report]) -> None:
    """Write what changed of reports, their clocks and their parked changes; the reports are locked."""
    changed = [(before[report_id], after[report_id]) for report_id in sorted(after)]
    changed = [(old, new) for old, new in changed if old != new]
    _update_owners(connection, [new for _, new in changed])
    insert_parked(
        connection,
        [change for old, new in changed for version, change in sorted(new.parked.items()) if version not in old.parked],
    )
    delete_parked(
        connection,
        [(new.report_id, version) for old, new in changed for version in sorted(old.parked.keys() - new.parked.keys())],
    )
    upsert_clock_runs(
        connection, [run for old, new in changed for key, run in new.runs.items() if old.runs.get(key) != run]
    )


def _update_owners(connection: Connection, reports: Sequence[Report]) -> None:
    rows = [
        (report.report_id, report.version, report.place_version, owner_as_json(report.owner), report.elsewhere)
        for report in reports
    ]
    if rows:
        connection.execute(
            "update report set version = new.version, place_version = new.place_version, owner = new.owner::jsonb,"
            " elsewhere = new.elsewhere from unnest(%b::uuid[], %b::int[], %b::int[], %b::text[], %b::boolean[])"
            " as new (report_id, version, place_version, owner, elsewhere) where report.report_id = new.report_id",
            columns(rows),
        )
