"""Line 3: the routing hop against PostGIS asked for each report.

Ours is line 2's. The peer is line 2's bare hop with one query in it: the district that covers the place, by a prepared
ST_Covers over the same beats under a GiST index, on a connection that stays open. Its PostgreSQL backend is counted.
It leaves out what the bare hop leaves out, and the districts' versions and hierarchy: it gives a code.
"""

from collections.abc import Sequence

import psycopg
from contracts.events.districts import District
from contracts.topics import ROUTING
from shapely.geometry import shape

from bench.core.rounds import Goal, Row
from bench.costs.routing import REPORTS, TENTH, compared, hopping
from bench.stand.peer_database import PeerDatabase, peer_database
from bench.stand.running import Bench, running

GOAL = Goal("≤ 1/6", 1 / 6)


def measure(bench: Bench) -> Sequence[Row]:
    """The table's row."""
    reports = bench.size(REPORTS, TENTH)
    with (
        peer_database(bench, postgis=True) as database,
        running(bench, ROUTING, seed=bench.beats) as system,
    ):
        fill(database, bench.leaves())
        with hopping(system, database.dsn) as hop:
            mine, others = compared(bench, system, database.meter(bench, hop.pid or 0), reports)
    row = Row(
        line=3,
        what="routing hop, exact district of 8,000 beats, at least once",
        against="bare hop with a prepared ST_Covers per report",
        unit="µs CPU a report",
        goal=GOAL,
        ours=mine,
        peer=others,
        note=f"backlog of {reports:,} reports",
    )
    return [row]


def fill(database: PeerDatabase, beats: Sequence[District]) -> None:
    """Put the beats into the peer's database, indexed and analysed."""
    with psycopg.connect(database.dsn, autocommit=True) as connection:
        connection.execute("create table district (code text primary key, geom geometry(geometry, 4326) not null)")
        with (
            connection.cursor() as cursor,
            cursor.copy("copy district (code, geom) from stdin") as copy,
        ):
            for beat in beats:
                copy.write_row((beat.code, f"SRID=4326;{shape(beat.geometry or {}).wkt}"))
        connection.execute("create index on district using gist (geom)")
        connection.execute("vacuum analyze district")
