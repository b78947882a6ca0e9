"""Line 9: tiles of the map against a bare ST_AsMVT of the same reports, and a static file.

Ours is public-map as shipped, asked over HTTP. Cold: tiles it has not kept (each round asks for another filter of all
that is there), in milliseconds, against one statement on the same table and index, which leaves out HTTP, compression
and the filter. Warm: CPU of the service and its PostgreSQL backends for a tile it has kept, against nginx (one process)
that serves the same bytes from a file, which leaves out to look whether it is still as it was. Live: how long after the
opening of a case is on the log whoever follows the map is told.
"""

from collections.abc import Callable, Iterator
from statistics import median
from time import perf_counter

import httpx
import psycopg
from contracts.topics import PUBLIC_MAP

from bench.core.rounds import NO_GOAL, Goal, Row, interleaved
from bench.scale.tiles_served import told_live, warm
from bench.stand.running import Bench, running

REPORTS, TENTH = 10_000_000, 500_000
AT_ONCE = 100_000
TILES = {6: (35, 21), 8: (142, 84), 10: (571, 337), 12: (2286, 1350), 14: (9146, 5402)}
"""Of each zoom the tile of Warsaw, round which the reports are dense."""
WARSAW = "20.85,52.1,21.27,52.37"
A_TENTH, THREE = Goal("≤ 0.1x", 0.1), Goal("≤ 3x", 3.0)
_SEED = """
insert into public_report (report_id, version, category, status, longitude, latitude, submitted_at, changed_at,
    garrison, unit, unit_name, supporters)
select gen_random_uuid(), 1, (array['parking', 'speeding', 'begging'])[1 + mod(number, 3)],
    (array['new', 'verification', 'confirmed', 'eliminated'])[1 + mod(number, 4)],
    case when mod(number, 2) = 0 then 14.2 + 9.8 * random() else 21.0 + 0.3 * (random() + random() - 1) end,
    case when mod(number, 2) = 0 then 49.1 + 5.6 * random() else 52.23 + 0.2 * (random() + random() - 1) end,
    now(), now(), 'KSP', 'KRP-1', 'KRP', 0 from generate_series(1, %s) number
"""
_RAW = """
select st_asmvt(feature) from (
    select st_asmvtgeom(st_transform(place, 3857), st_tileenvelope(%(z)s, %(x)s, %(y)s)) as geom, report_id::text as id,
        status, category, supporters
    from public_report where place && st_transform(st_tileenvelope(%(z)s, %(x)s, %(y)s), 4326)) feature
"""


def measure(bench: Bench) -> Iterator[Row]:
    """The table's rows: one a zoom, a page of a city, live, warm."""
    reports = bench.size(REPORTS, TENTH)
    # What is filled in here is on no topic, which is not to be mended meanwhile.
    with running(bench, PUBLIC_MAP, settings={"KMZB_PUBLIC_MAP_RECONCILE_EVERY": "P30D"}) as system:
        with (
            psycopg.connect(system.admin(PUBLIC_MAP), autocommit=True) as connection,
            httpx.Client(base_url=system.url(PUBLIC_MAP), timeout=60, trust_env=False) as client,
        ):
            bench.say(f"filling the map with {reports:,} reports")
            for first in range(0, reports, AT_ONCE):
                connection.execute(_SEED, (min(AT_ONCE, reports - first),))
            connection.execute("vacuum analyze public_report, cluster")
            for z, (x, y) in TILES.items():
                yield _cold(bench, connection, client, (z, x, y), reports)
            page = {"bbox": WARSAW, "limit": "2000"}
            waits = [_milliseconds(lambda: client.get("/v1/reports.geojson", params=page)) for _ in range(bench.rounds)]
        yield Row(line=9, what="GeoJSON of Warsaw, a page of 2,000", against="-", unit="ms", goal=NO_GOAL,
                  ours=tuple(waits), note=f"{reports:,} reports")  # fmt: skip
        yield told_live(bench, system)
        yield from warm(bench, system, (10, *TILES[10]))


def _cold(
    bench: Bench, connection: psycopg.Connection, client: httpx.Client, tile: tuple[int, int, int], reports: int
) -> Row:
    z, x, y = tile

    def ours(number: int) -> float:
        # Filters that let everything pass, each another one: the tile was not drawn with it before.
        named = ["parking", "speeding", "begging", *["parking"] * (number + 1)]
        return _milliseconds(lambda: client.get(f"/v1/tiles/{z}/{x}/{y}.mvt", params={"category": named}))

    def peer(_: int) -> float:
        return _milliseconds(lambda: connection.execute(_RAW, {"z": z, "x": x, "y": y}).fetchall())

    mine, others = interleaved(bench.rounds, ours, peer, bench.say, f"zoom {z}, ms")
    kept = median(_milliseconds(lambda: client.get(f"/v1/tiles/{z}/{x}/{y}.mvt")) for _ in range(20))
    return Row(
        line=9, what=f"a tile of zoom {z}, cold", against="bare ST_AsMVT", unit="ms",
        goal=A_TENTH if z <= 10 else THREE, ours=mine, peer=others, note=f"{reports:,} reports; warm {kept:.2f} ms",
    )  # fmt: skip


def _milliseconds(ask: Callable[[], object]) -> float:
    began = perf_counter()
    ask()
    return (perf_counter() - began) * 1000
