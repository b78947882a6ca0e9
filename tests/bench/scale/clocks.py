"""Line 8: millions of open clocks.

Ours is sla-monitor as shipped and alone, with so many clocks open in its store; casework's word that it has published
everything is said by the bench, or nothing would fire. Bytes are those of the table of clocks with its indexes, against
a member of a sorted set in Redis, with the report's 16 bytes and the time, which keeps it in memory and does not
survive a restart. Arming is so many reports on the log until the start of each clock is on the log; stopping is their
take-up. Firing is a crowd of clocks that are due at once, until each miss is on the log, against one row a timer in
an indexed table of as many, each claimed by itself (`for update skip locked`), marked and committed, by one
connection on the same PostgreSQL. That peer leaves out to look whether the clock was stopped, and to tell anybody.
Lateness is how long after its time each miss is on the log while 5,000 clocks a second are due.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from time import monotonic

import msgspec
import psycopg
from chassis.clock import now
from chassis.kafka.client import topic_name
from contracts.base import DueInstant
from contracts.envelope import Outgoing
from contracts.topics import CASE_CHANGED, CLOCK, REPORT_ROUTED, REPORT_SUBMITTED, SLA_MONITOR
from deploy.stack.infrastructure import REDIS
from operations.topic_reader import read_partitions

from bench.core.cpu import MeasurementError, spent
from bench.core.rounds import NO_GOAL, Goal, Row, Spread, interleaved
from bench.rates.looking import Waits
from bench.scale.open_clocks import (
    bytes_in_postgres,
    bytes_in_redis,
    casework_says,
    claim,
    fill,
    fill_timers,
    make_due,
    make_timers_due,
)
from bench.stand.cases import opened, taken_up
from bench.stand.peer_database import peer_database
from bench.stand.reports import submissions
from bench.stand.running import Bench, Running, running

CLOCKS = 10_000_000
REPORTS, TENTH = 50_000, 1_000
"""Armed and stopped, one after the other."""
CROWD = 100_000
CLAIMS = 10_000
PER_SECOND, LATE_SECONDS = 5_000, 60.0
BYTES, FIRE, LATE = Goal("≤ 1x", 1), Goal("≥ 20x", 20, at_least=True), Goal("≤ 1,000 ms", 1000)


class _Due(msgspec.Struct):
    due_at: DueInstant


def measure(bench: Bench) -> Iterator[Row]:
    """The table's rows."""
    clocks, at = bench.size(CLOCKS), now()
    note = f"{clocks:,} clocks open"
    with (
        running(bench, SLA_MONITOR) as system,
        psycopg.connect(system.admin(SLA_MONITOR), autocommit=True) as store,
        casework_says(system.log.settings),
    ):
        bench.say(f"filling the store with {clocks:,} open clocks")
        fill(store, clocks)
        there = bytes_in_postgres(store, "clock") / clocks, bytes_in_postgres(store, "report") / clocks
        zset = bytes_in_redis(bench.stack.addresses[REDIS], clocks)
        bench.say(f"bytes a clock: {there[0]:.0f}, a member in Redis {zset:.0f}")
        yield Row(line=8, what="an open clock, with indexes", against="a member of a ZSET in Redis", unit="bytes",
                  goal=BYTES, ours=(there[0],), peer=(zset,),
                  note=f"{note}; who answers for the report is another {there[1]:.0f} bytes")  # fmt: skip
        for what, per_second in (("armed", arm), ("stopped", stop)):
            rates = tuple(
                per_second(system, submissions(bench.size(REPORTS, TENTH), number, at))
                for number in range(bench.rounds)
            )
            bench.say(f"{what}, a second: {', '.join(f'{rate:,.0f}' for rate in rates)}")
            yield Row(line=8, what=f"clocks {what}", against="-", unit="a second", goal=NO_GOAL, ours=rates, note=note)
        yield _fired(bench, system, store, clocks)
        yield _late(bench, system, store, note)


def arm(system: Running, reports: list[Outgoing]) -> float:
    """New reports: clocks started a second, until each start is on the log."""
    return _handled(system, reports, len(reports))


