"""Tiles that are kept, beside a file served by nginx; and changes told to who follows the map."""

import shutil
from collections.abc import Iterator
from http.client import HTTPConnection
from queue import Empty, Queue
from threading import Event, Thread
from time import perf_counter
from urllib.parse import urlsplit

import httpx
import msgspec
from chassis.clock import now
from chassis.health import healthy
from contracts.envelope import Outgoing
from contracts.events.reports import ReportSubmitted
from contracts.topics import PUBLIC_MAP
from support.stack.ports import free_url

from bench.core.cpu import MeasurementError, Meter, spent
from bench.core.rounds import Goal, Row, interleaved
from bench.stand.cases import opened
from bench.stand.reports import submissions
from bench.stand.running import Bench, Running, peer_process

REQUESTS, FEWEST = 50_000, 2_000
TWICE, TWO_SECONDS = Goal("≤ 2x", 2.0), Goal("≤ 2,000 ms", 2_000)
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin:/bin")
_LIVE_SECONDS = 30.0
_CONFIGURATION = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 64; }}
http {{
    access_log off;
    sendfile on;
    keepalive_requests 1000000;
    server {{
        listen 127.0.0.1:{port};
        root {folder};
        default_type application/vnd.mapbox-vector-tile;
    }}
}}
"""


def warm(bench: Bench, system: Running, tile: tuple[int, int, int]) -> Iterator[Row]:
    """The row of a tile that is kept; none where there is no nginx."""
    if NGINX is None:
        bench.say("nginx is not installed, so kept tiles are compared with nothing; `make bench` installs it as root")
        return
    path, requests = f"/v1/tiles/{tile[0]}/{tile[1]}/{tile[2]}.mvt", max(FEWEST, bench.size(REQUESTS))
    url, folder = free_url(), (bench.root / "nginx").absolute()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tile.mvt").write_bytes(asked(system.url(PUBLIC_MAP), path, 1))
    (folder / "nginx.conf").write_text(_CONFIGURATION.format(folder=folder, port=urlsplit(url).port))
    argv = (NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "stderr")
    with peer_process(bench, "nginx", argv, ready=lambda: healthy(f"{url}/tile.mvt")) as process:

        def cost(meter: Meter, base: str, what: str) -> float:
            before = meter.read()
            asked(base, what, requests)
            return spent(before, meter.read()) / requests * 1e6

        mine, others = interleaved(
            bench.rounds,
            lambda _: cost(system.meter(PUBLIC_MAP), system.url(PUBLIC_MAP), path),
            lambda _: cost(Meter(roots=(process.pid or 0,)), url, "/tile.mvt"),
            bench.say,
            "warm, µs CPU a tile",
        )
    yield Row(
        line=9, what=f"a tile of zoom {tile[0]}, warm", against="a file by nginx", unit="µs CPU", goal=TWICE, ours=mine,
        peer=others, note=f"{requests:,} requests a round; {(folder / 'tile.mvt').stat().st_size:,} bytes",
    )  # fmt: skip


def asked(url: str, path: str, times: int) -> bytes:
    """What is answered, compressed, so many times on one connection. Raises MeasurementError unless with 200."""
    connection, body = HTTPConnection(urlsplit(url).netloc, timeout=60), b""
    try:
        for _ in range(times):
            connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
            answer = connection.getresponse()
            body = answer.read()
            if answer.status != 200:
                raise MeasurementError(f"{path} is answered {answer.status}")
    finally:
        connection.close()
    return body


def told_live(bench: Bench, system: Running) -> Row:
    """The row of changes: from the log to whoever follows the map."""
    waits = []
    with Following(system.url(PUBLIC_MAP)) as following:
        for number in range(bench.rounds + 1):
            (submitted,) = submissions(1, 500 + number, now())
            report = _public(submitted)
            began = perf_counter()
            system.log.publish([report, *opened([report], now())])
            following.wait_for(report.key)
            waits.append((perf_counter() - began) * 1e3)
    bench.say(f"told live after, ms: {', '.join(f'{wait:.0f}' for wait in waits)}")
    return Row(line=9, what="a new report, until whoever follows the map is told", against="-", unit="ms",
               goal=TWO_SECONDS, ours=tuple(waits[1:]))  # fmt: skip


def _public(message: Outgoing) -> Outgoing:
    """The report, in a category everyone may see."""
    report = msgspec.json.decode(message.value or b"", type=ReportSubmitted)
    value = msgspec.json.encode(msgspec.structs.replace(report, category="parking"))
    return Outgoing(message.topic, message.key, message.headers, value)


class Following:
    """Somebody who follows the map: a thread that reads the stream of live changes."""

    def __init__(self, url: str) -> None:
        self._url, self._heard = url, Queue[str]()
        self._follows, self._stop = Event(), Event()
        self._thread = Thread(target=self._read)

    def __enter__(self) -> "Following":
        self._thread.start()
        self._follows.wait(_LIVE_SECONDS)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def wait_for(self, report_id: str) -> None:
        """Wait until a report is told. Raises MeasurementError when it is not."""
        try:
            while report_id not in self._heard.get(timeout=_LIVE_SECONDS):
                pass
        except Empty:
            raise MeasurementError(f"nobody is told of {report_id} within {_LIVE_SECONDS:g} s") from None

    def _read(self) -> None:
        with (
            httpx.Client(base_url=self._url, timeout=60, trust_env=False) as client,
            client.stream("GET", "/v1/live") as answer,
        ):
            for line in answer.iter_lines():  # a heartbeat comes every ten seconds
                self._follows.set()
                self._heard.put(line)
                if self._stop.is_set():
                    return
