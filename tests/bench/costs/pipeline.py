"""Line 5: the whole pipeline against the Signalen pattern.

Ours is all six services as shipped, with limits, clocks, notices and map, their PostgreSQL backends, and Redis: what
they use from the first POST until nothing is left to do about any of the reports, of which one in five has a contact
who is written to. Flat out the reports come in pieces of 500, each once casework has opened all but the last two
pieces, so that the backlog is bounded; at a rate what the system uses by itself meanwhile is in it. The peer
(`peers.signalen`) is gunicorn with four threads and its PostgreSQL backends, asked by four connections until all are
answered. It stores the report and finds its area; its docstring says what it leaves out. Kafka, the mail server and
the load generator count for neither. The last row is what all services and their databases use while nothing happens.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from threading import Event

from boundaries.seed import seed_cluster
from contracts.topics import INTAKE
from deploy.stack.process import wait_until
from deploy.stack.services import SERVICES

from bench.core.cpu import MeasurementError, Meter, spent
from bench.core.rounds import Goal, Row, interleaved
from bench.costs.intake import BEHIND_A_PROXY, CONNECTIONS
from bench.costs.signalen import THREADS, as_signals, signalen
from bench.stand.posting import post_at, post_closed
from bench.stand.reports import Posted, posts
from bench.stand.running import Bench, Running, running
from bench.stand.settling import Settling, settling

REPORTS, TENTH = 20_000, 500
CONTACTS = 0.2
PER_SECOND = 200.0
PIECE = 500
IDLE_SECONDS = 30.0
FLAT_OUT, AT_A_RATE, IDLE = Goal("≤ 1/12", 1 / 12), Goal("≤ 1/4", 1 / 4), Goal("≤ 20 ms/s", 20)
UNIT = "µs CPU a report"
Post = Callable[[Sequence[Posted]], object]


def measure(bench: Bench) -> Iterator[Row]:
    """The table's rows: flat out, at a rate, idle."""
    reports = bench.size(REPORTS, TENTH)
    note = f"{reports:,} reports a round, {CONTACTS:.0%} with a contact"
    with (
        running(bench, *SERVICES, settings=BEHIND_A_PROXY, seed=seed_cluster) as system,
        settling(system) as settled,
        signalen(bench) as (url, meter),
    ):
        for seed, what, goal, post in (
            (0, "flat out, backlog bounded", FLAT_OUT, partial(in_pieces, system, settled)),
            (1_000, f"at {PER_SECOND:g} a second", AT_A_RATE, partial(at_a_rate, system)),
        ):
            rounds = [sent(reports, seed + number) for number in range(bench.rounds + 1)]
            mine, others = interleaved(
                bench.rounds,
                partial(ours, system, settled, post, rounds),
                partial(peer, url, meter, [as_signals(each) for each in rounds]),
                bench.say,
                f"{what}, {UNIT}",
            )
            yield Row(line=5, what=f"POST to opened case, clocks, notices and map, {what}", unit=UNIT, goal=goal,
                      against="Signalen pattern, storing alone", ours=mine, peer=others, note=note)  # fmt: skip
        seconds = bench.seconds(IDLE_SECONDS, 2.0)
        idle = tuple(milliseconds_a_second(system, seconds) for _ in range(bench.rounds))
    yield Row(line=5, what="all services and their databases, idle", against="-", unit="ms CPU a second", goal=IDLE,
              ours=idle, note=f"{seconds:g} s a round, after the rounds above")  # fmt: skip


def sent(reports: int, seed: int) -> list[Posted]:
    """A round's reports: other ones with another seed."""
    return [*posts(reports, seed, contacts=CONTACTS)]


def ours(system: Running, settled: Settling, post: Post, rounds: Sequence[Sequence[Posted]], number: int) -> float:
    """Microseconds of CPU for each report of a round, until nothing is left to do about any of them."""
    reports = rounds[number]
    meter = system.meter(*SERVICES, redis=True)
    before = meter.read()
    post(reports)
    settled.wait()
    return spent(before, meter.read()) / len(reports) * 1e6


def peer(url: str, meter: Meter, rounds: Sequence[Sequence[Posted]], number: int) -> float:
    """The same of the peer, which has done all it does once it has answered."""
    reports = rounds[number]
    before = meter.read()
    post_closed(url, reports, THREADS)
    return spent(before, meter.read()) / len(reports) * 1e6


def in_pieces(system: Running, settled: Settling, reports: Sequence[Posted]) -> None:
    """Post as fast as is answered, but for waiting until casework is no more than two pieces behind."""
    wanted, waiting = settled.cases - 2 * PIECE, iter(reports)
    while piece := [*islice(waiting, PIECE)]:
        post_closed(system.url(INTAKE), piece, CONNECTIONS)
        wanted += len(piece)
        if not wait_until(partial(_has_cases, settled, wanted), 600, 0.1):
            raise MeasurementError(f"casework has {settled.cases} cases, {wanted} were to be there")


def _has_cases(settled: Settling, wanted: int) -> bool:
    return settled.cases >= wanted


def at_a_rate(system: Running, reports: Sequence[Posted]) -> None:
    """Post so many a second, late answers or not."""
    post_at(system.url(INTAKE), reports, PER_SECOND)


def milliseconds_a_second(system: Running, seconds: float) -> float:
    """What all services and their databases use by themselves."""
    meter = system.meter(*SERVICES)
    before = meter.read()
    Event().wait(seconds)
    return spent(before, meter.read()) / seconds * 1e3
