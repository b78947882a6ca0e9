"""Line 9: a tile of the map, never drawn before, against a bare ST_AsMVT of the same reports.

Ours is public-map as shipped, asked over HTTP for tiles it has not kept (each round asks for another filter of all that
is there). The peer is one statement on the same table and index. It leaves out HTTP, compression and the filter.
"""

from collections.abc import Sequence
from statistics import median
from time import perf_counter

import httpx
import psycopg
from contracts.topics import PUBLIC_MAP
from deploy.stack.infrastructure import POSTGRES

from bench.core.rounds import Goal, Row, interleaved
from bench.stand.running import Bench, running
from deploy.stack import databases

REPORTS = 10_000_000
AT_ONCE = 100_000
TILES = {6: (35, 21), 8: (142, 84), 10: (571, 337), 12: (2286, 1350), 14: (9146, 5402)}
"""Of each zoom the tile of Warsaw, round which the reports are dense."""
TENTH, THREE = Goal("≤ 0.1x", 0.1), Goal("≤ 3x", 3.0)
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


def measure(bench: Bench) -> Sequence[Row]:
    """The table's rows, one a zoom."""
    reports, rows = bench.size(REPORTS), []
    with running(bench, PUBLIC_MAP) as system:
        admin = databases.dsn(system.bench.stack.addresses[POSTGRES], None, system.database(PUBLIC_MAP))
        url = system.system.addresses["KMZB_PUBLIC_MAP_URL"]
        with psycopg.connect(admin, autocommit=True) as connection, httpx.Client(base_url=url, timeout=60) as client:
            bench.say(f"{reports:,} reports")
            for first in range(0, reports, AT_ONCE):
                connection.execute(_SEED, (min(AT_ONCE, reports - first),))
            connection.execute("vacuum analyze public_report, cluster")
            for z, (x, y) in TILES.items():
                rows.append(_row(bench, connection, client, (z, x, y), reports))
    return rows


def _row(
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
    warm = median(_milliseconds(lambda: client.get(f"/v1/tiles/{z}/{x}/{y}.mvt")) for _ in range(20))
    return Row(
        line=9, what=f"a tile of zoom {z}, cold", against="bare ST_AsMVT", unit="ms",
        goal=TENTH if z <= 10 else THREE, ours=mine, peer=others, note=f"{reports:,} reports; warm {warm:.2f} ms",
    )  # fmt: skip


def _milliseconds(asked: object) -> float:
    assert callable(asked)
    began = perf_counter()
    asked()
    return (perf_counter() - began) * 1000
