"""Line 11: whether anything gets dearer or slower while ten years of cases pile up.

Ours is all services as shipped, with so many cases in every store. Those are copies of what some hundred real reports
left there, under other ids and older times (`scale.filling`), all but one in 33 closed; the public map's own table is
not filled, because closed cases leave it. At each size reports come at 100 a second: CPU of all services with their
PostgreSQL backends and Redis for each, until nothing is left to do about it, and how long 99 in 100 wait for their
case. The peer is the same system with the fewest cases. Then officers ask for lists, as headquarters, a garrison and
the unit with most cases, one after the other over HTTP; the slowest list counts.
"""

from collections.abc import Iterator, Sequence
from time import perf_counter

import httpx
import psycopg
from boundaries.seed import seed_cluster
from contracts.topics import CASEWORK, INTAKE
from deploy.stack.services import SERVICES

from bench.core.cpu import MeasurementError, spent
from bench.core.rounds import Goal, Row
from bench.costs.intake import BEHIND_A_PROXY
from bench.rates.looking import Looking, Waits
from bench.scale.filling import copy_all, send_originals
from bench.stand.posting import post_at
from bench.stand.reports import posts
from bench.stand.running import Bench, Running, running
from bench.stand.settling import Settling, settling
from deploy import issuer

SIZES = (100_000, 1_000_000, 10_000_000)
TENTH_OF_SIZES = (1_000, 10_000, 100_000)
ORIGINALS = 200
REPORTS, TENTH = 6_000, 200
PER_SECOND = 100.0
ASKED = 20
AS_BEFORE, QUICK = Goal("≤ 1.3x", 1.3), Goal("≤ 50 ms", 50)
LISTS = {
    "newest": {},
    "new": {"status": "new"},
    "closed": {"status": "rejected"},
    "overdue": {"overdue": "true"},
    "queue": {"order": "due"},
    "by number": {"q": ""},
}


def measure(bench: Bench) -> Iterator[Row]:
    """The table's rows: cost and p99 at each size but the first, and the officers' lists at the last."""
    sizes = [bench.size(full, tenth) for full, tenth in zip(SIZES, TENTH_OF_SIZES, strict=True)]
    reports, per_copy = bench.size(REPORTS, TENTH), min(ORIGINALS, sizes[0])
    with (
        running(bench, *SERVICES, settings=BEHIND_A_PROXY, seed=seed_cluster) as system,
        settling(system) as settled,
    ):
        originals, copied, found = send_originals(system, settled, per_copy, seed=99_999), 0, []
        for level, size in enumerate(sizes):
            bench.say(f"filling every store with {size:,} cases")
            wanted = size // per_copy
            copy_all(system, originals, copied + 1, wanted, sizes[-1] // per_copy)
            if settled.cases < (copied := wanted) * per_copy:
                raise MeasurementError(f"there are {settled.cases:,} cases, not {size:,}")
            found.append([asked(bench, system, settled, reports, 1_000 * level + number, size)
                          for number in range(bench.rounds + 1)][1:])  # fmt: skip
            yield from _rows(sizes[0], size, found[0], found[-1], reports) if level else ()
        yield lists(bench, system, sizes[-1])


def asked(bench: Bench, system: Running, settled: Settling, reports: int, seed: int, cases: int) -> tuple[float, float]:
    """Microseconds of CPU a report, and the milliseconds in which 99 of 100 have their case."""
    meter = system.meter(*SERVICES, redis=True)
    before = meter.read()
    with Looking(system.admin(CASEWORK)) as looking:
        post_at(system.url(INTAKE), posts(reports, seed), PER_SECOND, looking.told)
    settled.wait()
    cost = spent(before, meter.read()) / reports * 1e6
    p99 = Waits.of([*looking.waits.values()]).p99
    bench.say(f"with {cases:,} cases: {cost:.0f} µs CPU a report, p99 {p99:.0f} ms")
    return cost, p99


def _rows(
    fewest: int, size: int, first: Sequence[tuple[float, float]], now: Sequence[tuple[float, float]], reports: int
) -> Iterator[Row]:
    for number, (what, unit) in enumerate((("cost of a report", "µs CPU"), ("POST to opened case, p99", "ms"))):
        yield Row(
            line=11,
            what=f"{what}, {size:,} cases",
            against=f"{fewest:,} cases",
            unit=unit,
            goal=AS_BEFORE,
            ours=tuple(found[number] for found in now),
            peer=tuple(found[number] for found in first),
            note=f"{reports:,} reports a round at {PER_SECOND:g} a second",
        )


def lists(bench: Bench, system: Running, cases: int) -> Row:
    """How long officers wait for their lists: the p95 of the slowest."""
    unit, garrison, number = _busiest(system)
    folder = system.system.root / "issuer"
    officers = {
        "headquarters": issuer.token(folder, role="headquarters"),
        "garrison": issuer.token(folder, role="garrison", garrison=garrison),
        "unit": issuer.token(folder, role="coordinator", unit=unit, garrison=garrison),
    }
    waits = {}
    with httpx.Client(base_url=system.url(CASEWORK), timeout=60, trust_env=False) as client:
        for officer, token in officers.items():
            for name, query in LISTS.items():
                params = {**query, "q": number[:8]} if "q" in query else query
                headers = {"Authorization": f"Bearer {token}"}
                waits[f"{officer}: {name}"] = p95([ask(client, params, headers) for _ in range(ASKED + 1)][1:])
    slowest = max(waits, key=lambda name: waits[name])
    bench.say(", ".join(f"{name} {wait:.0f} ms" for name, wait in waits.items()))
    return Row(
        line=11,
        what=f"officers' lists, p95 of the slowest, {cases:,} cases",
        against="-",
        unit="ms",
        goal=QUICK,
        ours=(waits[slowest],),
        note=", ".join(f"{name} {wait:.0f}" for name, wait in waits.items()),
    )


def _busiest(system: Running) -> tuple[str, str, str]:
    with psycopg.connect(system.admin(CASEWORK), autocommit=True) as connection:
        row = connection.execute(
            "select unit, garrison, min(number) from cases where unit <> 'KGP'"
            " group by 1, 2 order by count(*) desc limit 1"
        ).fetchone()
    assert row is not None
    return str(row[0]), str(row[1]), str(row[2])


def ask(client: httpx.Client, params: dict[str, str], headers: dict[str, str]) -> float:
    """Milliseconds until a page of a list is there. Raises MeasurementError when it is refused."""
    began = perf_counter()
    answer = client.get("/v1/cases", params=params, headers=headers)
    if answer.status_code != 200:
        raise MeasurementError(f"casework answers {answer.status_code}: {answer.text[:200]}")
    return (perf_counter() - began) * 1e3


def p95(values: Sequence[float]) -> float:
    """What all but one in twenty keep."""
    return sorted(values)[max(0, round(len(values) * 0.95) - 1)]
