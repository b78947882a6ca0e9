"""The counts of public reports in the map's cells, which the database keeps by itself: whether they are right."""

from typing import Any

from chassis.postgres import Connection, as_json

_CELL = "zoom, tile_x, tile_y, cell, category, status"
# Counted once for the finest zoom and put together for each coarser one. One statement sees one state of both tables.
_DIFFERENCES = """
    with recounted as (
        select 10 as zoom, (x >> 18)::int as cell_x, (y >> 18)::int as cell_y, category, status,
            count(*)::int as reports, sum(x)::bigint as sum_x, sum(y)::bigint as sum_y
        from public_report group by 2, 3, 4, 5
    ), every_zoom as (
        select zoom::smallint, cell_x >> (10 - zoom) >> 4 as tile_x, cell_y >> (10 - zoom) >> 4 as tile_y,
            (((cell_y >> (10 - zoom)) & 15) * 16 + ((cell_x >> (10 - zoom)) & 15))::smallint as cell, category, status,
            sum(reports)::int as reports, sum(sum_x)::bigint as sum_x, sum(sum_y)::bigint as sum_y
        from (select cell_x, cell_y, category, status, reports, sum_x, sum_y from recounted) finest,
            generate_series(5, 10) as zoom group by 1, 2, 3, 4, 5, 6
    )
    select zoom, tile_x, tile_y, cell, category, status,
        coalesce(every_zoom.reports, 0) - coalesce(cluster.reports, 0) as reports,
        coalesce(every_zoom.sum_x, 0) - coalesce(cluster.sum_x, 0) as sum_x,
        coalesce(every_zoom.sum_y, 0) - coalesce(cluster.sum_y, 0) as sum_y
    from every_zoom full join cluster using (zoom, tile_x, tile_y, cell, category, status)
    where (every_zoom.reports, every_zoom.sum_x, every_zoom.sum_y)
        is distinct from (cluster.reports, cluster.sum_x, cluster.sum_y)
"""


def list_miscounted_cells(connection: Connection) -> list[dict[str, Any]]:
    """Cells whose counts are not those of the reports, by how much they would have to change: some 2 s a million."""
    connection.execute("set local statement_timeout = '10min'")
    return connection.execute(_DIFFERENCES.encode()).fetchall()


def update_miscounted_cells(connection: Connection) -> int:
    """Add to each miscounted cell what it lacks; returns how many there were. Others write meanwhile.

    The differences are of one state of both tables, and whoever writes adds differences, too, so they add up. Only one
    may mend at a time: whoever comes second finds nothing to do.
    """
    locked = connection.execute("select pg_try_advisory_xact_lock(hashtext('recount')) as locked").fetchone()
    wrong = list_miscounted_cells(connection) if locked and locked["locked"] else []
    if wrong:
        connection.execute("select pg_advisory_xact_lock(hashtext('clusters'))")
        connection.execute(
            f"insert into cluster as known ({_CELL}, reports, sum_x, sum_y)"  # noqa: S608
            f" select {_CELL}, reports, sum_x, sum_y from jsonb_populate_recordset(null::cluster, %s::jsonb)"
            f" on conflict ({_CELL}) do update set reports = known.reports + excluded.reports,"
            " sum_x = known.sum_x + excluded.sum_x, sum_y = known.sum_y + excluded.sum_y",
            (as_json(wrong),),
        )
        connection.execute("delete from cluster where reports = 0")
    return len(wrong)
