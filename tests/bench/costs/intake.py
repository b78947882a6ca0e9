"""Line 1: an accepted report against a textbook FastAPI service.

Both are asked by 128 connections that post as fast as they are answered, each report from another address, and answer
201 once the log has it (acks=all). Ours is intake as shipped: words on a topic of their own before the report, limits
by sender and place in Redis, an Idempotency-Key remembered, a receipt, CloudEvents headers, metrics. The peer
(`peers.textbook`) validates with pydantic, counts an address's reports in Redis and produces one event with everything
in it. It leaves out the rest: no repeat is recognised, nothing is sealed or derived. The CPU is that of the service's
process alone: Redis and the load generator are not in it, for either.
"""

import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from urllib.request import urlopen

from chassis.health import healthy
from chassis.kafka.client import topic_name
from contracts.topics import INTAKE, Topic
from deploy.stack.infrastructure import KAFKA, REDIS
from deploy.stack.services import metrics_variable
from support.stack.ports import free_url

from bench.core.cpu import Meter, spent
from bench.core.rounds import Goal, Row, interleaved
from bench.stand.posting import post_closed
from bench.stand.reports import Posted, posts
from bench.stand.running import TESTS, Bench, Running, peer_process, running

REPORTS, TENTH = 50_000, 2_500
CONNECTIONS = 128
GOAL = Goal("≤ 1/4", 0.25)
FALLBACKS = "kmzb_redis_fallback_total"
BEHIND_A_PROXY = {"KMZB_INTAKE_TRUSTED_PROXIES": "127.0.0.1/32"}
TEXTBOOK = Topic(name="bench.textbook", says="the peer's reports", writers=(), readers=())


def measure(bench: Bench) -> Sequence[Row]:
    """The table's row."""
    reports = bench.size(REPORTS, TENTH)
    with running(bench, INTAKE, settings=BEHIND_A_PROXY) as system, textbook(system) as (url, meter):
        mine, others = interleaved(
            bench.rounds,
            lambda number: ours(system, [*posts(reports, number)]),
            lambda number: peer(url, meter, [*posts(reports, number)]),
            bench.say,
            "µs CPU a report",
        )
        without_redis = redis_fallbacks(system)
    row = Row(
        line=1,
        what="accepted POST, acks=all awaited, limits in Redis",
        against="textbook FastAPI doing the same",
        unit="µs CPU a report",
        goal=GOAL,
        ours=mine,
        peer=others,
        note=f"{reports:,} a round, {CONNECTIONS} connections; {without_redis:,} calls of ours went without Redis",
    )
    return [row]


def ours(system: Running, reports: Sequence[Posted]) -> float:
    """Microseconds of intake's CPU for each of these reports."""
    meter = Meter(roots=(system.pid(INTAKE),))
    return _cost(meter, system.url(INTAKE), reports)


def peer(url: str, meter: Meter, reports: Sequence[Posted]) -> float:
    """The same of the textbook's service."""
    return _cost(meter, url, reports)


def _cost(meter: Meter, url: str, reports: Sequence[Posted]) -> float:
    before = meter.read()
    post_closed(url, reports, CONNECTIONS)
    return spent(before, meter.read()) / len(reports) * 1e6


def redis_fallbacks(system: Running) -> int:
    """How often intake took its own memory for Redis: then it did less than the peer."""
    with urlopen(f"{system.system.addresses[metrics_variable(INTAKE)]}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    found = re.search(rf'^{FALLBACKS}{{service="{INTAKE}"}} (\S+)$', text, re.MULTILINE)
    return int(float(found[1])) if found else 0


@contextmanager
def textbook(system: Running) -> Iterator[tuple[str, Meter]]:
    """The peer as a process: where it answers, and what reads its CPU. Its server is set as intake's is."""
    system.log.create(TEXTBOOK)
    url = free_url()
    addresses = system.bench.stack.addresses
    told = {
        "BENCH_BOOTSTRAP": addresses[KAFKA],
        "BENCH_REDIS_URL": addresses[REDIS],
        "BENCH_TOPIC": topic_name(system.log.settings, TEXTBOOK.name),
    }
    argv = (
        sys.executable, "-m", "uvicorn", "--factory", "bench.peers.textbook:create_app", "--app-dir", str(TESTS),
        "--port", url.rpartition(":")[2], "--no-access-log", "--log-level", "warning",
    )  # fmt: skip
    with peer_process(system.bench, "textbook", argv, environ=told, ready=lambda: healthy(f"{url}/healthz")) as process:
        yield url, Meter(roots=(process.pid or 0,))
