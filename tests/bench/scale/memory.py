"""Line 12: memory.

Each service as shipped, once it has handled some reports and right after its start, routing with 8,000 beats; and all
of it with Kafka, PostgreSQL and Redis. There is no peer. Memory is PSS: what a process has to itself, and its share of
what it has in common with others.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from chassis.clock import now
from contracts.topics import CASE_CHANGED, CLOCK, REPORT_ROUTED, ROUTING
from deploy.stack.infrastructure import KAFKA, POSTGRES, REDIS
from deploy.stack.services import SERVICES

from bench.core.cpu import all_processes, descendants
from bench.core.rounds import Goal, Row
from bench.stand.recording import STATEFUL, read_by
from bench.stand.reports import messages
from bench.stand.running import Bench, Running, running

REPORTS = 20_000
EACH = Goal("≤ 120 MB", 120)
WITH_BEATS = Goal("≤ 600 MB", 600)
IN_ALL = Goal("≤ 2,500 MB", 2500)


def measure(bench: Bench) -> Iterator[Row]:
    """The table's rows: each service, and the whole."""
    reports = bench.size(REPORTS)
    with running(bench, *SERVICES, seed=bench.beats) as system:
        idle = {name: megabytes([system.pid(name)]) for name in SERVICES}
        handle(system, reports)
        after = {name: megabytes([system.pid(name)]) for name in SERVICES}
        servers = megabytes(bench.pid(server) for server in (KAFKA, POSTGRES, REDIS))
    bench.say(f"idle {idle}, after {after}, servers {servers:.0f}")
    for name in SERVICES:
        yield _row(name, after[name], WITH_BEATS if name == ROUTING else EACH,
                   f"after {reports:,} reports; {idle[name]:.1f} MB right after its start")  # fmt: skip
    whole = servers + sum(after.values())
    yield _row("all services, Kafka, PostgreSQL and Redis", whole, IN_ALL, f"the three servers {servers:.0f} MB")


def handle(system: Running, reports: int) -> None:
    """Let the services handle so many reports. Intake's own are not among them: they begin on the log."""
    everything = [message for of_report in messages(reports, 1, now()) for message in of_report]
    system.log.publish(everything)
    for topic in (REPORT_ROUTED, CASE_CHANGED, CLOCK):
        system.log.wait_for(topic, reports)
    for service in STATEFUL:
        system.log.wait_handled(service, read_by(service))


def megabytes(roots: Iterable[int]) -> float:
    """PSS of processes and all below them, in MB of 10^6 bytes."""
    tree = descendants(roots, all_processes())
    return sum(_pss_kib(pid) for pid in tree) * 1024 / 1e6


def _pss_kib(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    found = re.search(r"^Pss:\s+(\d+) kB$", text, re.MULTILINE)
    return int(found[1]) if found else 0


def _row(what: str, value: float, goal: Goal, note: str) -> Row:
    return Row(line=12, what=what, against="-", unit="MB", goal=goal, ours=(value,), note=note)
