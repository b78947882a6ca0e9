"""Line 7: how many reports a second the machine takes for good, with everything on it.

All services as shipped, Kafka, PostgreSQL, Redis, the mail server and the load generator share the machine. A rate is
sustained when every report is answered 201 and, the last one sent, nothing is left to do about any of them within 3 s
and 1 % of the time it was posted for: then the backlog has not grown. Rates are doubled, each for some seconds, until
one is not; the last step is halved twice; what is found, less a tenth, is held for minutes, or
another tenth less until it holds.
There is no peer. One report in five has a contact who is written to.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from time import monotonic
from typing import Protocol

from boundaries.seed import seed_cluster
from contracts.topics import INTAKE
from deploy.stack.services import SERVICES

from bench.core.cpu import MeasurementError
from bench.core.rounds import Goal, Row
from bench.costs.intake import BEHIND_A_PROXY
from bench.stand.posting import post_at
from bench.stand.reports import posts
from bench.stand.running import Bench, Running, running
from bench.stand.settling import Settling, settling

FIRST = 100.0
HALVINGS = 2
HOLDS = 4
CONTACTS = 0.2
FULL_SECONDS, MOST_SECONDS = 1_200.0, 600.0
"""Held for two minutes in the short form, ten in the full one."""
PROBE_SECONDS = 60.0
GOAL = Goal("≥ 1,000/s", 1000, at_least=True)


def measure(bench: Bench) -> Iterator[Row]:
    """The table's row."""
    probe = min(20.0, bench.seconds(PROBE_SECONDS, 3.0))
    hold = min(MOST_SECONDS, bench.seconds(FULL_SECONDS, 4.0))
    with (
        running(bench, *SERVICES, settings=BEHIND_A_PROXY, seed=seed_cluster) as system,
        settling(system) as settled,
    ):
        trying = Trying(bench, system, settled)
        trying.holds(FIRST, 2.0)  # warms up
        rate = held(trying, searched(trying, probe), hold)
    yield Row(
        line=7,
        what="accepted reports, everything on the machine, backlog bounded",
        against="-",
        unit="reports/s",
        goal=GOAL,
        ours=(rate,),
        note=f"held for {hold:g} s, {CONTACTS:.0%} with a contact; all was done {trying.drained:.1f} s after the last",
    )


class Tries(Protocol):
    """Says of a rate whether it is sustained for so many seconds."""

    def holds(self, per_second: float, seconds: float) -> bool: ...


@dataclass
class Trying:
    """Tries rates. `drained`: how many seconds after the last POST of the last try nothing was left to do."""

    bench: Bench
    system: Running
    settled: Settling
    drained: float = 0.0
    _seeds: Iterator[int] = field(default_factory=count)

    def holds(self, per_second: float, seconds: float) -> bool:
        """Whether a rate is sustained for so long."""
        reports = posts(max(1, int(per_second * seconds)), next(self._seeds), contacts=CONTACTS)
        allowed = 3.0 + seconds / 100
        try:
            post_at(self.system.url(INTAKE), reports, per_second)
        except MeasurementError as refused:
            self.bench.say(f"{per_second:.0f}/s for {seconds:.0f} s is not taken: {refused}")
            self.settled.wait()
            return False
        began, behind = monotonic(), self.settled.backlog
        self.settled.wait()
        self.drained = monotonic() - began
        kept = self.drained <= allowed
        self.bench.say(
            f"{per_second:.0f}/s for {seconds:.0f} s {'is sustained' if kept else 'is too much'}: the last service was"
            f" {behind:,} messages behind, and all done after {self.drained:.1f} s"
        )
        return kept


def searched(trying: Tries, seconds: float) -> float:
    """The greatest rate that is sustained for some seconds. Raises MeasurementError when the least is too much."""
    rate = FIRST
    if not trying.holds(rate, seconds):
        raise MeasurementError(f"{rate:g} reports a second are too many for this machine now")
    while trying.holds(2 * rate, seconds):
        rate *= 2
    step = rate
    for _ in range(HALVINGS):
        step /= 2
        if trying.holds(rate + step, seconds):
            rate += step
    return rate


def held(trying: Tries, rate: float, seconds: float) -> float:
    """What is left of the rate once a tenth is taken off until it is sustained for minutes. Raises MeasurementError."""
    for _ in range(HOLDS):
        rate *= 0.9  # moments forgive what minutes don't
        if trying.holds(rate, seconds):
            return rate
    raise MeasurementError(f"{rate:.0f} reports a second are not sustained for {seconds:g} s")