def stop(system: Running, reports: list[Outgoing]) -> float:
    """They are taken up: clocks stopped a second, and as many of the next kind started."""
    system.log.publish(opened(reports, now()))
    system.log.wait_handled(SLA_MONITOR, (CASE_CHANGED,))
    return _handled(system, taken_up(reports, now()), 2 * len(reports)) / 2


def _handled(system: Running, messages: list[Outgoing], said: int) -> float:
    done, began = system.log.count(CLOCK) + said, monotonic()
    system.log.publish(messages)
    system.log.wait_for(CLOCK, done)
    rate = said / (monotonic() - began)
    system.log.wait_handled(SLA_MONITOR, (REPORT_SUBMITTED, REPORT_ROUTED, CASE_CHANGED))
    return rate


def _fired(bench: Bench, system: Running, store: psycopg.Connection, clocks: int) -> Row:
    crowd, claims = _crowd(bench, clocks), bench.size(CLAIMS)
    costs: list[float] = []

    def ours(number: int) -> float:
        meter, done = system.meter(SLA_MONITOR), system.log.count(CLOCK) + crowd
        make_due(store, number * crowd, crowd, now() - timedelta(seconds=1), 0.0)
        before, began = meter.read(), monotonic()  # nobody saw them before the statement was over
        system.log.wait_for(CLOCK, done)
        rate = crowd / (monotonic() - began)
        costs.append(spent(before, meter.read()) / crowd * 1e6)
        return rate

    with peer_database(bench) as database, psycopg.connect(database.admin, autocommit=True) as admin:
        fill_timers(admin, clocks)
        with psycopg.connect(database.dsn, autocommit=True) as claiming:

            def peer(number: int) -> float:
                make_timers_due(admin, number * claims, claims)
                began = monotonic()
                fired = sum(claim(claiming) for _ in range(claims))
                if fired != claims:
                    raise MeasurementError(f"{fired} of {claims} timers were claimed")
                return claims / (monotonic() - began)

            mine, others = interleaved(bench.rounds, ours, peer, bench.say, "fired, a second")
    cost = Spread.of(costs[1:])
    return Row(
        line=8, what="misses fired", against="one row a timer, claimed singly", unit="a second", goal=FIRE, ours=mine,
        peer=others, note=f"a crowd of {crowd:,} a round, {claims:,} single claims; {cost.median:.0f} µs CPU a miss",
    )  # fmt: skip


def _crowd(bench: Bench, clocks: int) -> int:
    """No more than there are for every round and what is fired late."""
    return min(bench.size(CROWD, CROWD // 10), clocks // (bench.rounds + 2))


def _late(bench: Bench, system: Running, store: psycopg.Connection, note: str) -> Row:
    """How late misses are on the log while so many a second are due."""
    seconds = bench.seconds(LATE_SECONDS, 1.0)
    clocks = bench.size(CLOCKS)
    count = min(int(PER_SECOND * seconds), clocks - (bench.rounds + 1) * _crowd(bench, clocks))
    before = system.log.ends([CLOCK])
    first_at = now() + timedelta(seconds=5 + count / 5_000)
    make_due(store, clocks - count, count, first_at, 1 / PER_SECOND)
    if now() > first_at:
        raise MeasurementError("this machine is too slow to make clocks due before they are")
    system.log.wait_for(CLOCK, sum(before.values()) + count)
    late = [at - due.timestamp() for at, due in _misses(system, before)]
    waits = Waits.of(late)
    bench.say(f"{len(late):,} misses at {PER_SECOND:,} a second: p50 {waits.p50:.0f} ms, p99 {waits.p99:.0f} ms")
    return Row(line=8, what=f"lateness p99 while {PER_SECOND:,} a second fire", against="-", unit="ms", goal=LATE,
               ours=(waits.p99,), note=f"{note}; {count:,} misses, p50 {waits.p50:.0f} ms")  # fmt: skip


def _misses(system: Running, since: dict[tuple[str, int], int]) -> Iterator[tuple[float, datetime]]:
    """When each was written to the log (seconds since 1970), and when it was due."""
    assert {name for name, _ in since} == {topic_name(system.log.settings, CLOCK.name)}
    for message in read_partitions(system.log.settings, since):
        yield message.timestamp()[1] / 1000, msgspec.json.decode(message.value() or b"", type=_Due).due_at
