"""Line 2: the routing hop against a bare one.

Ours is routing as shipped: every event decoded and validated, the exact district of some 8,000 beats, an event made of
the answer, acks=all awaited, offsets committed afterwards. The peer (`peers.hop`) reads the same bytes and writes them
again, with the same producer settings. It leaves out everything else: it looks at nothing, waits for no acknowledgement
and commits in the background, so it may lose what ours may not. Both have a backlog: all reports are written at once.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from chassis.clock import now
from contracts.envelope import Outgoing
from contracts.topics import CASE_CHANGED, REPORT_ROUTED, REPORT_SUBMITTED, ROUTING, Topic
from deploy.stack.infrastructure import KAFKA
from deploy.stack.process import Process

from bench.core.cpu import Meter, spent
from bench.core.rounds import Goal, Row, interleaved
from bench.stand.log import Log
from bench.stand.reports import submissions
from bench.stand.running import Bench, Running, peer_program, running

REPORTS, TENTH = 100_000, 5_000
GOAL = Goal("≤ 1.6x", 1.6)
HOP_IN = Topic(name="bench.hop-in", says="the same reports, for a peer", writers=(), readers=())
HOP_OUT = Topic(name="bench.hop-out", says="what the peer passed on", writers=(), readers=())


def measure(bench: Bench) -> Sequence[Row]:
    """The table's row."""
    reports = bench.size(REPORTS, TENTH)
    with running(bench, ROUTING, seed=bench.beats) as system, hopping(system) as hop:
        mine, others = compared(bench, system, Meter(roots=(hop.pid or 0,)), reports)
    row = Row(
        line=2,
        what="routing hop, exact district of 8,000 beats, at least once",
        against="bare consume → produce of the same bytes",
        unit="µs CPU a report",
        goal=GOAL,
        ours=mine,
        peer=others,
        note=f"backlog of {reports:,} reports",
    )
    return [row]


def compared(bench: Bench, system: Running, hop: Meter, reports: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Rounds of so many reports through routing and through a hop, in turns."""
    return interleaved(
        bench.rounds,
        lambda number: ours(system, submissions(reports, number, now())),
        lambda number: peer(system.log, hop, submissions(reports, number, now())),
        bench.say,
        "µs CPU a report",
    )


def ours(system: Running, reports: Sequence[Outgoing]) -> float:
    """Microseconds of routing's CPU for each of these reports, until all are routed and their offsets committed."""
    meter, done = system.meter(ROUTING), system.log.count(REPORT_ROUTED) + len(reports)
    before = meter.read()
    system.log.publish(reports)
    system.log.wait_for(REPORT_ROUTED, done)
    system.log.wait_handled(ROUTING, (REPORT_SUBMITTED, CASE_CHANGED))
    return spent(before, meter.read()) / len(reports) * 1e6


def peer(log: Log, meter: Meter, reports: Sequence[Outgoing]) -> float:
    """The same of a hop, for the same reports on a topic of its own, until all have been passed on."""
    done = log.count(HOP_OUT) + len(reports)
    before = meter.read()
    log.publish(replace(report, topic=HOP_IN.name) for report in reports)
    log.wait_for(HOP_OUT, done)
    return spent(before, meter.read()) / len(reports) * 1e6


@contextmanager
def hopping(system: Running, *lookup: str) -> Iterator[Process]:
    """The peer as a process, on two topics of its own; with a DSN it looks up districts."""
    system.log.create(HOP_IN, HOP_OUT)
    bootstrap, namespace = system.bench.stack.addresses[KAFKA], system.system.stack.namespace
    arguments = (bootstrap, namespace, HOP_IN.name, HOP_OUT.name, *lookup)
    with peer_program(system.bench, "hop", *arguments) as process:
        yield process
