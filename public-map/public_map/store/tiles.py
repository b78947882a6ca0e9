"""Vector tiles of what is public, drawn by PostGIS from the reports or from the counts of them in cells.

Statements are put together from fixed words alone; every value is a parameter.
"""
# ruff: noqa: S608

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, LiteralString

from chassis.postgres import Connection
from contracts.statuses import Status

from public_map.domain.queries import ReportFilter
from public_map.domain.reading.tiles import CELL_BITS, COUNTED_FROM, COUNTED_TO, EXTENT, SINGLES_FROM, Tile

# The worker that deletes may be late by a second; a tile is not.
_VISIBLE = "(visible_until is null or visible_until > now())"
_INSIDE = "x >= %(west)s and x < %(east)s and y >= %(north)s and y < %(south)s"
# The envelope is what the index knows; the units decide, so that each report lies in exactly one tile.
_BOXED = "place && st_makeenvelope(%(lon0)s, %(lat0)s, %(lon1)s, %(lat1)s, 4326) and " + _INSIDE
_CATEGORY, _STATUS = "category = any(%(categories)s::text[])", "status = any(%(statuses)s::text[])"
_SINCE = "changed_at >= date_trunc('hour', %(since)s::timestamptz)"
_STATUS_COUNTS = ", ".join(
    f"coalesce(sum(reports) filter (where status = '{status.value}'), 0)::int as {status.value}"
    for status in Status
    if status is not Status.REJECTED
)
# A cell by its column and row in the tile: of what is counted, and of single reports.
_COUNTED_CELL = (
    "((tile_x << %(cell)s) + (cell & 15)) >> %(shift)s as cell_column,"
    " ((tile_y << %(cell)s) + (cell >> 4)) >> %(shift)s as cell_row"
)
_SINGLE_CELL = "x >> %(cell_unit)s as cell_column, y >> %(cell_unit)s as cell_row"


@dataclass(frozen=True, slots=True)
class DrawnTile:
    """A tile as Mapbox vector tile 2.1, empty where nothing lies in it.

    What transactions before `complete_before` wrote is in it.
    """

    mvt: bytes
    complete_before: int


def read_tile(connection: Connection, tile: Tile, wanted: ReportFilter) -> DrawnTile:
    """The tile of what is public: layer `reports` from zoom 12 on, layer `clusters` below.

    Planned for these values: a prepared statement takes the same way for a village and for the whole country.
    """
    if tile.z >= SINGLES_FROM:
        statement = _single_reports(wanted)
    elif wanted.since is None and tile.z <= COUNTED_TO:
        statement = _counted_clusters(wanted)
    else:
        statement = _clusters_of_reports(wanted)
    row = connection.execute(
        f"select ({statement}) as mvt, pg_snapshot_xmin(pg_current_snapshot())::text as complete_before".encode(),
        _values(tile, wanted),
        prepare=False,
    ).fetchone()
    assert row
    return DrawnTile(row["mvt"] or b"", int(row["complete_before"]))


def read_changed_tiles(connection: Connection, since: int) -> tuple[dict[tuple[int, int], int], int]:
    """Tiles of zoom 10 that transactions from `since` on changed, by the last that did; and where to go on from."""
    row = connection.execute(
        "select pg_snapshot_xmin(pg_current_snapshot())::text as following,"
        " coalesce((select json_agg(json_build_array(tile_x, tile_y, changed_by::text)) from tile_change"
        " where changed_by >= %s::text::xid8), '[]') as changed",
        (str(since),),
    ).fetchone()
    assert row
    return {(x, y): int(changed_by) for x, y, changed_by in row["changed"]}, int(row["following"])


def _single_reports(wanted: ReportFilter) -> str:
    return (
        "select st_asmvt(feature, 'reports', %(extent)s, 'geom') from (select st_makepoint("
        "((x - %(west)s) * %(extent)s::float8 / %(width)s)::int,"
        " ((y - %(north)s) * %(extent)s::float8 / %(width)s)::int) as geom, report_id::text as id,"
        " status, category, supporters from public_report"
        f" where {_all_of(_BOXED, _VISIBLE, *_asked(wanted))} order by report_id) feature"
    )


def _counted_clusters(wanted: ReportFilter) -> str:
    """From the counts; what is over by now and not deleted yet is taken off."""
    counted = (
        "zoom = %(counted)s and tile_x >= %(tile_west)s and tile_x < %(tile_east)s"
        " and tile_y >= %(tile_north)s and tile_y < %(tile_south)s"
    )
    return _clusters(
        f"select {_COUNTED_CELL}, status, reports, sum_x, sum_y from cluster where {_all_of(counted, *_asked(wanted))}"
        f" union all select {_SINGLE_CELL}, status, -1, -x, -y from public_report"
        f" where {_all_of('visible_until <= now()', _INSIDE, *_asked(wanted))}"
    )


def _clusters_of_reports(wanted: ReportFilter) -> str:
    return _clusters(
        f"select {_SINGLE_CELL}, status, 1 as reports, x as sum_x, y as sum_y from public_report"
        f" where {_all_of(_BOXED, _VISIBLE, *_asked(wanted))}"
    )


def _clusters(counts: str) -> str:
    """Clusters at the mean place of their reports."""
    return (
        "select st_asmvt(feature, 'clusters', %(extent)s, 'geom') from (select st_makepoint("
        "((sum(sum_x)::float8 / sum(reports) - %(west)s) * %(extent)s / %(width)s)::int,"
        " ((sum(sum_y)::float8 / sum(reports) - %(north)s) * %(extent)s / %(width)s)::int) as geom,"
        f" sum(reports)::int as count, {_STATUS_COUNTS} from ({counts}) counted"
        " group by cell_row, cell_column having sum(reports) > 0 order by cell_row, cell_column) feature"
    )


def _asked(wanted: ReportFilter) -> list[LiteralString]:
    """The conditions of a filter: what is not asked for is not in the statement."""
    conditions: list[tuple[LiteralString, Any]] = [
        (_CATEGORY, wanted.categories),
        (_STATUS, wanted.statuses),
        (_SINCE, wanted.since),
    ]
    return [words for words, value in conditions if value]


def _all_of(*conditions: str) -> str:
    return " and ".join(conditions)


def _values(tile: Tile, wanted: ReportFilter) -> Mapping[str, Any]:
    bits, (lon0, lat0, lon1, lat1) = tile.unit_bits, tile.box
    counted = min(max(tile.z, COUNTED_FROM), COUNTED_TO)
    shift = max(0, counted - tile.z)
    return {
        "extent": EXTENT, "width": 1 << bits,
        "west": tile.x << bits, "east": (tile.x + 1) << bits,
        "north": tile.y << bits, "south": (tile.y + 1) << bits,
        "lon0": lon0, "lat0": lat0, "lon1": lon1, "lat1": lat1,
        "cell": CELL_BITS, "cell_unit": bits - CELL_BITS,
        "counted": counted, "shift": shift,
        "tile_west": tile.x << shift, "tile_east": (tile.x + 1) << shift,
        "tile_north": tile.y << shift, "tile_south": (tile.y + 1) << shift,
        "categories": list(wanted.categories), "statuses": [status.value for status in wanted.statuses],
        "since": wanted.since,
    }  # fmt: skip
