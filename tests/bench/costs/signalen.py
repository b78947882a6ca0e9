"""The Signalen pattern (`peers.signalen`) as a process, with the areas and categories its reports refer to."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import psycopg
from boundaries.areas import units
from boundaries.seed import default_districts
from chassis.clock import now
from chassis.health import healthy
from contracts.policy.categories import catalogue_at
from shapely import MultiPolygon, Polygon
from shapely.geometry import shape
from support.stack.ports import free_url

from bench.core.cpu import Meter
from bench.peers.signalen import AREA_TYPE
from bench.stand.peer_database import PeerDatabase, peer_database
from bench.stand.reports import Posted
from bench.stand.running import TESTS, Bench, peer_process

SETTINGS = "bench.peers.signalen.settings"
THREADS = 4


@contextmanager
def signalen(bench: Bench) -> Iterator[tuple[str, Meter]]:
    """Where it answers, and what reads its CPU and that of its PostgreSQL backends."""
    with peer_database(bench, postgis=True) as database:
        environ = {
            "DJANGO_SETTINGS_MODULE": SETTINGS,
            "BENCH_DSN": database.dsn,
            "PYTHONPATH": str(TESTS),
            "PATH": os.environ["PATH"],
        }
        migrate = (sys.executable, "-m", "django", "migrate", "--run-syncdb", "--skip-checks", "-v", "0")
        subprocess.run(migrate, env=environ, check=True)
        _fill(database)
        url = free_url()
        argv = (
            sys.executable, "-m", "gunicorn", "bench.peers.signalen.application", "--bind", url.removeprefix("http://"),
            "--workers", "1", "--threads", str(THREADS), "--keep-alive", "60", "--log-level", "warning",
        )  # fmt: skip
        with peer_process(bench, "signalen", argv, environ=environ, ready=lambda: healthy(f"{url}/healthz")) as process:
            yield url, database.meter(bench, process.pid or 0)


def as_signals(posts: Sequence[Posted]) -> list[Posted]:
    """The same reports as Signalen is sent them."""
    at = now().isoformat()
    return [replace(post, body=json.dumps(_signal(json.loads(post.body), at)).encode()) for post in posts]


def _signal(form: dict[str, object], at: str) -> dict[str, object]:
    contact = form.get("contact")
    return {
        "source": "online",
        "text": form["description"],
        "location": {"geometrie": {"type": "Point", "coordinates": [form["longitude"], form["latitude"]]}},
        "category": {"sub_category": form["category"]},
        "reporter": contact if contact else {"email": None},
        "incident_date_start": at,
    }


def _fill(database: PeerDatabase) -> None:
    """The default districts of the whole country as its areas, and our categories."""
    with psycopg.connect(database.admin, autocommit=True) as connection:
        connection.execute("insert into signalen_areatype (code) values (%s)", (AREA_TYPE,))
        with (
            connection.cursor() as cursor,
            cursor.copy("copy signalen_area (code, name, _type_id, geometry) from stdin") as copy,
        ):
            for garrison in units.garrisons():
                for district in default_districts(garrison, "bench"):
                    if district.geometry is not None:
                        area = shape(district.geometry)
                        whole = MultiPolygon([area]) if isinstance(area, Polygon) else area
                        copy.write_row((district.code, district.name, 1, f"SRID=4326;{whole.wkt}"))
        for code in catalogue_at(now()).by_code:
            connection.execute("insert into signalen_category (slug, name) values (%s, %s)", (code, code))
        connection.execute("vacuum analyze signalen_area, signalen_category")
